/** The worker process: its main, its line, its heartbeat. */
@NullMarked
package dev.martlet.internal.worker.process;

import org.jspecify.annotations.NullMarked;
