/** Settings from builder, system properties, environment and file. */
@NullMarked
package dev.martlet.internal.config;

import org.jspecify.annotations.NullMarked;
