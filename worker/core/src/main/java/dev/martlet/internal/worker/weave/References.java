package dev.martlet.internal.worker.weave;

import dev.martlet.internal.codec.LambdaShape;
import dev.martlet.internal.effects.Statics;
import java.lang.invoke.MethodType;
import java.util.Objects;

/**
 * Which methods of the JDK the bridges stand for that the weaver has put in the place of method
 * references. A reference that goes home must be the one that was written.
 */
public final class References {
  /** The woven constant that lists them, a line each. */
  static final String FIELD = "$martlet$references";

  private References() {}

  /** Returns a lambda's shape as it is in the class that was not woven. */
  public static LambdaShape original(LambdaShape s) {
    if (!s.name().startsWith(WovenMembers.PREFIX)) {
      return s;
    }
    try {
      Object lines = Statics.get(WovenMembers.field(s.owner(), FIELD));
      for (String line : ((String) Objects.requireNonNull(lines)).split("\n", -1)) {
        String[] words = line.split(" ", -1);
        if (words[0].equals(s.name())
            && words[5].equals(s.implementationType().toMethodDescriptorString())) {
          ClassLoader loader = s.owner().getClassLoader();
          Class<?> owner = Class.forName(words[2].replace('/', '.'), false, loader);
          MethodType type = MethodType.fromMethodDescriptorString(words[4], loader);
          return new LambdaShape(
              s.host(),
              s.interfaces(),
              s.method(),
              s.type(),
              s.bridges(),
              s.dynamicType(),
              s.captured(),
              owner,
              words[3],
              type,
              Integer.parseInt(words[1]),
              s.serializable());
        }
      }
      throw new IllegalStateException("no reference " + s.name() + " in " + s.owner());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
