package dev.martlet.internal.worker.weave;

import static dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes.*;

import dev.martlet.internal.codec.Bridges;
import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassWriter;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Handle;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.AbstractInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.ClassNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FieldInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FieldNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FrameNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnList;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.IntInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InvokeDynamicInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.JumpInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LabelNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LdcInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LineNumberNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.TryCatchBlockNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.TypeInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.VarInsnNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Weaves calls of {@link Hooks} into user code, which makes the worker the judge of what a task
 * does with objects that it shares.
 *
 * <p>What is woven, and why:
 *
 * <ul>
 *   <li>monitors, volatile fields and methods of the JDK's synchronising types, since by them a
 *       task learns of others;
 *   <li>static fields of application classes, since their values come from home: a read first makes
 *       sure that the field is present. Their initialisers run at home, not here;
 *   <li>reads of reference fields of application objects that give null, since a field that stayed
 *       at home looks like that;
 *   <li>what touches the world outside, starts threads, or ends the JVM;
 *   <li>the JVM's common pool, in whose place the realm's is used.
 * </ul>
 *
 * <p>No branch is added to a user's method: an instruction is replaced by a call of a small static
 * bridge in the same class, which has the same access rights and which the JIT inlines. So frames
 * stay as they were.
 */
public final class Weaver {
  private static final String HOOKS = Type.getInternalName(Hooks.class);
  private static final String OBJECT = "java/lang/Object";
  private static final String PREFIX = WovenMembers.PREFIX;
  private static final String FACTORY = "java/lang/invoke/LambdaMetafactory";

  private static final String FUTURE = "java/util/concurrent/CompletableFuture";
  private static final String EXECUTOR = "Ljava/util/concurrent/Executor;";
  private static final String FORK_JOIN_TASK = "Ljava/util/concurrent/ForkJoinTask;";
  private static final String LOADER = "Ljava/lang/ClassLoader;";
  private static final String NULL_POINTER = "java/lang/NullPointerException";
  private static final String TRACE = "[Ljava/lang/StackTraceElement;";
  private static final String SLF4J = "org/slf4j/";

  // Who makes loggers, and of what type.
  private static final Map<String, String> LOGGERS =
      Map.of(
          "org/slf4j/LoggerFactory", "org/slf4j/Logger",
          "java/util/logging/Logger", "java/util/logging/Logger");
  private static final Set<String> HOME_ONLY =
      Set.of(
          "java/lang/System.setProperty",
          "java/lang/System.clearProperty",
          "java/lang/System.setProperties",
          "java/lang/System.setOut",
          "java/lang/System.setErr",
          "java/lang/System.setIn",
          "java/lang/System.console",
          "java/lang/System.setSecurityManager",
          "java/util/Locale.setDefault",
          "java/util/TimeZone.setDefault",
          "java/lang/Runtime.addShutdownHook",
          "java/lang/Thread.setDefaultUncaughtExceptionHandler");
  // It hands work to the JVM's common pool.
  private static final String PUBLISHER = "java/util/concurrent/SubmissionPublisher";
  private static final Set<String> FIELD_HANDLES =
      Set.of(
          "findGetter",
          "findSetter",
          "findVarHandle",
          "findStaticGetter",
          "findStaticSetter",
          "findStaticVarHandle",
          "unreflectGetter",
          "unreflectSetter",
          "unreflectVarHandle");
  private static final Set<String> FIELD_ACCESS =
      Set.of(
          "java/lang/invoke/VarHandle",
          "sun/misc/Unsafe",
          "java/util/concurrent/atomic/AtomicIntegerFieldUpdater",
          "java/util/concurrent/atomic/AtomicLongFieldUpdater",
          "java/util/concurrent/atomic/AtomicReferenceFieldUpdater");
  private static final Set<String> PAUSES =
      Set.of(
          "java/lang/Thread.sleep",
          "java/lang/Thread.interrupted",
          "java/lang/Thread.isInterrupted",
          "java/lang/Thread.join",
          "java/lang/Thread.onSpinWait",
          "java/lang/Thread.yield",
          "java/util/concurrent/locks/LockSupport.park",
          "java/util/concurrent/locks/LockSupport.parkNanos",
          "java/util/concurrent/locks/LockSupport.parkUntil",
          "java/util/concurrent/TimeUnit.sleep");

  private final ClassNode node;
  private final boolean application;
  private final ClassFiles files;
  private final Predicate<String> isApplication;
  private final Map<String, String> bridges = new HashMap<>();
  private final List<String> references = new ArrayList<>();
  private final boolean isInterface;
  private int methods;

  private Weaver(
      ClassNode node, boolean application, ClassFiles files, Predicate<String> isApplication) {
    this.node = node;
    this.application = application;
    this.files = files;
    this.isApplication = isApplication;
    this.isInterface = (node.access & ACC_INTERFACE) != 0;
  }

  /** Weaves a class for nobody, so that what weaves is loaded and linked. */
  public static void warmUp() {
    try (InputStream in = Frames.class.getResourceAsStream("Frames.class")) {
      if (in != null) {
        byte[] unused = weave(in.readAllBytes(), true, name -> null, name -> false);
      }
    } catch (IOException | RuntimeException | LinkageError e) {
      // The first class to be woven will tell.
    }
  }

  /**
   * Weaves a class.
   *
   * @param classFile the class file as the client has it
   * @param application whether it is an application class
   * @param classFiles class files by internal name, or {@code null} where there is none
   * @param isApplication whether a class, by internal name, is an application class
   */
  public static byte[] weave(
      byte[] classFile,
      boolean application,
      Function<String, byte @Nullable []> classFiles,
      Predicate<String> isApplication) {
    ClassReader reader = new ClassReader(classFile);
    ClassNode node = new ClassNode();
    reader.accept(node, 0);
    new Weaver(node, application, new ClassFiles(classFiles), isApplication).weave();
    old(node);
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    node.accept(writer);
    return writer.toByteArray();
  }

