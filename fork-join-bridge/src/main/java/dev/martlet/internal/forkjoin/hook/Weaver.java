package dev.martlet.internal.forkjoin.hook;

import dev.martlet.internal.agent.Unwoven;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassWriter;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Label;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.MethodVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ForkJoinTask;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Weaves calls of the hook class into the beginnings of {@code compute()}, {@code
 * ForkJoinTask.fork} and the methods that traverse a stream's source, and lets the JDK execute
 * tasks by way of the hook class. Only into classes that it was told of. What it cannot weave stays
 * as it is and is remembered as failed.
 */
final class Weaver implements ClassFileTransformer {
  static final String PIPELINE = "java/util/stream/AbstractPipeline";

  private static final String TASK = Type.getInternalName(ForkJoinTask.class);
  private static final Pattern COMPUTE = Pattern.compile("\\(\\)(V|L.*|\\[.*)");
  private static final int FIRST_WITH_FRAMES = Opcodes.V1_6;

  private final HookClass hook;
  private final Set<Class<?>> wanted =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
  private final Map<Class<?>, String> failed = Collections.synchronizedMap(new WeakHashMap<>());

  /** The names of the classes that a woven class creates. */
  private final Map<Class<?>, Set<String>> created =
      Collections.synchronizedMap(new WeakHashMap<>());

  Weaver(HookClass hook) {
    this.hook = hook;
  }

  /** Has a class woven whenever it is transformed. */
  void want(Class<?> type) {
    wanted.add(type);
  }

  /** Returns all classes that are to be woven. */
  Class<?>[] wanted() {
    synchronized (wanted) {
      return wanted.toArray(new Class<?>[0]);
    }
  }

  /** Has a class not woven any more when it is transformed. */
  void release(Class<?> type) {
    wanted.remove(type);
  }

  /** Leaves a class alone. */
  void fail(Class<?> type, Throwable cause) {
    wanted.remove(type);
    failed.put(type, cause.toString());
  }

  /** Returns why a class cannot be woven, or {@code null}. */
  @Nullable String failure(Class<?> type) {
    return failed.get(type);
  }

  /** Returns and forgets the names of the classes that a woven class creates. */
  Set<String> takeCreated(Class<?> type) {
    Set<String> names = created.remove(type);
    return names == null ? Set.of() : names;
  }

  @Override
  public byte @Nullable [] transform(
      @Nullable ClassLoader loader,
      String name,
      @Nullable Class<?> type,
      @Nullable ProtectionDomain domain,
      byte[] classFile) {
    if (type == null || !wanted.contains(type)) {
      return null;
    }
    try {
      byte[] woven = weave(type, classFile);
      Unwoven.note(type, classFile);
      return woven;
    } catch (RuntimeException | LinkageError e) {
      fail(type, e);
      return null;
    }
  }

  private byte[] weave(Class<?> type, byte[] classFile) {
    ClassReader reader = new ClassReader(classFile);
    ClassWriter writer = new ClassWriter(reader, 0);
    Set<String> names = new HashSet<>();
    Class<?> kind = HookClass.KINDS.contains(type) ? type : null;
    reader.accept(new Beginnings(writer, names, kind), 0);
    if (type.getClassLoader() != null) {
      created.put(type, names);
    }
    return writer.toByteArray();
  }

  private final class Beginnings extends ClassVisitor {
    private final Set<String> names;
    private String owner = "";
    private final @Nullable Class<?> kind;
    private boolean frames;

    Beginnings(ClassVisitor next, Set<String> names, @Nullable Class<?> kind) {
      super(Opcodes.ASM9, next);
      this.names = names;
      this.kind = kind;
    }

    @Override
    public void visit(
        int version,
        int access,
        String name,
        @Nullable String signature,
        @Nullable String superName,
        String @Nullable [] interfaces) {
      owner = name;
      frames = (version & 0xffff) >= FIRST_WITH_FRAMES;
      super.visit(version, access, name, signature, superName, interfaces);
    }

