/** What user code may touch: hooks woven into classes as they are defined. */
@NullMarked
package dev.martlet.internal.worker.weave;

import org.jspecify.annotations.NullMarked;
