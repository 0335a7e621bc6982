/**
 * Ordinary Java concurrency on remote functions: swap the pool, keep the code.
 *
 * <p>{@link dev.martlet.CloudExecutors} is the entry. Unless a method says otherwise, passing
 * {@code null} throws {@link java.lang.NullPointerException}.
 */
@NullMarked
package dev.martlet;

import org.jspecify.annotations.NullMarked;
