/** Parallel streams: how a leaf's elements and sinks leave, and how its outcome comes back. */
@NullMarked
package dev.martlet.internal.streams;

import org.jspecify.annotations.NullMarked;
