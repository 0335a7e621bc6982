package dev.martlet.internal.capture;

import dev.martlet.internal.agent.Trusted;
import dev.martlet.internal.codec.CodecException;
import dev.martlet.internal.effects.JdkTable;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names for direct method handles, which a worker looks up anew. Only those of methods and
 * constructors whose code is watched there, or does nothing that would have to be: a handle of a
 * field, or of a method of the JDK's other types, would go past what watches a task.
 */
public final class Handles {
  private static final String HANDLE = "handle";
  private static final Set<Integer> KINDS =
      Set.of(
          MethodHandleInfo.REF_invokeVirtual,
          MethodHandleInfo.REF_invokeInterface,
          MethodHandleInfo.REF_invokeStatic,
          MethodHandleInfo.REF_invokeSpecial,
          MethodHandleInfo.REF_newInvokeSpecial);
  private static final Set<Class<?>> HARMLESS =
      Set.of(
          String.class,
          Math.class,
          Integer.class,
          Long.class,
          Double.class,
          Float.class,
          Character.class,
          Boolean.class);

  private Handles() {}

  /** Returns what stands for a method handle, or {@code null} if it does not travel. */
  static @Nullable Object token(Object o) {
    if (!(o instanceof MethodHandle handle)) {
      return null;
    }
    MethodHandleInfo info;
    try {
      info = Trusted.lookup().revealDirect(handle);
    } catch (IllegalArgumentException e) {
      return null; // it is made of others
    }
    Class<?> owner = info.getDeclaringClass();
    boolean jdk = JdkTable.isJdk(owner.getName().replace('.', '/'));
    if (!KINDS.contains(info.getReferenceKind()) || (jdk && !HARMLESS.contains(owner))) {
      return null;
    }
    boolean receiver =
        info.getReferenceKind() != MethodHandleInfo.REF_invokeStatic
            && info.getReferenceKind() != MethodHandleInfo.REF_newInvokeSpecial;
    Class<?> on = receiver ? handle.type().parameterType(0) : owner;
    MethodType type = info.getMethodType();
    try {
      if (!find(info.getReferenceKind(), on, info.getName(), type).type().equals(handle.type())) {
        return null;
      }
    } catch (ReflectiveOperationException e) {
      return null;
    }
    return new Object[] {
      HANDLE,
      info.getReferenceKind(),
      on,
      info.getName(),
      type.returnType(),
      type.parameterList().toArray()
    };
  }

  /** Returns the method handle that a token stands for, or {@code null} if it stands for none. */
  public static @Nullable MethodHandle of(Object token) {
    if (!(token instanceof Object[] parts)
        || parts.length != 6
        || !HANDLE.equals(parts[0])
        || !(parts[1] instanceof Integer kind)
        || !(parts[2] instanceof Class<?> on)
        || !(parts[3] instanceof String name)
        || !(parts[4] instanceof Class<?> result)
        || !(parts[5] instanceof Object[] parameters)) {
      return null;
    }
    try {
      Class<?>[] types = List.of(parameters).toArray(new Class<?>[0]);
      return find(kind, on, name, MethodType.methodType(result, types));
    } catch (ReflectiveOperationException | ArrayStoreException e) {
      throw new CodecException("no method " + name + " of " + on.getName(), e);
    }
  }

  private static MethodHandle find(int kind, Class<?> on, String name, MethodType type)
      throws ReflectiveOperationException {
    MethodHandles.Lookup lookup = Trusted.lookup();
    return switch (kind) {
      case MethodHandleInfo.REF_invokeStatic -> lookup.findStatic(on, name, type);
      case MethodHandleInfo.REF_newInvokeSpecial -> lookup.findConstructor(on, type);
      case MethodHandleInfo.REF_invokeSpecial -> lookup.findSpecial(on, name, type, on);
      default -> lookup.findVirtual(on, name, type);
    };
  }
}
