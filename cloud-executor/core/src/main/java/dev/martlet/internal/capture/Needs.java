package dev.martlet.internal.capture;

import java.util.Set;

/** Which classes tasks are likely to need, as far as analysis tells. Immutable. */
public final class Needs {
  private final ClassLoader loader;
  private final Set<Class<?>> types;
  private final Set<String> classes;

  Needs(ClassLoader loader, Set<Class<?>> types, Set<String> classes) {
    this.loader = loader;
    this.types = Set.copyOf(types);
    this.classes = classes;
  }

  /** Returns the loader that the code's own classes are looked up in. */
  public ClassLoader loader() {
    return loader;
  }

  /** Returns the classes of the objects that travel; some are hidden, some arrays. */
  public Set<Class<?>> types() {
    return types;
  }

  /** Returns the internal names of the classes that the code may need, those outside the JDK. */
  public Set<String> classes() {
    return classes;
  }
}