  /** Class constants need version 49, and there are no frames before version 50. */
  private static void old(ClassNode node) {
    int major = node.version & 0xFFFF;
    if (major >= V1_6) {
      return;
    }
    node.version = V1_5;
    for (MethodNode m : node.methods) {
      for (AbstractInsnNode i : m.instructions.toArray()) {
        if (i instanceof FrameNode) {
          m.instructions.remove(i);
        }
      }
    }
  }

  private void weave() {
    List<MethodNode> methods = List.copyOf(node.methods);
    int version = node.version & 0xFFFF;
    // Interfaces could not have methods then, so nor bridges.
    boolean bare = isInterface && version < V1_8;
    for (MethodNode m : methods) {
      if (m.instructions.size() > 0 && !bare && !(application && m.name.equals("<clinit>"))) {
        weave(m);
      }
    }
    if (application) {
      weaveStatics();
      weaveToString();
    }
    if (!references.isEmpty()) {
      node.fields.add(
          new FieldNode(
              ACC_PUBLIC | ACC_STATIC | ACC_FINAL | ACC_SYNTHETIC,
              References.FIELD,
              "Ljava/lang/String;",
              null,
              String.join("\n", references)));
    }
    if (version < V1_6) {
      // Without frames there is the old verifier; class constants came with 1.5.
      node.version = V1_5;
      node.methods.forEach(Weaver::removeFrames);
    }
  }

  private static void removeFrames(MethodNode m) {
    for (AbstractInsnNode i = m.instructions.getFirst(); i != null; ) {
      AbstractInsnNode next = i.getNext();
      if (i instanceof FrameNode) {
        m.instructions.remove(i);
      }
      i = next;
    }
  }

  /** Has an object's default description, which is its identity, checked like an identity hash. */
  private void weaveToString() {
    if (!OBJECT.equals(node.superName)
        || isInterface
        || node.methods.stream()
            .anyMatch(m -> m.name.equals("toString") && m.desc.equals("()Ljava/lang/String;"))) {
      return;
    }
    MethodNode m =
        new MethodNode(ACC_PUBLIC | ACC_SYNTHETIC, "toString", "()Ljava/lang/String;", null, null);
    m.instructions.add(new VarInsnNode(ALOAD, 0));
    m.instructions.add(hook("identity", "(Ljava/lang/Object;)I"));
    m.instructions.add(new InsnNode(POP));
    m.instructions.add(new VarInsnNode(ALOAD, 0));
    m.instructions.add(
        new MethodInsnNode(INVOKESPECIAL, OBJECT, "toString", "()Ljava/lang/String;"));
    m.instructions.add(new InsnNode(ARETURN));
    node.methods.add(m);
  }

  // ---- static state ----

  private void weaveStatics() {
    StaticFields statics = StaticFields.of(node);
    keepSerialVersion(statics);
    MethodNode initialiser = null;
    for (MethodNode m : node.methods) {
      if (m.name.equals("<clinit>")) {
        initialiser = m;
      }
    }
    if (statics.initialisedHere) {
      if (initialiser != null) {
        weave(initialiser);
      }
    } else if (initialiser != null) {
      node.methods.remove(initialiser);
      boolean trivial = onlyAssertions(initialiser);
      initialiser = null;
      if (!trivial || assertions()) {
        initialiser = newInitialiser(trivial);
      }
    }
    if (!statics.names.isEmpty()) {
      for (FieldNode f : node.fields) {
        if ((f.access & ACC_STATIC) != 0
            && !isInterface
            && statics.names.contains(f.name)
            && !StaticFields.isEnumOwn(node, f)) {
          f.access &= ~ACC_FINAL;
        }
      }
      node.fields.add(
          new FieldNode(
              ACC_PUBLIC | ACC_STATIC | ACC_FINAL | ACC_SYNTHETIC,
              StaticFields.PRESENT,
              "[J",
              null,
              null));
      node.fields.add(
          new FieldNode(
              ACC_PUBLIC | ACC_STATIC | ACC_FINAL | ACC_SYNTHETIC,
              StaticFields.NAMES,
              "Ljava/lang/String;",
              null,
              String.join(",", statics.names)));
      if (initialiser == null) {
        initialiser = emptyInitialiser();
      }
      InsnList prologue = new InsnList();
      if (isInterface) {
        node.fields.add(
            new FieldNode(
                ACC_PUBLIC | ACC_STATIC | ACC_FINAL | ACC_SYNTHETIC,
                StaticFields.VALUES,
                "[Ljava/lang/Object;",
                null,
                null));
        prologue.add(new LdcInsnNode(statics.names.size()));
        prologue.add(new TypeInsnNode(ANEWARRAY, OBJECT));
        prologue.add(
            new FieldInsnNode(PUTSTATIC, node.name, StaticFields.VALUES, "[Ljava/lang/Object;"));
      }
      prologue.add(new LdcInsnNode((statics.names.size() + 63) / 64));
      prologue.add(new IntInsnNode(NEWARRAY, T_LONG));
      prologue.add(new FieldInsnNode(PUTSTATIC, node.name, StaticFields.PRESENT, "[J"));
      initialiser.instructions.insert(prologue);
    }
  }

