/** A platform of functions and a store: what all clouds have in common. */
@NullMarked
package dev.martlet.internal.function;

import org.jspecify.annotations.NullMarked;
