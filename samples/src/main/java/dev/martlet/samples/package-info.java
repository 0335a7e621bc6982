/** Programs that run the same code on a JDK pool and on a Martlet pool. */
@NullMarked
package dev.martlet.samples;

import org.jspecify.annotations.NullMarked;