  /** Declares the serial version that a class has at home, where the one by default changes. */
  private void keepSerialVersion(StaticFields statics) {
    boolean initialiser = node.methods.stream().anyMatch(m -> m.name.equals("<clinit>"));
    boolean visible =
        node.fields.stream()
            .anyMatch(f -> statics.names.contains(f.name) && (f.access & ACC_PRIVATE) == 0);
    boolean changes =
        visible || (initialiser ? !statics.initialisedHere : !statics.names.isEmpty());
    if (changes
        && !isInterface
        && (node.access & (ACC_ENUM | ACC_RECORD)) == 0
        && !SerialVersion.isDeclared(node)
        && files.isA(node, "java/io/Serializable")) {
      node.fields.add(
          new FieldNode(
              ACC_PRIVATE | ACC_STATIC | ACC_FINAL | ACC_SYNTHETIC,
              SerialVersion.FIELD,
              "J",
              null,
              SerialVersion.ofDefault(node)));
    }
  }

  private boolean assertions() {
    return node.fields.stream().anyMatch(f -> f.name.equals("$assertionsDisabled"));
  }

  private boolean onlyAssertions(MethodNode m) {
    for (AbstractInsnNode i = m.instructions.getFirst(); i != null; i = i.getNext()) {
      if ((i instanceof FieldInsnNode f && !f.name.equals("$assertionsDisabled"))
          || (i instanceof MethodInsnNode c && !c.name.equals("desiredAssertionStatus"))
          || i instanceof InvokeDynamicInsnNode) {
        return false;
      }
    }
    return true;
  }

  private MethodNode emptyInitialiser() {
    MethodNode m = new MethodNode(ACC_STATIC, "<clinit>", "()V", null, null);
    m.instructions.add(new InsnNode(RETURN));
    node.methods.add(m);
    return m;
  }

  private MethodNode newInitialiser(boolean trivial) {
    MethodNode m = emptyInitialiser();
    InsnList code = new InsnList();
    if (assertions()) {
      // desiredAssertionStatus ^ 1, without a branch
      code.add(new LdcInsnNode(Type.getObjectType(outermost())));
      code.add(
          new MethodInsnNode(INVOKEVIRTUAL, "java/lang/Class", "desiredAssertionStatus", "()Z"));
      code.add(new InsnNode(ICONST_1));
      code.add(new InsnNode(IXOR));
      code.add(new FieldInsnNode(PUTSTATIC, node.name, "$assertionsDisabled", "Z"));
    }
    if (!trivial) {
      code.add(new LdcInsnNode(Type.getObjectType(node.name)));
      code.add(hook("initialise", "(Ljava/lang/Class;)V"));
    }
    m.instructions.insert(code);
    return m;
  }

  private String outermost() {
    int dollar = node.name.indexOf('$');
    return dollar > 0 && files.outline(node.name.substring(0, dollar)) != null
        ? node.name.substring(0, dollar)
        : node.name;
  }

  // ---- instructions ----

  private void weave(MethodNode m) {
    // The compiler's array of an enum's constants is made while they are.
    boolean initialiser = m.name.equals("<clinit>") || m.name.equals("$values");
    for (AbstractInsnNode i = m.instructions.getFirst(); i != null; ) {
      AbstractInsnNode next = i.getNext();
      if (i.getOpcode() == MONITORENTER) {
        m.instructions.insertBefore(i, new InsnNode(DUP));
        m.instructions.insertBefore(i, hook("monitor", "(Ljava/lang/Object;)V"));
      } else if (i instanceof FieldInsnNode f) {
        weaveField(m, f, initialiser);
      } else if (i instanceof MethodInsnNode c) {
        weaveCall(m, c);
      } else if (i instanceof InvokeDynamicInsnNode d) {
        weaveLambda(d);
      }
      if (i instanceof MethodInsnNode c) {
        weaveStart(m, c, next);
      }
      i = next;
    }
    if ((m.access & ACC_SYNCHRONIZED) != 0) {
      InsnList code = new InsnList();
      if ((m.access & ACC_STATIC) == 0) {
        code.add(new VarInsnNode(ALOAD, 0));
        code.add(hook("monitor", "(Ljava/lang/Object;)V"));
        m.instructions.insert(code);
      } else if (application) {
        code.add(new LdcInsnNode(Type.getObjectType(node.name)));
        code.add(hook("classMonitor", "(Ljava/lang/Class;)V"));
        m.instructions.insert(code);
      }
    }
  }

  private void weaveField(MethodNode m, FieldInsnNode f, boolean initialiser) {
    if (f.getOpcode() == GETSTATIC && f.owner.equals("java/lang/System") && f.name.equals("in")) {
      before(m, f, "homeOnly", "reads System.in");
      return;
    }
    if (JdkTable.isJdk(f.owner)) {
      return;
    }
    ClassFiles.Resolved r = files.resolve(f.owner, f.name, f.desc);
    if (r == null) {
      return;
    }
    boolean appField = isApplication.test(r.declaring().name);
    switch (f.getOpcode()) {
      case GETSTATIC, PUTSTATIC -> {
        if (appField) {
          weaveStatic(m, f, r, initialiser);
        }
      }
      case GETFIELD -> {
        if (r.isVolatile()) {
          m.instructions.insertBefore(f, new InsnNode(DUP));
          m.instructions.insertBefore(f, new LdcInsnNode(dotted(r)));
          m.instructions.insertBefore(
              f, hook("volatileRead", "(Ljava/lang/Object;Ljava/lang/String;)V"));
        } else if (appField && f.desc.length() > 1) {
          m.instructions.insertBefore(f, new InsnNode(DUP));
          InsnList check = new InsnList();
          check.add(new InsnNode(DUP_X1));
          check.add(nullBridge(f, r));
          m.instructions.insert(f, check);
        }
      }
      default -> {
        // A constructor writes its own fields, maybe before the object may be passed on.
        if (r.isVolatile() && !(m.name.equals("<init>") && f.owner.equals(node.name))) {
          replace(m, f, volatileBridge(f, r));
        }
      }
    }
  }

