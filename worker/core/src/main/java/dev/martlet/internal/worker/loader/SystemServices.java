package dev.martlet.internal.worker.loader;

import static java.lang.invoke.MethodType.methodType;

import dev.martlet.internal.agent.Trusted;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/**
 * The services of those JDK modules that the system class loader defines. {@code ServiceLoader}
 * finds them by a catalogue that hangs on the loader, so the mirror of the client's has one too.
 */
final class SystemServices {
  private static final class Catalogue {
    static final MethodHandle PUT;

    static {
      try {
        Class<?> type = Class.forName("jdk.internal.module.ServicesCatalog");
        MethodHandles.Lookup lookup = Trusted.lookup();
        Object all = lookup.findStatic(type, "create", methodType(type)).invoke();
        MethodHandle register =
            lookup.findVirtual(type, "register", methodType(void.class, Module.class)).bindTo(all);
        for (Module m : ModuleLayer.boot().modules()) {
          if (m.getClassLoader() == ClassLoader.getSystemClassLoader()
              && !m.getDescriptor().provides().isEmpty()) {
            register.invoke(m);
          }
        }
        PUT =
            MethodHandles.insertArguments(
                lookup.findStatic(
                    type, "putServicesCatalog", methodType(void.class, ClassLoader.class, type)),
                1,
                all);
      } catch (Throwable e) {
        throw new ExceptionInInitializerError(e);
      }
    }
  }

  private SystemServices() {}

  static void warmUp() {
    MethodHandle unused = Catalogue.PUT;
  }

  /** Has them found through a mirror of the system class loader. */
  static void add(ClassLoader mirror) {
    try {
      Catalogue.PUT.invokeExact(mirror);
    } catch (Throwable e) {
      throw new IllegalStateException("this JDK keeps its services otherwise", e);
    }
  }
}
