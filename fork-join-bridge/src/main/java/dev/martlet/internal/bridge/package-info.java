/** Puts fork/join pools and their streams together. */
@NullMarked
package dev.martlet.internal.bridge;

import org.jspecify.annotations.NullMarked;