  private void weaveStatic(
      MethodNode m, FieldInsnNode f, ClassFiles.Resolved r, boolean initialiser) {
    if (r.isVolatile()) {
      before(m, f, "homeOnly", "touches the volatile static field " + dotted(r));
      return;
    }
    if (initialiser && r.declaring().name.equals(node.name)) {
      return;
    }
    int index = StaticFields.of(r.declaring()).names.indexOf(f.name);
    if (index >= 0) {
      replace(
          m,
          f,
          staticBridge(f, r.declaring().name, index, (r.declaring().access & ACC_INTERFACE) != 0));
    }
  }

  private void weaveCall(MethodNode m, MethodInsnNode c) {
    if (JdkTable.isStopCheck(c.owner, c.name)) {
      m.instructions.remove(c);
      return;
    }
    String key = c.owner + "." + c.name;
    if (c.name.equals("start") && c.desc.equals("()V") && files.isThread(c.owner)) {
      m.instructions.insertBefore(c, new InsnNode(DUP));
      m.instructions.insertBefore(c, hook("startThread", "(Ljava/lang/Thread;)V"));
      return;
    }
    if (c.name.equals("fork") && !JdkTable.isJdk(c.owner) && files.isForkJoinTask(c.owner)) {
      replace(m, c, fork());
      return;
    }
    if (isTrace(c) && files.isThrowable(c.owner)) {
      boolean writer = c.desc.startsWith("(L");
      m.instructions.insertBefore(c, new InsnNode(writer ? DUP2 : DUP));
      if (writer) {
        m.instructions.insertBefore(c, new InsnNode(POP));
      }
      m.instructions.insertBefore(c, hook("clean", "(Ljava/lang/Throwable;)V"));
      return;
    }
    if (c.name.equals("getLogger") && LOGGERS.containsKey(c.owner)) {
      weaveLogger(m, c, LOGGERS.get(c.owner));
      return;
    }
    if (c.name.equals("clone")
        && c.desc.equals("()Ljava/lang/Object;")
        && !c.owner.startsWith("[")
        && (c.getOpcode() == INVOKESPECIAL || JdkTable.isJdk(c.owner))) {
      m.instructions.insertBefore(c, new InsnNode(DUP));
      m.instructions.insertBefore(c, hook("clones", "(Ljava/lang/Object;)V"));
      return;
    }
    if (!JdkTable.isJdk(c.owner)) {
      return;
    }
    if (c.owner.equals(PUBLISHER) && c.name.equals("<init>")) {
      before(m, c, "homeOnly", "makes a " + dotted(c.owner));
    } else if (application
        && c.owner.equals("java/lang/invoke/MethodHandles$Lookup")
        && FIELD_HANDLES.contains(c.name)) {
      before(m, c, "homeOnly", "makes a handle of a field");
    } else if (key.equals("java/lang/ClassLoader.getSystemClassLoader")) {
      replace(m, c, hook("systemLoader", "()Ljava/lang/ClassLoader;"));
    } else if (key.equals("java/util/concurrent/ForkJoinPool.commonPool")) {
      replace(m, c, hook("commonPool", "()Ljava/util/concurrent/ForkJoinPool;"));
    } else if (key.equals("java/lang/StackWalker.walk")) {
      replace(
          m,
          c,
          hook("walk", "(Ljava/lang/StackWalker;Ljava/util/function/Function;)Ljava/lang/Object;"));
    } else if (key.equals("java/lang/StackWalker.forEach")) {
      replace(m, c, hook("forEach", "(Ljava/lang/StackWalker;Ljava/util/function/Consumer;)V"));
    } else if (key.equals("java/lang/System.identityHashCode")) {
      replace(m, c, hook("identity", "(Ljava/lang/Object;)I"));
    } else if (key.equals("java/lang/System.getProperties")) {
      m.instructions.insertBefore(c, hook("properties", "()V"));
    } else if (HOME_ONLY.contains(key)) {
      before(m, c, "homeOnly", "calls " + dotted(key));
    } else if (key.equals("java/lang/System.exit")
        || key.equals("java/lang/Runtime.exit")
        || key.equals("java/lang/Runtime.halt")) {
      m.instructions.insertBefore(c, new InsnNode(DUP));
      m.instructions.insertBefore(c, hook("exit", "(I)V"));
    } else if (PAUSES.contains(key)) {
      m.instructions.insertBefore(c, hook("pause", "()V"));
    } else if (JdkTable.external(c.owner, c.name, c.desc)) {
      before(m, c, "external", dotted(key));
    } else if (c.name.equals("<init>")) {
      Type[] parameters = Type.getArgumentTypes(c.desc);
      int last = parameters.length - 1;
      if (last >= 0
          && parameters[last].getSort() == Type.OBJECT
          && JdkTable.readsArgument(c.owner, c.name, c.desc, last)) {
        m.instructions.insertBefore(c, new InsnNode(DUP));
        m.instructions.insertBefore(c, hook("reads", "(Ljava/lang/Object;)V"));
      }
    } else if (c.getOpcode() != INVOKESPECIAL && !c.owner.startsWith("[")) {
      weaveJdkCall(m, c);
    }
  }

  /** A logger that is asked for passes on to the client's, as those that travel do. */
  private void weaveLogger(MethodNode m, MethodInsnNode c, String type) {
    boolean slf4j = c.owner.startsWith(SLF4J);
    if (Type.getArgumentTypes(c.desc).length != 1 || (slf4j && node.name.startsWith(SLF4J))) {
      return;
    }
    m.instructions.insertBefore(c, new InsnNode(slf4j ? ICONST_1 : ICONST_0));
    m.instructions.insertBefore(c, new LdcInsnNode(Type.getObjectType(node.name)));
    m.instructions.insertBefore(
        c, hook("logger", "(Ljava/lang/Object;ZLjava/lang/Class;)Ljava/lang/Object;"));
    replace(m, c, new TypeInsnNode(CHECKCAST, type));
  }

