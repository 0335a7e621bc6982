/** Fork/join pools: which subtrees leave, and how they come back. */
@NullMarked
package dev.martlet.internal.forkjoin;

import org.jspecify.annotations.NullMarked;
