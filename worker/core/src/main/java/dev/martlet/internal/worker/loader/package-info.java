/** The client's classes and resources, as at home. */
@NullMarked
package dev.martlet.internal.worker.loader;

import org.jspecify.annotations.NullMarked;
