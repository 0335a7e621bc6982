/** A call in, its outcome out. */
@NullMarked
package dev.martlet.internal.worker.host;

import org.jspecify.annotations.NullMarked;
