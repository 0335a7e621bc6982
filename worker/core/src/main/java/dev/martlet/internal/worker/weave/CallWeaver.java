package dev.martlet.internal.worker.weave;

import static dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes.*;

import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.AbstractInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FrameNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LabelNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LdcInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LineNumberNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.TypeInsnNode;
import java.util.Map;
import java.util.Set;

/** Weaves calls of methods. */
final class CallWeaver {
  private static final String FUTURE = "java/util/concurrent/CompletableFuture";
  static final String EXECUTOR = "Ljava/util/concurrent/Executor;";
  private static final String FORK_JOIN_TASK = "Ljava/util/concurrent/ForkJoinTask;";
  private static final String LOADER = "Ljava/lang/ClassLoader;";
  private static final String TRACE = "[Ljava/lang/StackTraceElement;";
  private static final String SLF4J = "org/slf4j/";
  private static final String NAMED = "(Ljava/lang/String;)";
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
          "java/io/File.deleteOnExit",
          "java/lang/Runtime.addShutdownHook",
          "java/lang/Thread.setDefaultUncaughtExceptionHandler",
          "java/lang/management/ManagementFactory.getPlatformMBeanServer",
          "java/net/Authenticator.setDefault",
          "java/net/CookieHandler.setDefault",
          "java/net/ProxySelector.setDefault",
          "java/net/URL.setURLStreamHandlerFactory",
          "java/security/Security.addProvider",
          "java/security/Security.insertProviderAt",
          "java/security/Security.removeProvider",
          "java/security/Security.setProperty",
          "java/util/logging/LogManager.getLogManager",
          "java/util/logging/Logger.addHandler",
          "java/util/logging/Logger.removeHandler",
          "java/util/logging/Logger.setFilter",
          "java/util/logging/Logger.setLevel",
          "java/util/logging/Logger.setUseParentHandlers");
  // They ask the system class loader, and what they ask it.
  private static final Map<String, String> SYSTEM_RESOURCES =
      Map.of(
          "java/lang/ClassLoader.getSystemResource", "getResource",
          "java/lang/ClassLoader.getSystemResourceAsStream", "getResourceAsStream",
          "java/lang/ClassLoader.getSystemResources", "getResources");
  // They make loaders whose parent is the system class loader, as nobody says otherwise.
  private static final Set<String> LOADERS_OF_SYSTEM =
      Set.of(
          "java/lang/ClassLoader.<init>()V",
          "java/security/SecureClassLoader.<init>()V",
          "java/net/URLClassLoader.<init>([Ljava/net/URL;)V",
          "java/net/URLClassLoader.newInstance([Ljava/net/URL;)Ljava/net/URLClassLoader;");
  // They read the system property that their first argument names.
  private static final Set<String> READ_PROPERTY =
      Set.of(
          "java/lang/System.getProperty",
          "java/lang/Boolean.getBoolean",
          "java/lang/Integer.getInteger",
          "java/lang/Long.getLong");
  // They resolve a relative path by the working directory.
  private static final Set<String> RESOLVE =
      Set.of(
          "java/io/File.getAbsolutePath",
          "java/io/File.getAbsoluteFile",
          "java/io/File.getCanonicalPath",
          "java/io/File.getCanonicalFile",
          "java/nio/file/Path.toAbsolutePath");
  // It hands work to the JVM's common pool.
  private static final String PUBLISHER = "java/util/concurrent/SubmissionPublisher";
  // They get at constants that nobody names.
  private static final Set<String> ENUM_CONSTANTS =
      Set.of(
          "java/lang/Enum.valueOf",
          "java/lang/Class.getEnumConstants",
          "java/util/EnumSet.allOf",
          "java/util/EnumSet.complementOf",
          "java/util/EnumSet.range");
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
  static final Set<String> FIELD_ACCESS =
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

  private final WovenClass woven;
  private final CallBridges bridges;

  CallWeaver(WovenClass woven) {
    this.woven = woven;
    bridges = new CallBridges(woven);
  }

  void weave(MethodNode m, MethodInsnNode c) {
    if (JdkTable.isStopCheck(c.owner, c.name)) {
      m.instructions.remove(c);
      return;
    }
    String key = c.owner + "." + c.name;
    if (c.name.equals("start") && c.desc.equals("()V") && !c.itf && woven.files.isThread(c.owner)) {
      m.instructions.insertBefore(c, new InsnNode(DUP));
      m.instructions.insertBefore(c, Code.hook("startThread", "(Ljava/lang/Thread;)V"));
      return;
    }
    if (ForkJoinWeaver.weave(m, c, woven, bridges)) {
      return;
    }
    if (isTrace(c) && !c.itf && woven.files.isThrowable(c.owner)) {
      boolean writer = c.desc.startsWith("(L");
      m.instructions.insertBefore(c, new InsnNode(writer ? DUP2 : DUP));
      if (writer) {
        m.instructions.insertBefore(c, new InsnNode(POP));
      }
      m.instructions.insertBefore(c, Code.hook("clean", "(Ljava/lang/Throwable;)V"));
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
      m.instructions.insertBefore(c, Code.hook("readsAll", "(Ljava/lang/Object;)V"));
      return;
    }
    if (!JdkTable.isJdk(c.owner)) {
      return;
    }
    if (c.owner.equals(PUBLISHER) && c.name.equals("<init>")) {
      Code.before(m, c, "homeOnly", "makes a " + Code.dotted(c.owner));
    } else if (woven.application
        && c.owner.equals("java/lang/invoke/MethodHandles$Lookup")
        && FIELD_HANDLES.contains(c.name)) {
      Code.before(m, c, "homeOnly", "makes a handle of a field");
    } else if (key.equals("java/lang/ClassLoader.getSystemClassLoader")) {
      Code.replace(m, c, Code.hook("systemLoader", "()Ljava/lang/ClassLoader;"));
    } else if (SYSTEM_RESOURCES.containsKey(key)) {
      m.instructions.insertBefore(c, Code.hook("systemLoader", "()" + LOADER));
      m.instructions.insertBefore(c, new InsnNode(SWAP));
      String resources = SYSTEM_RESOURCES.get(key);
      Code.replace(
          m, c, new MethodInsnNode(INVOKEVIRTUAL, "java/lang/ClassLoader", resources, c.desc));
    } else if (LOADERS_OF_SYSTEM.contains(key + c.desc)) {
      m.instructions.insertBefore(c, Code.hook("systemLoader", "()" + LOADER));
      c.desc = c.desc.replace(")", LOADER + ")");
    } else if (key.equals("java/util/concurrent/ForkJoinPool.commonPool")) {
      Code.replace(m, c, Code.hook("commonPool", "()Ljava/util/concurrent/ForkJoinPool;"));
    } else if (key.equals("java/lang/StackWalker.walk")) {
      Code.replace(
          m,
          c,
          Code.hook(
              "walk", "(Ljava/lang/StackWalker;Ljava/util/function/Function;)Ljava/lang/Object;"));
    } else if (key.equals("java/lang/StackWalker.forEach")) {
      Code.replace(
          m, c, Code.hook("forEach", "(Ljava/lang/StackWalker;Ljava/util/function/Consumer;)V"));
    } else if (key.equals("java/lang/System.getLogger") && c.desc.startsWith(NAMED)) {
      // It is one of java.util.logging, which has the client's level from now on.
      m.instructions.insertBefore(c, new InsnNode(DUP));
      m.instructions.insertBefore(c, new InsnNode(ICONST_0));
      weaveLogger(m, c);
      m.instructions.insertBefore(c, new InsnNode(POP));
    } else if (key.equals("java/lang/System.identityHashCode")) {
      Code.replace(m, c, Code.hook("identity", "(Ljava/lang/Object;)I"));
    } else if (key.equals("java/lang/System.nanoTime")) {
      Code.replace(m, c, Code.hook("nanoTime", "()J"));
    } else if (READ_PROPERTY.contains(key)) {
      weaveProperty(m, c);
    } else if (key.equals("java/lang/System.getProperties")) {
      m.instructions.insertBefore(c, Code.hook("properties", "()V"));
    } else if (ENUM_CONSTANTS.contains(key)) {
      boolean ofName = c.desc.startsWith("(Ljava/lang/Class;Ljava/lang/String;");
      m.instructions.insertBefore(c, new InsnNode(ofName ? DUP2 : DUP));
      if (ofName) {
        m.instructions.insertBefore(c, new InsnNode(POP));
      }
      m.instructions.insertBefore(c, Code.hook("enumConstants", "(Ljava/lang/Object;)V"));
    } else if (woven.application && key.equals("java/lang/System.getenv")) {
      // A library sets itself up by the environment of where it is.
      Code.before(m, c, "surroundings", "reads the environment");
    } else if (woven.application && RESOLVE.contains(key)) {
      m.instructions.insertBefore(c, new InsnNode(DUP));
      m.instructions.insertBefore(c, Code.hook("resolves", "(Ljava/lang/Object;)V"));
    } else if (key.equals("java/lang/Thread.setUncaughtExceptionHandler")) {
      m.instructions.insertBefore(c, new InsnNode(DUP2));
      m.instructions.insertBefore(c, new InsnNode(POP));
      m.instructions.insertBefore(c, Code.hook("handles", "(Ljava/lang/Thread;)V"));
    } else if (HOME_ONLY.contains(key)) {
      Code.before(m, c, "homeOnly", "calls " + Code.dotted(key));
    } else if (key.equals("java/lang/System.exit")
        || key.equals("java/lang/Runtime.exit")
        || key.equals("java/lang/Runtime.halt")) {
      m.instructions.insertBefore(c, new InsnNode(DUP));
      m.instructions.insertBefore(c, Code.hook("exit", "(I)V"));
    } else if (PAUSES.contains(key)) {
      m.instructions.insertBefore(c, Code.hook("pause", "()V"));
    } else if (JdkTable.external(c.owner, c.name, c.desc)) {
      Code.before(m, c, "external", Code.dotted(key));
    } else if (c.name.equals("<init>")) {
      Type[] parameters = Type.getArgumentTypes(c.desc);
      int last = parameters.length - 1;
      if (last >= 0
          && parameters[last].getSort() == Type.OBJECT
          && JdkTable.readsArgument(c.owner, c.name, c.desc, last)) {
        m.instructions.insertBefore(c, new InsnNode(DUP));
        m.instructions.insertBefore(c, Code.hook("reads", "(Ljava/lang/Object;)V"));
      }
    } else if (c.getOpcode() != INVOKESPECIAL && !c.owner.startsWith("[")) {
      weaveJdkCall(m, c);
    }
  }

  /** A logger that is asked for passes on to the client's, as those that travel do. */
  private void weaveLogger(MethodNode m, MethodInsnNode c, String type) {
    boolean slf4j = c.owner.startsWith(SLF4J);
    if (Type.getArgumentTypes(c.desc).length != 1 || (slf4j && woven.node.name.startsWith(SLF4J))) {
      return;
    }
    m.instructions.insertBefore(c, new InsnNode(slf4j ? ICONST_1 : ICONST_0));
    weaveLogger(m, c);
    Code.replace(m, c, new TypeInsnNode(CHECKCAST, type));
  }

  /** Has the name of a property known, which lies below what it is by default, if anything. */
  private static void weaveProperty(MethodNode m, MethodInsnNode c) {
    MethodInsnNode hook = Code.hook("property", "(Ljava/lang/String;)V");
    int[] before = {DUP};
    int[] after = {};
    if (c.desc.startsWith("(Ljava/lang/String;J)")) {
      before = new int[] {DUP2_X1, POP2, DUP};
      after = new int[] {DUP_X2, POP};
    } else if (!c.desc.startsWith(NAMED)) {
      before = new int[] {DUP2, POP};
    }
    for (int opcode : before) {
      m.instructions.insertBefore(c, new InsnNode(opcode));
    }
    m.instructions.insertBefore(c, hook);
    for (int opcode : after) {
      m.instructions.insertBefore(c, new InsnNode(opcode));
    }
  }

  private void weaveLogger(MethodNode m, MethodInsnNode c) {
    m.instructions.insertBefore(c, new LdcInsnNode(Type.getObjectType(woven.node.name)));
    m.instructions.insertBefore(
        c, Code.hook("logger", "(Ljava/lang/Object;ZLjava/lang/Class;)Ljava/lang/Object;"));
  }

  /** Has what a call has started known, or what it returns replaced. */
  void weaveStart(MethodNode m, MethodInsnNode c, AbstractInsnNode next) {
    if (!JdkTable.isJdk(c.owner)) {
      return;
    }
    String result = Type.getReturnType(c.desc).getDescriptor();
    if (c.name.equals("defaultExecutor") || c.name.equals("delayedExecutor")) {
      if (c.owner.equals(FUTURE)) {
        String hook = c.name.equals("defaultExecutor") ? "executor" : "delayed";
        m.instructions.insertBefore(next, Code.hook(hook, "(" + EXECUTOR + ")" + EXECUTOR));
      }
    } else if (c.name.equals("getContextClassLoader") && c.owner.equals("java/lang/Thread")) {
      m.instructions.insertBefore(next, Code.hook("contextLoader", "(" + LOADER + ")" + LOADER));
    } else if (c.name.equals("getStackTrace") && c.owner.equals("java/lang/Thread")) {
      m.instructions.insertBefore(next, Code.hook("clean", "(" + TRACE + ")" + TRACE));
    } else if (JdkTable.leavesRunning(c.owner, c.name, c.desc) && result.length() > 1) {
      m.instructions.insertBefore(next, new InsnNode(DUP));
      m.instructions.insertBefore(next, Code.hook("started", "(Ljava/lang/Object;)V"));
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
  static boolean needsExecutor(String owner, String name, String descriptor) {
    return (owner.equals(FUTURE) || owner.equals("java/util/concurrent/CompletionStage"))
        && (name.endsWith("Async") || name.equals("delayedExecutor"))
        && !descriptor.contains(EXECUTOR + ")");
  }

  static String withExecutor(String descriptor) {
    return descriptor.replace(")", EXECUTOR + ")");
  }

  /** Whether a call is that by which a task of a fork/join pool is forked. */
  static boolean isFork(String name, String descriptor) {
    return name.equals("fork") && descriptor.equals("()" + FORK_JOIN_TASK);
  }

  static MethodInsnNode fork() {
    return Code.hook("fork", "(" + FORK_JOIN_TASK + ")" + FORK_JOIN_TASK);
  }

  private void weaveJdkCall(MethodNode m, MethodInsnNode c) {
    if (c.getOpcode() == INVOKESTATIC) {
      if (needsExecutor(c.owner, c.name, c.desc)) {
        m.instructions.insertBefore(c, new InsnNode(ACONST_NULL));
        m.instructions.insertBefore(c, Code.hook("executorOf", "(Ljava/lang/Object;)" + EXECUTOR));
        c.desc = withExecutor(c.desc);
        return;
      }
      if (c.owner.equals("java/util/ServiceLoader")
          && c.name.equals("load")
          && c.desc.startsWith("(Ljava/lang/Class;)")) {
        m.instructions.insertBefore(c, Code.hook("contextLoader", "()" + LOADER));
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
      Code.replace(m, c, bridges.bridge(c, dropped, synchronises && !calls));
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
}
