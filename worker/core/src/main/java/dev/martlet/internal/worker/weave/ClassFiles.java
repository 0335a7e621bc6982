package dev.martlet.internal.worker.weave;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.ClassNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FieldNode;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Outlines of the classes around the one that is woven, and the resolution of fields in them. */
final class ClassFiles {
  private final Function<String, byte @Nullable []> bytes;
  private final Map<String, Optional<ClassNode>> outlines = new ConcurrentHashMap<>();

  ClassFiles(Function<String, byte @Nullable []> bytes) {
    this.bytes = bytes;
  }

  /** A field and the class that declares it. */
  record Resolved(ClassNode declaring, FieldNode field) {
    boolean isVolatile() {
      return (field.access & Opcodes.ACC_VOLATILE) != 0;
    }
  }

  /** Returns a class without its code, or {@code null} if there is no such class. */
  @Nullable ClassNode outline(String name) {
    Optional<ClassNode> known = outlines.get(name);
    if (known == null) {
      known = Optional.ofNullable(read(name));
      outlines.put(name, known);
    }
    return known.orElse(null);
  }

  private @Nullable ClassNode read(String name) {
    byte[] b = bytes.apply(name);
    if (b == null) {
      return null;
    }
    ClassNode node = new ClassNode();
    new ClassReader(b)
        .accept(node, ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    return node;
  }

  /** Finds a field as the JVM does: the class, its interfaces, its superclass. */
  @Nullable Resolved resolve(String owner, String name, String descriptor) {
    ClassNode node = outline(owner);
    if (node == null) {
      return null;
    }
    for (FieldNode f : node.fields) {
      if (f.name.equals(name) && f.desc.equals(descriptor)) {
        return new Resolved(node, f);
      }
    }
    for (String i : node.interfaces) {
      Resolved r = resolve(i, name, descriptor);
      if (r != null) {
        return r;
      }
    }
    return node.superName == null ? null : resolve(node.superName, name, descriptor);
  }

  boolean isThread(String owner) {
    return isA(owner, "java/lang/Thread");
  }

  boolean isThrowable(String owner) {
    return isA(owner, "java/lang/Throwable");
  }

  boolean isForkJoinTask(String owner) {
    return isA(owner, "java/util/concurrent/ForkJoinTask");
  }

  /** Returns whether a class implements an interface. */
  boolean isA(ClassNode type, String itf) {
    if (type.interfaces.contains(itf)) {
      return true;
    }
    for (String i : type.interfaces) {
      ClassNode above = outline(i);
      if (above != null && isA(above, itf)) {
        return true;
      }
    }
    ClassNode above = type.superName == null ? null : outline(type.superName);
    return above != null && isA(above, itf);
  }

  private boolean isA(String owner, String superclass) {
    String name = owner;
    while (name != null && !name.equals("java/lang/Object")) {
      if (name.equals(superclass)) {
        return true;
      }
      ClassNode node = outline(name);
      name = node == null ? null : node.superName;
    }
    return false;
  }
}
