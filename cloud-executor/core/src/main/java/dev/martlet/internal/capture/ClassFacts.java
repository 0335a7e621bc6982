package dev.martlet.internal.capture;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.FieldVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.MethodVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What one class file says: supertypes, fields by name and descriptor, methods likewise. */
final class ClassFacts {
  final String name;
  final @Nullable String superName;
  final List<String> interfaces;
  final Map<String, Integer> fields = new LinkedHashMap<>();

  /** The methods by name and descriptor, without what their code does. */
  final Map<String, MethodFacts> methods = new LinkedHashMap<>();

  private final Map<String, MethodFacts> scanned = new ConcurrentHashMap<>();
  private final ClassReader reader;

  private ClassFacts(ClassReader reader) {
    this.reader = reader;
    name = reader.getClassName();
    superName = reader.getSuperName();
    interfaces = List.of(reader.getInterfaces());
    reader.accept(new Outline(), ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG);
  }

  /** Reads a class file, or returns null if it cannot be read. */
  static @Nullable ClassFacts read(byte[] bytes) {
    try {
      return new ClassFacts(new ClassReader(bytes));
    } catch (RuntimeException e) {
      return null;
    }
  }

  List<String> superTypes() {
    List<String> types = new ArrayList<>();
    if (superName != null) {
      types.add(superName);
    }
    types.addAll(interfaces);
    return types;
  }

  /** Returns a method of this class with what its code does, which is read when first asked for. */
  MethodFacts scan(MethodFacts method) {
    String key = method.name() + method.descriptor();
    MethodFacts facts = scanned.get(key);
    if (facts == null) {
      facts = method;
      try {
        reader.accept(new Body(key), ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        facts = scanned.getOrDefault(key, method);
      } catch (RuntimeException e) {
        facts = method.unreadable();
        scanned.put(key, facts);
      }
    }
    return facts;
  }

  /** Reads the code of one method. */
  private final class Body extends ClassVisitor {
    private final String wanted;

    Body(String wanted) {
      super(Opcodes.ASM9);
      this.wanted = wanted;
    }

    @Override
    public @Nullable MethodVisitor visitMethod(
        int access,
        String method,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      return wanted.equals(method + descriptor)
          ? new MethodScanner(name, access, method, descriptor, facts -> scanned.put(wanted, facts))
          : null;
    }
  }

  /** Reads what the class declares. */
  private final class Outline extends ClassVisitor {
    Outline() {
      super(Opcodes.ASM9);
    }

    @Override
    public @Nullable FieldVisitor visitField(
        int access,
        String field,
        String descriptor,
        @Nullable String signature,
        @Nullable Object value) {
      fields.put(field + ':' + descriptor, access);
      return null;
    }

    @Override
    public @Nullable MethodVisitor visitMethod(
        int access,
        String method,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      methods.put(method + descriptor, MethodFacts.outline(access, method, descriptor, null));
      return null;
    }
  }
}
