package dev.martlet.internal.codec;

import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/** Objects that travel by name, and fields that stay at home. Thread-safe. */
public interface Border {
  /** A border that lets everything through. */
  Border OPEN =
      new Border() {
        @Override
        public @Nullable Object replace(Object o) {
          return null;
        }

        @Override
        public Object resolve(Object token) {
          throw new CodecException("nothing travels by name here");
        }

        @Override
        public boolean staysHome(Field field) {
          return false;
        }
      };

  /** Returns what travels in place of an object, or null. Called for every object: a class test. */
  @Nullable Object replace(Object o);

  /** Returns the object for what travelled in its place. */
  Object resolve(Object token);

  /**
   * Returns whether a reference field of an application class is left out. Asked once per class.
   */
  boolean staysHome(Field field);

  /**
   * Returns whether a short string that is a literal's arrives as the same literal's, since
   * somebody may compare the two by reference.
   */
  default boolean keepsLiterals() {
    return true;
  }
}