  /** Has what a call has started known, or what it returns replaced. */
  private void weaveStart(MethodNode m, MethodInsnNode c, AbstractInsnNode next) {
    if (!JdkTable.isJdk(c.owner)) {
      return;
    }
    String result = Type.getReturnType(c.desc).getDescriptor();
    if (c.name.equals("defaultExecutor") || c.name.equals("delayedExecutor")) {
      if (c.owner.equals(FUTURE)) {
        String hook = c.name.equals("defaultExecutor") ? "executor" : "delayed";
        m.instructions.insertBefore(next, hook(hook, "(" + EXECUTOR + ")" + EXECUTOR));
      }
    } else if (c.name.equals("getContextClassLoader") && c.owner.equals("java/lang/Thread")) {
      m.instructions.insertBefore(next, hook("contextLoader", "(" + LOADER + ")" + LOADER));
    } else if (c.name.equals("getStackTrace") && c.owner.equals("java/lang/Thread")) {
      m.instructions.insertBefore(next, hook("clean", "(" + TRACE + ")" + TRACE));
    } else if (JdkTable.leavesRunning(c.owner, c.name, c.desc) && result.length() > 1) {
      m.instructions.insertBefore(next, new InsnNode(DUP));
      m.instructions.insertBefore(next, hook("started", "(Ljava/lang/Object;)V"));
    }
  }

  /** Whether a call, of an exception, looks at its stack trace. */
  private static boolean isTrace(MethodInsnNode c) {
    return c.getOpcode() == INVOKEVIRTUAL
        && (c.name.equals("getStackTrace")
            ? c.desc.equals("()" + TRACE)
            : c.name.equals("printStackTrace")
                && (c.desc.equals("()V") || c.desc.startsWith("(Ljava/io/Print")));
  }

  /** Whether a call leaves it to a future what runs its action. */
  private static boolean needsExecutor(String owner, String name, String descriptor) {
    return (owner.equals(FUTURE) || owner.equals("java/util/concurrent/CompletionStage"))
        && (name.endsWith("Async") || name.equals("delayedExecutor"))
        && !descriptor.contains(EXECUTOR + ")");
  }

  private static String withExecutor(String descriptor) {
    return descriptor.replace(")", EXECUTOR + ")");
  }

  private static MethodInsnNode fork() {
    return hook("fork", "(" + FORK_JOIN_TASK + ")" + FORK_JOIN_TASK);
  }

  private void weaveJdkCall(MethodNode m, MethodInsnNode c) {
    if (c.getOpcode() == INVOKESTATIC) {
      if (needsExecutor(c.owner, c.name, c.desc)) {
        m.instructions.insertBefore(c, new InsnNode(ACONST_NULL));
        m.instructions.insertBefore(c, hook("executorOf", "(Ljava/lang/Object;)" + EXECUTOR));
        c.desc = withExecutor(c.desc);
        return;
      }
      if (c.owner.equals("java/util/ServiceLoader")
          && c.name.equals("load")
          && c.desc.startsWith("(Ljava/lang/Class;)")) {
        m.instructions.insertBefore(c, hook("contextLoader", "()" + LOADER));
        c.desc = c.desc.replace(")", LOADER + ")");
        return;
      }
    }
    boolean virtual = c.getOpcode() != INVOKESTATIC;
    boolean synchronises = virtual && JdkTable.maySynchronise(c.owner);
    boolean reflects =
        virtual
            && c.owner.equals("java/lang/reflect/Field")
            && (c.name.startsWith("get") || c.name.startsWith("set"))
            && c.desc.startsWith("(Ljava/lang/Object;");
    boolean calls = isReflectiveCall(c);
    boolean reads = calls || (virtual && FIELD_ACCESS.contains(c.owner));
    int count = Type.getArgumentTypes(c.desc).length;
    for (int p = 0; p < count; p++) {
      reads |= JdkTable.readsArgument(c.owner, c.name, c.desc, p);
    }
    boolean ofObject = c.name.equals("clone") || c.name.equals("finalize"); // protected ones
    if (!ofObject && (synchronises || reflects || reads)) {
      boolean dropped =
          Type.getReturnType(c.desc).getSort() == Type.VOID
              || isDropped(c)
              || (virtual && JdkTable.returnsThis(c.owner, c.name, c.desc));
      replace(
          m,
          c,
          callBridge(
              null,
              c.getOpcode(),
              c.owner,
              c.name,
              c.desc,
              c.itf,
              c.owner,
              dropped,
              synchronises && !calls));
    }
  }

  private static boolean isReflectiveCall(MethodInsnNode c) {
    return (c.owner.equals("java/lang/reflect/Method") && c.name.equals("invoke"))
        || (c.owner.equals("java/lang/invoke/MethodHandle") && c.name.startsWith("invoke"));
  }

  /** Whether the value of a call is popped at once, or only a chain of calls on itself is built. */
  private static boolean isDropped(MethodInsnNode c) {
    AbstractInsnNode n = c.getNext();
    while (n instanceof LabelNode || n instanceof LineNumberNode || n instanceof FrameNode) {
      n = n.getNext();
    }
    return n != null && (n.getOpcode() == POP || n.getOpcode() == POP2);
  }

