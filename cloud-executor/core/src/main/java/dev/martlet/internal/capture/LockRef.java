package dev.martlet.internal.capture;

import org.jspecify.annotations.Nullable;

/**
 * A monitor that the code enters.
 *
 * @param type the static type of the object that is locked, or the class whose monitor it is
 * @param ofClass whether it is the monitor of the class itself
 * @param field the field from which the object was read, where that is known
 * @param fieldStatic whether that field is static
 * @param given whether the object is certainly one that the task was given
 */
public record LockRef(
    String type, boolean ofClass, @Nullable FieldRef field, boolean fieldStatic, boolean given) {
  @Override
  public String toString() {
    if (field != null) {
      return "synchronized on " + field;
    }
    return "synchronized on " + (ofClass ? "class " : "a ") + JdkCall.simpleName(type);
  }
}
