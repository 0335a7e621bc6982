/** The client's class path as an ordered, content-addressed index, and the bytes behind it. */
@NullMarked
package dev.martlet.internal.classpath;

import org.jspecify.annotations.NullMarked;
