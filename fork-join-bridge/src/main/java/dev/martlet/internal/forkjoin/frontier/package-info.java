/** Decides which computations leave: what is known of them, and what follows from it. */
@NullMarked
package dev.martlet.internal.forkjoin.frontier;

import org.jspecify.annotations.NullMarked;
