/** What a call changed: twins, differences, the operation log, and their commit. */
@NullMarked
package dev.martlet.internal.effects;

import org.jspecify.annotations.NullMarked;
