/**
 * One table of what a call costs: on the JDK's own pool, over a raw socket, on Martlet and on
 * Hazelcast.
 *
 * <p>{@link dev.martlet.benchmarks.Main} is the command. It runs {@link
 * dev.martlet.benchmarks.CallBenchmark}, the steady state, under JMH in a fresh JVM for each
 * figure, and {@link dev.martlet.benchmarks.ColdProbe}, what only a new JVM can show, as a plain
 * program.
 */
@NullMarked
package dev.martlet.benchmarks;

import org.jspecify.annotations.NullMarked;
