/** Loggers that stay silent where the user has no logging. */
@NullMarked
package dev.martlet.internal.log;

import org.jspecify.annotations.NullMarked;
