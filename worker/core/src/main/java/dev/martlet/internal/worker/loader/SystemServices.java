package dev.martlet.internal.worker.loader;

import static java.lang.invoke.MethodType.methodType;

import dev.martlet.internal.agent.Trusted;
import java.lang.invoke.MethodHandle;

/**
 * The services of those JDK modules that the system class loader defines. {@code ServiceLoader}
 * finds them by the layers that are bound to a loader, so the JDK's is bound to the mirror of the
 * client's system class loader, too.
 */
final class SystemServices {
  private static final class Layers {
    static final MethodHandle BIND;

    static {
      try {
        BIND =
            Trusted.lookup()
                .findVirtual(
                    ModuleLayer.class, "bindToLoader", methodType(void.class, ClassLoader.class));
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }
  }

  private SystemServices() {}

  static void warmUp() {
    MethodHandle unused = Layers.BIND;
  }

  /** Has them found through a mirror of the system class loader. */
  static void add(ClassLoader mirror) {
    try {
      Layers.BIND.invokeExact(ModuleLayer.boot(), mirror);
    } catch (Throwable e) {
      throw new IllegalStateException("this JDK keeps its services otherwise", e);
    }
  }
}