  private void weaveLambda(InvokeDynamicInsnNode d) {
    if (!d.bsm.getOwner().equals(FACTORY)) {
      return;
    }
    Handle h = (Handle) d.bsmArgs[1];
    if (h.getTag() == H_INVOKESPECIAL
        || !JdkTable.isJdk(h.getOwner())
        || h.getOwner().startsWith("[")) {
      return;
    }
    String bridge = bridge(d, h);
    if (!bridge.isEmpty()) {
      String descriptor = bridge.substring(bridge.indexOf('('));
      String name = bridge.substring(0, bridge.indexOf('('));
      d.bsmArgs[1] = new Handle(H_INVOKESTATIC, node.name, name, descriptor, isInterface);
    }
  }

  /**
   * Returns the name and descriptor of a method that does what a reference to a method of the JDK
   * refers to, woven; empty if there is nothing to weave.
   */
  private String bridge(InvokeDynamicInsnNode d, Handle h) {
    boolean virtual = h.getTag() == H_INVOKEVIRTUAL || h.getTag() == H_INVOKEINTERFACE;
    boolean constructor = h.getTag() == H_NEWINVOKESPECIAL;
    Type[] captured = Type.getArgumentTypes(d.desc);
    String receiver = virtual && captured.length > 0 ? captured[0].getInternalName() : h.getOwner();
    Type given = constructor ? Type.getObjectType(h.getOwner()) : Type.getReturnType(h.getDesc());
    boolean dropped =
        Type.getReturnType(((Type) d.bsmArgs[0]).getDescriptor()).getSort() == Type.VOID;
    String key = "reference " + h.getTag() + receiver + h + dropped;
    String known = bridges.get(key);
    if (known != null) {
      return known;
    }
    Type result = dropped ? Type.VOID_TYPE : given;
    String parameters = h.getDesc().substring(1, h.getDesc().indexOf(')'));
    String descriptor =
        "(" + (virtual ? "L" + receiver + ";" : "") + parameters + ")" + result.getDescriptor();
    // One that comes in as an object has to be found by its name.
    String name =
        virtual
            ? Bridges.name(h.getOwner(), h.getName(), result.getSort() == Type.VOID)
            : PREFIX + methods++;
    if (bridges.containsKey(name + descriptor)) {
      return name + descriptor;
    }
    MethodNode m =
        new MethodNode(ACC_PRIVATE | ACC_STATIC | ACC_SYNTHETIC, name, descriptor, null, null);
    InsnList code = m.instructions;
    if (constructor) {
      code.add(new TypeInsnNode(NEW, h.getOwner()));
      code.add(new InsnNode(DUP));
    }
    int local = 0;
    for (Type p : Type.getArgumentTypes(descriptor)) {
      code.add(new VarInsnNode(p.getOpcode(ILOAD), local));
      local += p.getSize();
    }
    MethodInsnNode call =
        new MethodInsnNode(
            opcode(h.getTag()), h.getOwner(), h.getName(), h.getDesc(), h.isInterface());
    code.add(call);
    if (dropped && given.getSize() > 0) {
      code.add(new InsnNode(given.getSize() == 2 ? POP2 : POP));
    }
    code.add(new InsnNode(result.getOpcode(IRETURN)));
    int plain = code.size();
    AbstractInsnNode next = call.getNext();
    weaveCall(m, call);
    weaveStart(m, call, next);
    boolean woven = code.size() != plain || !code.contains(call);
    String bridge = woven ? name + descriptor : "";
    bridges.put(key, bridge);
    if (woven) {
      bridges.put(bridge, name);
      node.methods.add(m);
      references.add(
          String.join(
              " ",
              name,
              String.valueOf(h.getTag()),
              h.getOwner(),
              h.getName(),
              h.getDesc(),
              descriptor));
    }
    return bridge;
  }

  private static int opcode(int tag) {
    return switch (tag) {
      case H_INVOKEVIRTUAL -> INVOKEVIRTUAL;
      case H_INVOKEINTERFACE -> INVOKEINTERFACE;
      case H_INVOKESTATIC -> INVOKESTATIC;
      default -> INVOKESPECIAL;
    };
  }

  // ---- bridges ----

  /** Checks an object and what was read of its field; the read itself stays where it is. */
  private MethodInsnNode nullBridge(FieldInsnNode f, ClassFiles.Resolved r) {
    return bridge(
        "get " + f.owner + "." + f.name + f.desc,
        "(L" + f.owner + ";" + f.desc + ")V",
        (m, code) -> {
          LabelNode present = new LabelNode();
          code.add(new VarInsnNode(ALOAD, 1));
          code.add(new JumpInsnNode(IFNONNULL, present));
          code.add(new FieldInsnNode(GETSTATIC, HOOKS, "pruned", "Z"));
          code.add(new JumpInsnNode(IFEQ, present));
          code.add(new VarInsnNode(ALOAD, 0));
          code.add(new LdcInsnNode(r.declaring().name));
          code.add(new LdcInsnNode(f.name));
          code.add(hook("nullField", "(Ljava/lang/Object;Ljava/lang/String;Ljava/lang/String;)V"));
          code.add(present);
          code.add(new FrameNode(F_SAME, 0, null, 0, null));
          code.add(new InsnNode(RETURN));
        });
  }

  private MethodInsnNode volatileBridge(FieldInsnNode f, ClassFiles.Resolved r) {
    Type type = Type.getType(f.desc);
    return bridge(
        "put " + f.owner + "." + f.name + f.desc,
        "(L" + f.owner + ";" + f.desc + ")V",
        (m, code) -> {
          LabelNode plain = new LabelNode();
          code.add(new FieldInsnNode(GETSTATIC, HOOKS, "objects", "Z"));
          code.add(new JumpInsnNode(IFEQ, plain));
          code.add(new VarInsnNode(ALOAD, 0));
          code.add(new LdcInsnNode(Type.getObjectType(r.declaring().name)));
          code.add(new LdcInsnNode(f.name));
          code.add(new VarInsnNode(type.getOpcode(ILOAD), 1));
          box(code, type);
          code.add(
              hook(
                  "volatileWrite",
                  "(Ljava/lang/Object;Ljava/lang/Class;Ljava/lang/String;Ljava/lang/Object;)Z"));
          code.add(new InsnNode(POP));
          code.add(plain);
          code.add(new FrameNode(F_SAME, 0, null, 0, null));
          code.add(new VarInsnNode(ALOAD, 0));
          code.add(new VarInsnNode(type.getOpcode(ILOAD), 1));
          code.add(new FieldInsnNode(PUTFIELD, f.owner, f.name, f.desc));
          code.add(new InsnNode(RETURN));
        });
  }

