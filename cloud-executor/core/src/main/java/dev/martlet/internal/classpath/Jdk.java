package dev.martlet.internal.classpath;

import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The classes that client and worker both have: the JDK's, some of which the system class loader
 * defines, and those of Martlet's API.
 */
public final class Jdk {
  private static final Map<String, Class<?>> PRIMITIVES = new HashMap<>();

  static {
    for (Class<?> c :
        List.of(
            int.class,
            long.class,
            boolean.class,
            double.class,
            byte.class,
            char.class,
            short.class,
            float.class,
            void.class)) {
      PRIMITIVES.put(c.getName(), c);
    }
  }

  private Jdk() {}

  /** Returns whether a class, which is not an array, is common to client and worker. */
  public static boolean contains(Class<?> c) {
    ClassLoader loader = c.getClassLoader();
    if (loader == null || loader == ClassLoader.getPlatformClassLoader()) {
      return true;
    }
    Module m = c.getModule();
    if (m.isNamed()
        && loader == ClassLoader.getSystemClassLoader()
        && SystemLoader.MODULES.contains(m.getName())) {
      return true;
    }
    return Martlet.isApi(c);
  }

  /** Returns a common class without initialising it. */
  public static Class<?> load(String name) throws ClassNotFoundException {
    Class<?> primitive = PRIMITIVES.get(name);
    if (primitive != null) {
      return primitive;
    }
    int dimensions = name.lastIndexOf('[') + 1;
    if (dimensions > 0) {
      if (!name.endsWith(";")) {
        return Class.forName(name);
      }
      Class<?> c = load(name.substring(dimensions + 1, name.length() - 1));
      for (; dimensions > 0; dimensions--) {
        c = c.arrayType();
      }
      return c;
    }
    Class<?> c = Martlet.api(name);
    if (c == null) {
      c = ofSystemLoader(name);
    }
    return c != null ? c : Class.forName(name, false, ClassLoader.getPlatformClassLoader());
  }

  /** Returns a class of the JDK that the system class loader defines, or null. */
  public static @Nullable Class<?> ofSystemLoader(String name) {
    int dot = name.lastIndexOf('.');
    if (dot < 0 || !SystemLoader.PACKAGES.contains(name.substring(0, dot))) {
      return null;
    }
    try {
      return Class.forName(name, false, ClassLoader.getSystemClassLoader());
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  private static final class SystemLoader {
    static final Set<String> MODULES = new HashSet<>();
    static final Set<String> PACKAGES = new HashSet<>();

    static {
      for (ResolvedModule r : ModuleLayer.boot().configuration().modules()) {
        Module m = ModuleLayer.boot().findModule(r.name()).orElseThrow();
        if (m.getClassLoader() == ClassLoader.getSystemClassLoader()
            && isOfRuntime(r.reference())) {
          MODULES.add(m.getName());
          PACKAGES.addAll(m.getPackages());
        }
      }
    }

    /**
     * The run-time image is not listed for those that say they are in it, since that takes long.
     */
    private static boolean isOfRuntime(ModuleReference module) {
      return module.location().map(URI::getScheme).filter("jrt"::equals).isPresent()
          || ModuleFinder.ofSystem().find(module.descriptor().name()).isPresent();
    }
  }
}
