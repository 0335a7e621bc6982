/** Subtrees of fork/join tasks: what both sides have to know of how their tasks end. */
@NullMarked
package dev.martlet.internal.subtree;

import org.jspecify.annotations.NullMarked;
