/** How many threads of its own Martlet has. */
@NullMarked
package dev.martlet.internal.threads;

import org.jspecify.annotations.NullMarked;
