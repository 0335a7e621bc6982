/** What becomes of calls when things go wrong. */
@NullMarked
package dev.martlet.faults;

import org.jspecify.annotations.NullMarked;
