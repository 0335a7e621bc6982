package dev.martlet.internal.codec;

import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.agent.Trusted;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;

/**
 * The constants of an enum by name, read from its fields: to ask the class for them would run its
 * code.
 */
final class EnumConstants {
  private static final ClassValue<Map<String, Enum<?>>> CONSTANTS =
      new ClassValue<>() {
        @Override
        protected Map<String, Enum<?>> computeValue(Class<?> type) {
          return read(type);
        }
      };

  private EnumConstants() {}

  /**
   * Returns a constant.
   *
   * @throws CodecException if there is none of that name
   */
  static Enum<?> of(Class<?> type, String name) {
    Enum<?> e = CONSTANTS.get(type).get(name);
    if (e == null) {
      throw new CodecException(type.getName() + " has no constant " + name);
    }
    return e;
  }

  private static Map<String, Enum<?>> read(Class<?> type) {
    Map<String, Enum<?>> constants = new HashMap<>();
    try {
      Class<?> unused = Trusted.lookup().in(type).ensureInitialized(type);
      for (Field f : type.getDeclaredFields()) {
        if (f.isEnumConstant()) {
          Object o = Memory.getReference(Memory.staticBase(f), Memory.staticOffset(f));
          if (o instanceof Enum<?> e) {
            constants.put(e.name(), e);
          }
        }
      }
    } catch (IllegalAccessException e) {
      throw new CodecException("cannot initialise " + type.getName(), e);
    }
    return constants;
  }
}
