/** What client and worker say to each other where a cloud invokes the worker as a function. */
@NullMarked
package dev.martlet.internal.envelope;

import org.jspecify.annotations.NullMarked;
