/** The {@code ExecutorService} face: futures, wrappers, home threads, life cycle, statistics. */
@NullMarked
package dev.martlet.internal.executor;

import org.jspecify.annotations.NullMarked;
