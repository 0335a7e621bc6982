/**
 * What the JDK and task classes tell a fork/join pool while one is open: which computations begin,
 * which tasks are forked, and which leaves of parallel streams are about to run.
 */
@NullMarked
package dev.martlet.internal.forkjoin.hook;

import org.jspecify.annotations.NullMarked;
