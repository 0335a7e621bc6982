/** Calls on their way: slots, retries, leases. Knows platforms only by their interface. */
@NullMarked
package dev.martlet.internal.dispatch;

import org.jspecify.annotations.NullMarked;
