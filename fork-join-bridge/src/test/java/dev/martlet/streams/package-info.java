@NullMarked
package dev.martlet.streams;

import org.jspecify.annotations.NullMarked;
