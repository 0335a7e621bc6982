package dev.martlet.internal.forkjoin.hook;

import dev.martlet.internal.agent.Trusted;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassWriter;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Label;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.MethodVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Spliterator;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;

/**
 * The class that woven code calls. It lies in {@code java.util.concurrent}, where the JDK and every
 * task class see it, and knows nothing of Martlet:
 *
 * <pre>
 *   public abstract class MartletHook {
 *     public static MartletHook active;    // null: no pool is open
 *     public static final Object NULL = new Object();
 *     public static Object compute(ForkJoinTask t) {
 *       MartletHook h = active;
 *       return h == null ? null : h.onCompute(t);
 *     }
 *     protected abstract Object onCompute(ForkJoinTask t);
 *     ...
 *   }
 * </pre>
 *
 * The field is not volatile: a pool's threads start after it is set, and a barrier would cost more
 * than the rest. Its one subclass, a hidden class of this package, hands on to {@link
 * Interception}. With one subclass the JIT inlines the whole way. A second Martlet in the same JVM
 * has a hook class of its own. The class cannot be removed; when the last pool is closed it holds
 * on to nothing.
 */
final class HookClass {
  static final String OBJECT = "java/lang/Object";
  static final String OBJECT_DESCRIPTOR = "L" + OBJECT + ";";
  private static final String TASK = Type.getInternalName(ForkJoinTask.class);
  static final String COMPUTE = "(L" + TASK + ";)L" + OBJECT + ";";
  static final String FORK = "(L" + TASK + ";)V";
  private static final String SOURCE = Type.getDescriptor(Spliterator.class);
  static final String TRAVERSE = "(L" + OBJECT + ";L" + OBJECT + ";" + SOURCE + ")" + SOURCE;
  private static final int MOST = 100;

  /** What computes a task where the JDK executes it. */
  static final String COMPUTING = "computing";

  /** The kinds of tasks that have a {@code compute} method. */
  static final List<Class<?>> KINDS =
      List.of(RecursiveTask.class, RecursiveAction.class, CountedCompleter.class);

  /** The internal name. */
  final String name;

  /** What stands for {@code null} as an outcome. */
  final Object none;

  private final VarHandle active;
  private final Object forwarder;

  private HookClass(Class<?> hook, Object forwarder, Object none, VarHandle active) {
    this.name = Type.getInternalName(hook);
    this.forwarder = forwarder;
    this.none = none;
    this.active = active;
  }

  /**
   * Defines the class.
   *
   * @throws IllegalStateException if this JVM does not allow that
   */
  static HookClass define() {
    try {
      MethodHandles.Lookup home = Trusted.lookup().in(ForkJoinPool.class);
      Class<?> hook = null;
      for (int i = 0; hook == null; i++) {
        String name = "java/util/concurrent/MartletHook" + (i == 0 ? "" : i);
        try {
          hook = home.defineClass(hook(name));
        } catch (LinkageError e) {
          if (i == MOST) {
            throw e;
          }
        }
      }
      MethodHandles.Lookup forwarder =
          MethodHandles.lookup().defineHiddenClass(forwarder(Type.getInternalName(hook)), true);
      VarHandle active = home.findStaticVarHandle(hook, "active", hook);
      return new HookClass(
          hook,
          forwarder.lookupClass().getDeclaredConstructor().newInstance(),
          hook.getField("NULL").get(null),
          active);
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new IllegalStateException("this JVM does not let Martlet watch fork/join tasks", e);
    }
  }

  /** Turns the hooks on. */
  void activate() {
    active.setVolatile(forwarder);
  }

  /** Turns the hooks off. */
  void deactivate() {
    active.setVolatile(null);
  }

  private static byte[] hook(String name) {
    ClassWriter w = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    String self = "L" + name + ";";
    w.visit(
        Opcodes.V11,
        Opcodes.ACC_PUBLIC | Opcodes.ACC_ABSTRACT | Opcodes.ACC_SUPER | Opcodes.ACC_SYNTHETIC,
        name,
        null,
        OBJECT,
        null);
    int shared = Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC;
    w.visitField(shared, "active", self, null, null).visitEnd();
    w.visitField(shared | Opcodes.ACC_FINAL, "NULL", "L" + OBJECT + ";", null, null).visitEnd();

    MethodVisitor m = w.visitMethod(Opcodes.ACC_STATIC, "<clinit>", "()V", null, null);
    m.visitCode();
    m.visitTypeInsn(Opcodes.NEW, OBJECT);
    m.visitInsn(Opcodes.DUP);
    m.visitMethodInsn(Opcodes.INVOKESPECIAL, OBJECT, "<init>", "()V", false);
    m.visitFieldInsn(Opcodes.PUTSTATIC, name, "NULL", "L" + OBJECT + ";");
    m.visitInsn(Opcodes.RETURN);
    m.visitMaxs(0, 0);
    m.visitEnd();

    constructor(w, Opcodes.ACC_PROTECTED, OBJECT);
    entry(w, name, "compute", COMPUTE);
    entry(w, name, "fork", FORK);
    entry(w, name, "traverse", TRAVERSE);
    for (Class<?> kind : KINDS) {
      computing(w, name, kind);
    }
    w.visitEnd();
    return w.toByteArray();
  }

