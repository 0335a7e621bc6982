package dev.martlet.internal.codec;

import org.jspecify.annotations.Nullable;

/**
 * The values that thread-locals have for the thread that a graph's task runs on, or that stands for
 * it here. A thread-local travels together with its value.
 */
public interface Locals {
  /** Those of a thread that has not used any yet. */
  Locals NONE =
      new Locals() {
        @Override
        public boolean isSet(ThreadLocal<?> local) {
          return false;
        }

        @Override
        public @Nullable Object get(ThreadLocal<?> local) {
          return null;
        }

        @Override
        public void set(ThreadLocal<?> local, @Nullable Object value) {
          throw new UnsupportedOperationException();
        }

        @Override
        public void remove(ThreadLocal<?> local) {
          throw new UnsupportedOperationException();
        }
      };

  /** Returns whether a thread-local has a value. */
  boolean isSet(ThreadLocal<?> local);

  /** Returns the value of a thread-local, null if it has none. */
  @Nullable Object get(ThreadLocal<?> local);

  /** Gives a thread-local a value. */
  void set(ThreadLocal<?> local, @Nullable Object value);

  /** Leaves a thread-local without a value, so that the next use makes the initial one. */
  void remove(ThreadLocal<?> local);
}
