/** Extension points: where functions run and how pools are made. */
@NullMarked
package dev.martlet.spi;

import org.jspecify.annotations.NullMarked;