  private MethodInsnNode staticBridge(
      FieldInsnNode f, String declaring, int index, boolean ofInterface) {
    boolean write = f.getOpcode() == PUTSTATIC;
    Type type = Type.getType(f.desc);
    return bridge(
        f.getOpcode() + " " + f.owner + "." + f.name + f.desc,
        write ? "(" + f.desc + ")V" : "()" + f.desc,
        (m, code) -> {
          LabelNode present = new LabelNode();
          code.add(new FieldInsnNode(GETSTATIC, declaring, StaticFields.PRESENT, "[J"));
          code.add(new LdcInsnNode(index >> 6));
          code.add(new InsnNode(LALOAD));
          code.add(new LdcInsnNode(1L << index));
          code.add(new InsnNode(LAND));
          code.add(new InsnNode(LCONST_0));
          code.add(new InsnNode(LCMP));
          code.add(new JumpInsnNode(IFNE, present));
          code.add(new LdcInsnNode(Type.getObjectType(declaring)));
          code.add(new LdcInsnNode(index));
          code.add(new InsnNode(write ? ICONST_1 : ICONST_0));
          code.add(hook("staticField", "(Ljava/lang/Class;IZ)V"));
          code.add(present);
          code.add(new FrameNode(F_SAME, 0, null, 0, null));
          if (ofInterface) {
            code.add(
                new FieldInsnNode(
                    GETSTATIC, declaring, StaticFields.VALUES, "[Ljava/lang/Object;"));
            code.add(new LdcInsnNode(index));
            code.add(new InsnNode(AALOAD));
            unbox(code, type);
            code.add(new InsnNode(type.getOpcode(IRETURN)));
            return;
          }
          if (write) {
            code.add(new VarInsnNode(type.getOpcode(ILOAD), 0));
          }
          code.add(new FieldInsnNode(f.getOpcode(), f.owner, f.name, f.desc));
          code.add(new InsnNode(write ? RETURN : type.getOpcode(IRETURN)));
        });
  }

  private MethodInsnNode callBridge(
      @Nullable String bridge,
      int opcode,
      String owner,
      String name,
      String descriptor,
      boolean itf,
      String receiver,
      boolean dropped,
      boolean synchronises) {
    boolean virtual = opcode != INVOKESTATIC;
    Type[] parameters = Type.getArgumentTypes(descriptor);
    Type result = Type.getReturnType(descriptor);
    boolean fieldAccess = owner.equals("java/lang/reflect/Field");
    boolean calls = owner.equals("java/lang/reflect/Method") || owner.endsWith("/MethodHandle");
    boolean touches = FIELD_ACCESS.contains(owner);
    return bridge(
        bridge,
        opcode + " " + receiver + " " + owner + "." + name + descriptor + dropped,
        virtual ? "(L" + receiver + ";" + descriptor.substring(1) : descriptor,
        (m, code) -> {
          int first = virtual ? 1 : 0;
          int local = first;
          for (int p = 0; p < parameters.length; p++) {
            if (touches && p == 0 && parameters[p].getSort() >= Type.ARRAY) {
              code.add(new VarInsnNode(ALOAD, local));
              code.add(hook("touches", "(Ljava/lang/Object;)V"));
            }
            if (parameters[p].getSort() >= Type.ARRAY
                && (calls || JdkTable.readsArgument(owner, name, descriptor, p))) {
              code.add(new VarInsnNode(ALOAD, local));
              code.add(hook("reads", "(Ljava/lang/Object;)V"));
            }
            local += parameters[p].getSize();
          }
          if (fieldAccess) {
            code.add(new VarInsnNode(ALOAD, 0));
            code.add(new VarInsnNode(ALOAD, 1));
            code.add(hook("reflect", "(Ljava/lang/Object;Ljava/lang/Object;)V"));
          }
          if (synchronises) {
            LabelNode plain = new LabelNode();
            code.add(new FieldInsnNode(GETSTATIC, HOOKS, "synchronisers", "Z"));
            code.add(new JumpInsnNode(IFEQ, plain));
            code.add(new VarInsnNode(ALOAD, 0));
            code.add(new LdcInsnNode(owner));
            code.add(new LdcInsnNode(name));
            code.add(new LdcInsnNode(descriptor));
            code.add(new InsnNode(dropped ? ICONST_1 : ICONST_0));
            code.add(new LdcInsnNode(parameters.length));
            code.add(new TypeInsnNode(ANEWARRAY, OBJECT));
            int at = first;
            for (int p = 0; p < parameters.length; p++) {
              code.add(new InsnNode(DUP));
              code.add(new LdcInsnNode(p));
              code.add(new VarInsnNode(parameters[p].getOpcode(ILOAD), at));
              box(code, parameters[p]);
              code.add(new InsnNode(AASTORE));
              at += parameters[p].getSize();
            }
            code.add(
                hook(
                    "operation",
                    "(Ljava/lang/Object;Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;Z"
                        + "[Ljava/lang/Object;)Z"));
            code.add(new JumpInsnNode(IFEQ, plain));
            logged(code, owner, result);
            code.add(plain);
            code.add(new FrameNode(F_SAME, 0, null, 0, null));
          }
          int at = first;
          if (virtual) {
            code.add(new VarInsnNode(ALOAD, 0));
          }
          for (Type p : parameters) {
            code.add(new VarInsnNode(p.getOpcode(ILOAD), at));
            at += p.getSize();
          }
          LabelNode start = new LabelNode();
          LabelNode end = new LabelNode();
          LabelNode handler = new LabelNode();
          code.add(start);
          if (virtual && needsExecutor(owner, name, descriptor)) {
            code.add(new VarInsnNode(ALOAD, 0));
            code.add(hook("executorOf", "(Ljava/lang/Object;)" + EXECUTOR));
            code.add(new MethodInsnNode(opcode, owner, name, withExecutor(descriptor), itf));
          } else if (descriptor.equals("()" + FORK_JOIN_TASK) && name.equals("fork")) {
            code.add(fork());
          } else {
            code.add(new MethodInsnNode(opcode, owner, name, descriptor, itf));
          }
          code.add(end);
          code.add(new InsnNode(result.getOpcode(IRETURN)));
          if (virtual) {
            m.tryCatchBlocks.add(new TryCatchBlockNode(start, end, handler, NULL_POINTER));
            code.add(handler);
            code.add(new FrameNode(F_SAME1, 0, null, 1, new Object[] {NULL_POINTER}));
            code.add(new VarInsnNode(ALOAD, 0));
            code.add(
                hook(
                    "nullReceiver",
                    "(L" + NULL_POINTER + ";Ljava/lang/Object;)L" + NULL_POINTER + ";"));
            code.add(new InsnNode(ATHROW));
          }
        });
  }

