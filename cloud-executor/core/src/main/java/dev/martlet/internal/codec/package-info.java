/** Object graphs to bytes and back, with one identity table per call. */
@NullMarked
package dev.martlet.internal.codec;

import org.jspecify.annotations.NullMarked;
