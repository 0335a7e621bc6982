/** The local platform: worker processes and the lines to them. */
@NullMarked
package dev.martlet.internal.local;

import org.jspecify.annotations.NullMarked;