  /** Writes a method that computes a task, or returns the active hook's outcome. */
  private static void computing(ClassWriter w, String name, Class<?> kind) {
    String type = Type.getInternalName(kind);
    boolean returns = kind == RecursiveTask.class;
    MethodVisitor m =
        w.visitMethod(
            Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC, COMPUTING, computing(kind), null, null);
    Label goOn = new Label();
    m.visitCode();
    m.visitVarInsn(Opcodes.ALOAD, 0);
    m.visitMethodInsn(Opcodes.INVOKESTATIC, name, "compute", COMPUTE, false);
    m.visitInsn(Opcodes.DUP);
    m.visitJumpInsn(Opcodes.IFNULL, goOn);
    if (returns) {
      Label value = new Label();
      m.visitInsn(Opcodes.DUP);
      m.visitFieldInsn(Opcodes.GETSTATIC, name, "NULL", OBJECT_DESCRIPTOR);
      m.visitJumpInsn(Opcodes.IF_ACMPNE, value);
      m.visitInsn(Opcodes.POP);
      m.visitInsn(Opcodes.ACONST_NULL);
      m.visitInsn(Opcodes.ARETURN);
      m.visitLabel(value);
      m.visitFrame(Opcodes.F_SAME1, 0, null, 1, new Object[] {OBJECT});
      m.visitInsn(Opcodes.ARETURN);
    } else {
      m.visitInsn(Opcodes.RETURN);
    }
    m.visitLabel(goOn);
    m.visitFrame(Opcodes.F_SAME1, 0, null, 1, new Object[] {OBJECT});
    m.visitInsn(Opcodes.POP);
    m.visitVarInsn(Opcodes.ALOAD, 0);
    m.visitMethodInsn(
        Opcodes.INVOKEVIRTUAL, type, "compute", returns ? "()" + OBJECT_DESCRIPTOR : "()V", false);
    m.visitInsn(returns ? Opcodes.ARETURN : Opcodes.RETURN);
    m.visitMaxs(0, 0);
    m.visitEnd();
  }

  /** Returns the descriptor of the method that computes a task of a kind. */
  static String computing(Class<?> kind) {
    return "("
        + Type.getDescriptor(kind)
        + ")"
        + (kind == RecursiveTask.class ? OBJECT_DESCRIPTOR : "V");
  }

  /** Writes a method that calls the active hook, if there is one, and the method that it calls. */
  private static void entry(ClassWriter w, String name, String method, String descriptor) {
    String handler = handler(method);
    MethodVisitor m =
        w.visitMethod(Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC, method, descriptor, null, null);
    int arguments = Type.getArgumentTypes(descriptor).length;
    int result = Type.getReturnType(descriptor).getOpcode(Opcodes.IRETURN);
    Label off = new Label();
    m.visitCode();
    m.visitFieldInsn(Opcodes.GETSTATIC, name, "active", "L" + name + ";");
    m.visitInsn(Opcodes.DUP);
    m.visitJumpInsn(Opcodes.IFNULL, off);
    for (int i = 0; i < arguments; i++) {
      m.visitVarInsn(Opcodes.ALOAD, i);
    }
    m.visitMethodInsn(Opcodes.INVOKEVIRTUAL, name, handler, descriptor, false);
    m.visitInsn(result);
    m.visitLabel(off);
    m.visitFrame(Opcodes.F_SAME1, 0, null, 1, new Object[] {name});
    m.visitInsn(Opcodes.POP);
    if (result == Opcodes.ARETURN) {
      if (method.equals("traverse")) {
        m.visitVarInsn(Opcodes.ALOAD, arguments - 1);
      } else {
        m.visitInsn(Opcodes.ACONST_NULL);
      }
    }
    m.visitInsn(result);
    m.visitMaxs(0, 0);
    m.visitEnd();
    w.visitMethod(Opcodes.ACC_PROTECTED | Opcodes.ACC_ABSTRACT, handler, descriptor, null, null)
        .visitEnd();
  }

  private static String handler(String method) {
    return "on" + Character.toUpperCase(method.charAt(0)) + method.substring(1);
  }

  private static byte[] forwarder(String hook) {
    ClassWriter w = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    w.visit(
        Opcodes.V11,
        Opcodes.ACC_FINAL | Opcodes.ACC_SUPER | Opcodes.ACC_SYNTHETIC,
        Type.getInternalName(HookClass.class).replace("HookClass", "Forwarder"),
        null,
        hook,
        null);
    constructor(w, 0, hook);
    forward(w, "compute", COMPUTE);
    forward(w, "fork", FORK);
    forward(w, "traverse", TRAVERSE);
    w.visitEnd();
    return w.toByteArray();
  }

  private static void forward(ClassWriter w, String method, String descriptor) {
    MethodVisitor m = w.visitMethod(Opcodes.ACC_PROTECTED, handler(method), descriptor, null, null);
    m.visitCode();
    int arguments = Type.getArgumentTypes(descriptor).length;
    for (int i = 1; i <= arguments; i++) {
      m.visitVarInsn(Opcodes.ALOAD, i);
    }
    m.visitMethodInsn(
        Opcodes.INVOKESTATIC, Type.getInternalName(Interception.class), method, descriptor, false);
    m.visitInsn(Type.getReturnType(descriptor).getOpcode(Opcodes.IRETURN));
    m.visitMaxs(0, 0);
    m.visitEnd();
  }

  private static void constructor(ClassWriter w, int access, String parent) {
    MethodVisitor m = w.visitMethod(access, "<init>", "()V", null, null);
    m.visitCode();
    m.visitVarInsn(Opcodes.ALOAD, 0);
    m.visitMethodInsn(Opcodes.INVOKESPECIAL, parent, "<init>", "()V", false);
    m.visitInsn(Opcodes.RETURN);
    m.visitMaxs(0, 0);
    m.visitEnd();
  }
}
