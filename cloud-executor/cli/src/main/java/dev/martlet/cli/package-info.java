/** The command {@code martlet}. */
@NullMarked
package dev.martlet.cli;

import org.jspecify.annotations.NullMarked;
