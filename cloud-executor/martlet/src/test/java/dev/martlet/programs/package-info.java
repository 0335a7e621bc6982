/**
 * Ordinary programs, as people write them for the JDK's pools, and the tests that run each of them
 * on a JDK pool and on a Martlet pool and compare what comes of it.
 *
 * <p>A program is a static method {@code Object run(ExecutorService pool)} with {@link
 * dev.martlet.programs.Runs}. Its outcome does not depend on timing: what it returns or throws is
 * the whole of what is compared, so it returns the shared objects too.
 */
package dev.martlet.programs;
