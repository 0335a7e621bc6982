/** The entry of {@code -javaagent}. */
@NullMarked
package dev.martlet.internal.premain;

import org.jspecify.annotations.NullMarked;