    @Override
    public MethodVisitor visitMethod(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
      if ((access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_STATIC | Opcodes.ACC_BRIDGE)) != 0) {
        return next;
      }
      if (owner.equals(PIPELINE)) {
        return name.equals("copyInto") || name.equals("copyIntoWithCancel")
            ? new Traverse(next)
            : next;
      }
      if (owner.equals(TASK)) {
        return name.equals("fork") && descriptor.equals("()L" + TASK + ";") ? new Fork(next) : next;
      }
      if (kind != null) {
        return name.equals("exec") && descriptor.equals("()Z") ? new Exec(next, kind) : next;
      }
      return name.equals("compute") && COMPUTE.matcher(descriptor).matches()
          ? new Compute(next, Type.getReturnType(descriptor), frames, names)
          : new Created(next, names);
    }
  }

  /** Notes which classes a method creates. */
  private static class Created extends MethodVisitor {
    private final Set<String> names;

    Created(MethodVisitor next, Set<String> names) {
      super(Opcodes.ASM9, next);
      this.names = names;
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
      if (opcode == Opcodes.NEW) {
        names.add(type.replace('/', '.'));
      }
      super.visitTypeInsn(opcode, type);
    }
  }

  private final class Compute extends Created {
    private final Type result;
    private final boolean frames;

    Compute(MethodVisitor next, Type result, boolean frames, Set<String> names) {
      super(next, names);
      this.result = result;
      this.frames = frames;
    }

    @Override
    public void visitCode() {
      super.visitCode();
      Label begin = new Label();
      super.visitVarInsn(Opcodes.ALOAD, 0);
      super.visitMethodInsn(
          Opcodes.INVOKESTATIC, hook.name, "compute", HookClass.COMPUTE, /* isInterface= */ false);
      super.visitInsn(Opcodes.DUP);
      super.visitJumpInsn(Opcodes.IFNULL, begin);
      if (result.getSort() == Type.VOID) {
        super.visitInsn(Opcodes.RETURN);
      } else {
        Label value = new Label();
        super.visitInsn(Opcodes.DUP);
        super.visitFieldInsn(Opcodes.GETSTATIC, hook.name, "NULL", HookClass.OBJECT_DESCRIPTOR);
        super.visitJumpInsn(Opcodes.IF_ACMPNE, value);
        super.visitInsn(Opcodes.POP);
        super.visitInsn(Opcodes.ACONST_NULL);
        super.visitInsn(Opcodes.ARETURN);
        super.visitLabel(value);
        frame();
        super.visitTypeInsn(Opcodes.CHECKCAST, result.getInternalName());
        super.visitInsn(Opcodes.ARETURN);
      }
      super.visitLabel(begin);
      frame();
      super.visitInsn(Opcodes.POP);
    }

    private void frame() {
      if (frames) {
        super.visitFrame(Opcodes.F_SAME1, 0, null, 1, new Object[] {HookClass.OBJECT});
      }
    }

    @Override
    public void visitMaxs(int maxStack, int maxLocals) {
      super.visitMaxs(Math.max(maxStack, 3), maxLocals);
    }
  }

  /** Lets the hook class compute in the JDK's place. */
  private final class Exec extends MethodVisitor {
    private final Class<?> kind;

    Exec(MethodVisitor next, Class<?> kind) {
      super(Opcodes.ASM9, next);
      this.kind = kind;
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean isInterface) {
      if (name.equals("compute") && owner.equals(Type.getInternalName(kind))) {
        super.visitMethodInsn(
            Opcodes.INVOKESTATIC,
            hook.name,
            HookClass.COMPUTING,
            HookClass.computing(kind),
            /* isInterface= */ false);
      } else {
        super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
      }
    }
  }

  private final class Fork extends MethodVisitor {
    Fork(MethodVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public void visitCode() {
      super.visitCode();
      super.visitVarInsn(Opcodes.ALOAD, 0);
      super.visitMethodInsn(
          Opcodes.INVOKESTATIC, hook.name, "fork", HookClass.FORK, /* isInterface= */ false);
    }

    @Override
    public void visitMaxs(int maxStack, int maxLocals) {
      super.visitMaxs(Math.max(maxStack, 1), maxLocals);
    }
  }

  /** The methods take a sink and a spliterator. */
  private final class Traverse extends MethodVisitor {
    Traverse(MethodVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public void visitCode() {
      super.visitCode();
      super.visitVarInsn(Opcodes.ALOAD, 0);
      super.visitVarInsn(Opcodes.ALOAD, 1);
      super.visitVarInsn(Opcodes.ALOAD, 2);
      super.visitMethodInsn(Opcodes.INVOKESTATIC, hook.name, "traverse", HookClass.TRAVERSE, false);
      super.visitVarInsn(Opcodes.ASTORE, 2);
    }

    @Override
    public void visitMaxs(int maxStack, int maxLocals) {
      super.visitMaxs(Math.max(maxStack, 3), maxLocals);
    }
  }
}
