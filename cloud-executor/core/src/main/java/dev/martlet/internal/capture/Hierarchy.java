package dev.martlet.internal.capture;

import dev.martlet.internal.effects.JdkTable;
import java.lang.invoke.MethodType;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The classes that one {@link ClassFiles} answers for, parsed once, above those of the JDK. */
final class Hierarchy {
  /** A method where its code is. */
  record Resolved(ClassFacts owner, MethodFacts method) {
    boolean isVirtual() {
      return (method.access() & (Modifier.STATIC | Modifier.PRIVATE)) == 0
          && !method.name().startsWith("<");
    }
  }

  private static final Map<String, Set<String>> JDK_METHODS = new ConcurrentHashMap<>();

  /** Held weakly: what is known of it is kept for as long as it is reachable. */
  private final WeakReference<ClassFiles> files;

  private final Map<String, Optional<ClassFacts>> classes = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> superTypes = new ConcurrentHashMap<>();
  private final Map<String, Map<String, Resolved>> virtualMethods = new ConcurrentHashMap<>();

  Hierarchy(ClassFiles files) {
    this.files = new WeakReference<>(files);
  }

  /** Returns the facts of a class outside the JDK, or null if it has no readable class file. */
  @Nullable ClassFacts find(String name) {
    Optional<ClassFacts> known = classes.get(name);
    if (known == null) {
      known = Optional.ofNullable(read(name));
      classes.put(name, known);
    }
    return known.orElse(null);
  }

  private @Nullable ClassFacts read(String name) {
    if (name.startsWith("[") || JdkTable.isJdk(name)) {
      return null;
    }
    try {
      ClassFiles from = files.get();
      byte[] bytes = from == null ? null : from.bytes(name);
      return bytes == null ? null : ClassFacts.read(bytes);
    } catch (RuntimeException e) {
      return null;
    }
  }

  /** Returns a type and all that it extends and implements, the JDK's types too. */
  Set<String> superTypes(String name) {
    Set<String> known = superTypes.get(name);
    if (known == null) {
      Set<String> found = new LinkedHashSet<>();
      collect(name, found);
      found.add("java/lang/Object");
      known = found;
      superTypes.put(name, known);
    }
    return known;
  }

  private void collect(String name, Set<String> found) {
    if (!found.add(name)) {
      return;
    }
    ClassFacts facts = find(name);
    if (facts != null) {
      facts.superTypes().forEach(t -> collect(t, found));
      return;
    }
    Class<?> type = jdkClass(name);
    if (type != null) {
      if (type.getSuperclass() != null) {
        collect(internalName(type.getSuperclass()), found);
      }
      for (Class<?> i : type.getInterfaces()) {
        collect(internalName(i), found);
      }
    }
  }

  /** Returns the method that a call on an object of this class runs, if it is not the JDK's. */
  @Nullable Resolved resolve(String type, String key) {
    for (String c = type; c != null; ) {
      ClassFacts facts = find(c);
      if (facts == null) {
        break;
      }
      MethodFacts method = facts.methods.get(key);
      if (method != null) {
        return new Resolved(facts, method);
      }
      c = facts.superName;
    }
    Resolved found = null;
    for (String s : superTypes(type)) {
      ClassFacts facts = find(s);
      MethodFacts method = facts == null ? null : facts.methods.get(key);
      if (facts != null && method != null) {
        boolean better =
            found == null
                || (found.method.access() & Modifier.ABSTRACT) != 0
                || superTypes(s).contains(found.owner.name);
        if (better && (found == null || (method.access() & Modifier.ABSTRACT) == 0)) {
          found = new Resolved(facts, method);
        }
      }
    }
    return found;
  }

  /** Returns the class that declares a field, with the field's access, as the JVM looks it up. */
  Map.@Nullable Entry<String, Integer> field(FieldRef ref) {
    for (String s : superTypes(ref.owner())) {
      ClassFacts facts = find(s);
      Integer access = facts == null ? null : facts.fields.get(ref.name() + ':' + ref.descriptor());
      if (access != null) {
        return Map.entry(s, access);
      }
    }
    return null;
  }

  /** Returns the JDK's type that declares a method which is not found outside the JDK. */
  String jdkOwner(String owner, String key) {
    for (String s : superTypes(owner)) {
      if (find(s) == null
          && JDK_METHODS.computeIfAbsent(s, Hierarchy::declaredMethods).contains(key)) {
        return s;
      }
    }
    return superTypes(owner).stream().filter(JdkTable::isJdk).findFirst().orElse(owner);
  }

  /** Returns the virtual methods of a class that have code outside the JDK, inherited ones too. */
  Map<String, Resolved> virtualMethods(String type) {
    Map<String, Resolved> known = virtualMethods.get(type);
    if (known == null) {
      known = findVirtualMethods(type);
      virtualMethods.put(type, known);
    }
    return known;
  }

  private Map<String, Resolved> findVirtualMethods(String type) {
    Map<String, Resolved> methods = new LinkedHashMap<>();
    ClassFacts facts = find(type);
    while (facts != null) {
      for (Map.Entry<String, MethodFacts> entry : facts.methods.entrySet()) {
        Resolved method = new Resolved(facts, entry.getValue());
        if (method.isVirtual()) {
          methods.putIfAbsent(entry.getKey(), method);
        }
      }
      facts = facts.superName == null ? null : find(facts.superName);
    }
    for (String s : superTypes(type)) {
      ClassFacts above = find(s);
      if (above != null) {
        for (String key : above.methods.keySet()) {
          Resolved resolved = methods.containsKey(key) ? null : resolve(type, key);
          if (resolved != null && resolved.isVirtual()) {
            methods.put(key, resolved);
          }
        }
      }
    }
    return methods;
  }

  /** Returns the methods, by name and descriptor, that the JDK's supertypes of a type declare. */
  Set<String> jdkMethods(String type) {
    Set<String> keys = new HashSet<>();
    for (String s : superTypes(type)) {
      if (find(s) == null && !s.equals("java/lang/Object") && !s.endsWith("Closeable")) {
        keys.addAll(JDK_METHODS.computeIfAbsent(s, Hierarchy::declaredMethods));
      }
    }
    return keys;
  }

  private static Set<String> declaredMethods(String type) {
    Set<String> keys = new HashSet<>();
    Class<?> c = jdkClass(type);
    if (c != null) {
      for (Method m : c.getDeclaredMethods()) {
        if (!Modifier.isPrivate(m.getModifiers()) && !Modifier.isStatic(m.getModifiers())) {
          keys.add(
              m.getName()
                  + MethodType.methodType(m.getReturnType(), m.getParameterTypes())
                      .toMethodDescriptorString());
        }
      }
    }
    return keys;
  }

  private static @Nullable Class<?> jdkClass(String name) {
    try {
      return JdkTable.isJdk(name)
          ? Class.forName(name.replace('/', '.'), false, ClassLoader.getSystemClassLoader())
          : null;
    } catch (ClassNotFoundException | LinkageError e) {
      return null;
    }
  }

  static String internalName(Class<?> type) {
    return type.getName().replace('.', '/');
  }
}
