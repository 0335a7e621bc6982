/** Leaves of parallel streams: what of one travels, and how it runs there. */
@NullMarked
package dev.martlet.internal.leaf;

import org.jspecify.annotations.NullMarked;
