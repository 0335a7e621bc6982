/** Instrumentation and trusted access to the JDK. */
@NullMarked
package dev.martlet.internal.agent;

import org.jspecify.annotations.NullMarked;
