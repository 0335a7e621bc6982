package dev.martlet.internal.codec;

import org.jspecify.annotations.Nullable;

/** A key that is the same object, or the same value of those JDK classes that have no identity. */
record Same(@Nullable Object key) {
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Same s
        && (s.key == key || (key != null && isValue(key) && key.equals(s.key)));
  }

  @Override
  public int hashCode() {
    return key != null && isValue(key) ? key.hashCode() : System.identityHashCode(key);
  }

  private static boolean isValue(Object o) {
    return o instanceof String
        || o instanceof Integer
        || o instanceof Long
        || o instanceof Double
        || o instanceof Float
        || o instanceof Short
        || o instanceof Byte
        || o instanceof Character
        || o instanceof Boolean;
  }
}
