/** Lambda's rules, its REST API and its Runtime API, and the processes behind them. */
@NullMarked
package dev.martlet.internal.testkit;

import org.jspecify.annotations.NullMarked;
