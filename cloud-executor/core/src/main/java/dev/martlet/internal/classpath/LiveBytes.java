package dev.martlet.internal.classpath;

import dev.martlet.internal.agent.Agent;
import dev.martlet.internal.agent.Unwoven;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassWriter;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.FieldVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.MethodVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.nio.charset.StandardCharsets;
import java.security.ProtectionDomain;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/** The bytes of a class that this JVM has, whatever lies on the disk by now. */
final class LiveBytes {
  /** Files that are known to be what the JVM has. */
  private static final Map<Class<?>, Hash> FILES = Collections.synchronizedMap(new WeakHashMap<>());

  private LiveBytes() {}

  /** Returns the file if it is what the JVM has, else what the JVM has. */
  static byte[] of(Class<?> c, byte @Nullable [] file) {
    Hash hash = file == null ? Hash.NONE : Hash.of(file);
    Hash known = FILES.get(c);
    if (file != null && known != null && known.equals(hash)) {
      return file;
    }
    byte[] live = capture(c);
    if (file == null || !same(file, live)) {
      return live;
    }
    FILES.put(c, hash);
    return file;
  }

  private static byte[] capture(Class<?> c) {
    Instrumentation instrumentation = Agent.instrumentation();
    if (c.isHidden() || !instrumentation.isModifiableClass(c)) {
      throw new IllegalStateException("the JVM does not give the bytes of " + c);
    }
    Capture capture = new Capture(c);
    instrumentation.addTransformer(capture, true);
    Unwoven.begin(c);
    try {
      instrumentation.retransformClasses(c);
    } catch (UnmodifiableClassException e) {
      throw new IllegalStateException("the JVM does not give the bytes of " + c, e);
    } finally {
      Unwoven.end();
      instrumentation.removeTransformer(capture);
    }
    byte[] bytes = capture.bytes;
    if (bytes == null) {
      throw new IllegalStateException("the JVM did not give the bytes of " + c);
    }
    return bytes;
  }

  private static final class Capture implements ClassFileTransformer {
    private final Class<?> wanted;
    volatile byte @Nullable [] bytes;

    Capture(Class<?> wanted) {
      this.wanted = wanted;
    }

    @Override
    public byte @Nullable [] transform(
        @Nullable ClassLoader loader,
        String name,
        @Nullable Class<?> redefined,
        @Nullable ProtectionDomain domain,
        byte[] classFile) {
      if (redefined == wanted) {
        byte[] unwoven = Unwoven.noted();
        bytes = (unwoven == null ? classFile : unwoven).clone();
      }
      return null;
    }
  }

  /**
   * Compares without constant pools, debug information and the order of members: the JVM gives a
   * class back in a form of its own.
   */
  static boolean same(byte[] a, byte[] b) {
    return canonical(a).equals(canonical(b));
  }

  private static Set<String> canonical(byte[] classFile) {
    Set<String> parts = new TreeSet<>();
    ClassWriter head = new ClassWriter(0);
    new ClassReader(classFile)
        .accept(
            new ClassVisitor(Opcodes.ASM9, head) {
              private String name = "";

              @Override
              public void visit(
                  int version,
                  int access,
                  String className,
                  @Nullable String signature,
                  @Nullable String superName,
                  String @Nullable [] interfaces) {
                name = className;
                super.visit(version, access, className, signature, superName, interfaces);
              }

              @Override
              public FieldVisitor visitField(
                  int access,
                  String field,
                  String descriptor,
                  @Nullable String signature,
                  @Nullable Object value) {
                ClassWriter w = part();
                FieldVisitor v = w.visitField(access, field, descriptor, signature, value);
                return new FieldVisitor(Opcodes.ASM9, v) {
                  @Override
                  public void visitEnd() {
                    parts.add(text(w));
                  }
                };
              }

              @Override
              public MethodVisitor visitMethod(
                  int access,
                  String method,
                  String descriptor,
                  @Nullable String signature,
                  String @Nullable [] exceptions) {
                ClassWriter w = part();
                MethodVisitor v = w.visitMethod(access, method, descriptor, signature, exceptions);
                return new MethodVisitor(Opcodes.ASM9, v) {
                  @Override
                  public void visitEnd() {
                    super.visitEnd();
                    parts.add(text(w));
                  }
                };
              }

              @Override
              public void visitInnerClass(
                  String inner, @Nullable String outer, @Nullable String simple, int access) {
                parts.add("inner " + inner + ' ' + outer + ' ' + simple + ' ' + access);
              }

              @Override
              public void visitNestMember(String member) {
                parts.add("nest " + member);
              }

              private ClassWriter part() {
                ClassWriter w = new ClassWriter(0);
                w.visit(Opcodes.V11, 0, name, null, null, null);
                return w;
              }
            },
            ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    parts.add(text(head));
    return parts;
  }

  private static String text(ClassWriter w) {
    return new String(w.toByteArray(), StandardCharsets.ISO_8859_1);
  }
}