  /** What a logged operation returns: the receiver where it returns itself, else a default. */
  private static void logged(InsnList code, String owner, Type result) {
    switch (result.getSort()) {
      case Type.VOID -> code.add(new InsnNode(RETURN));
      case Type.LONG -> {
        code.add(new InsnNode(LCONST_0));
        code.add(new InsnNode(LRETURN));
      }
      case Type.FLOAT -> {
        code.add(new InsnNode(FCONST_0));
        code.add(new InsnNode(FRETURN));
      }
      case Type.DOUBLE -> {
        code.add(new InsnNode(DCONST_0));
        code.add(new InsnNode(DRETURN));
      }
      case Type.OBJECT, Type.ARRAY -> {
        if (result.getInternalName().equals(owner)) {
          code.add(new VarInsnNode(ALOAD, 0));
        } else {
          code.add(new InsnNode(ACONST_NULL));
        }
        code.add(new InsnNode(ARETURN));
      }
      default -> {
        code.add(new InsnNode(ICONST_0));
        code.add(new InsnNode(IRETURN));
      }
    }
  }

  private interface Body {
    void emit(MethodNode m, InsnList code);
  }

  private MethodInsnNode bridge(String key, String descriptor, Body body) {
    return bridge(null, key, descriptor, body);
  }

  private MethodInsnNode bridge(@Nullable String given, String what, String descriptor, Body body) {
    String key = given == null ? what : given + descriptor;
    String name = bridges.get(key);
    if (name == null) {
      name = given == null ? PREFIX + methods++ : given;
      bridges.put(key, name);
      MethodNode m =
          new MethodNode(ACC_PRIVATE | ACC_STATIC | ACC_SYNTHETIC, name, descriptor, null, null);
      body.emit(m, m.instructions);
      node.methods.add(m);
    }
    return new MethodInsnNode(INVOKESTATIC, node.name, name, descriptor, isInterface);
  }

  private static void unbox(InsnList code, Type type) {
    String wrapper = wrapper(type);
    code.add(new TypeInsnNode(CHECKCAST, wrapper == null ? type.getInternalName() : wrapper));
    if (wrapper != null) {
      String name = type.getClassName() + "Value";
      code.add(new MethodInsnNode(INVOKEVIRTUAL, wrapper, name, "()" + type.getDescriptor()));
    }
  }

  private static void box(InsnList code, Type type) {
    String wrapper = wrapper(type);
    if (wrapper != null) {
      code.add(
          new MethodInsnNode(
              INVOKESTATIC,
              wrapper,
              "valueOf",
              "(" + type.getDescriptor() + ")L" + wrapper + ";",
              false));
    }
  }

  private static @Nullable String wrapper(Type type) {
    return switch (type.getSort()) {
      case Type.BOOLEAN -> "java/lang/Boolean";
      case Type.BYTE -> "java/lang/Byte";
      case Type.CHAR -> "java/lang/Character";
      case Type.SHORT -> "java/lang/Short";
      case Type.INT -> "java/lang/Integer";
      case Type.LONG -> "java/lang/Long";
      case Type.FLOAT -> "java/lang/Float";
      case Type.DOUBLE -> "java/lang/Double";
      default -> null;
    };
  }

  private static MethodInsnNode hook(String name, String descriptor) {
    return new MethodInsnNode(INVOKESTATIC, HOOKS, name, descriptor, false);
  }

  private static void before(MethodNode m, AbstractInsnNode at, String hook, String text) {
    m.instructions.insertBefore(at, new LdcInsnNode(text));
    m.instructions.insertBefore(at, hook(hook, "(Ljava/lang/String;)V"));
  }

  private static void replace(MethodNode m, AbstractInsnNode old, AbstractInsnNode with) {
    m.instructions.insertBefore(old, with);
    m.instructions.remove(old);
  }

  private static String dotted(ClassFiles.Resolved r) {
    return dotted(r.declaring().name + "." + r.field().name);
  }

  private static String dotted(String name) {
    return Objects.requireNonNull(name).replace('/', '.');
  }
}
