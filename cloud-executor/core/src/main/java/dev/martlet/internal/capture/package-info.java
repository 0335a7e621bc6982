/** A task's plan, once per call site: its lambda, what its code reads, what stays home. */
@NullMarked
package dev.martlet.internal.capture;

import org.jspecify.annotations.NullMarked;
