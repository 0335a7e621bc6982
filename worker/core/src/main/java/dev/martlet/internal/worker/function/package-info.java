/** The worker as a cloud's function: an invocation in, its answer out. */
@NullMarked
package dev.martlet.internal.worker.function;

import org.jspecify.annotations.NullMarked;
