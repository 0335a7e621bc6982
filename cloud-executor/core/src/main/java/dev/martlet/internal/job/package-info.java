/** Jobs, as their clients see them: tasks that go on when the client has ended. */
@NullMarked
package dev.martlet.internal.job;

import org.jspecify.annotations.NullMarked;
