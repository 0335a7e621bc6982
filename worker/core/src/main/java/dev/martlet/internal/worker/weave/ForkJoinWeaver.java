package dev.martlet.internal.worker.weave;

import static dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes.*;

import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnList;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LdcInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import java.util.Set;

/**
 * Weaves calls of methods of fork/join tasks, which mostly name the user's class and not the JDK's.
 * The hooks cost next to nothing where a task has only its own children to deal with.
 */
final class ForkJoinWeaver {
  private static final String TASK = "Ljava/util/concurrent/ForkJoinTask;";

  /** Methods that tell of a task, or change it, or begin to run it. */
  private static final Set<String> JUDGED =
      Set.of(
          "join",
          "get",
          "invoke",
          "quietlyJoin",
          "quietlyInvoke",
          "quietlyJoinUninterruptibly",
          "compute",
          "isDone",
          "isCancelled",
          "isCompletedNormally",
          "isCompletedAbnormally",
          "getException",
          "state",
          "resultNow",
          "exceptionNow",
          "complete",
          "completeExceptionally",
          "quietlyComplete",
          "cancel",
          "tryUnfork",
          "reinitialize",
          "getForkJoinTaskTag",
          "setForkJoinTaskTag",
          "compareAndSetForkJoinTaskTag",
          "getPendingCount",
          "setPendingCount",
          "addToPendingCount",
          "compareAndSetPendingCount",
          "decrementPendingCountUnlessZero",
          "tryComplete",
          "propagateCompletion",
          "firstComplete",
          "nextComplete",
          "helpComplete",
          "getCompleter",
          "getRoot");

  private ForkJoinWeaver() {}

  /** Returns false for what shows without its class, for which a whole jar may have to be read. */
  private static boolean mayBe(MethodInsnNode c) {
    if (c.itf || c.owner.startsWith("[")) {
      return false;
    }
    return switch (c.name) {
      case "join", "invoke", "state" -> c.desc.startsWith("()");
      case "get" -> c.desc.startsWith("()") || c.desc.startsWith("(J");
      case "cancel" -> c.desc.startsWith("(Z)");
      default -> true;
    };
  }

  /** Weaves a call if it is of a method of a fork/join task, and returns whether it is done. */
  static boolean weave(MethodNode m, MethodInsnNode c, WovenClass woven, CallBridges bridges) {
    boolean known =
        JUDGED.contains(c.name)
            || c.name.equals("fork")
            || c.name.equals("invokeAll")
            || c.name.equals("quietlyCompleteRoot");
    if (!known || !mayBe(c) || !woven.files.isForkJoinTask(c.owner)) {
      return false;
    }
    if (c.name.equals("invokeAll")) {
      weaveInvokeAll(m, c);
      return c.getOpcode() == INVOKESTATIC;
    }
    boolean jdk = JdkTable.isJdk(c.owner);
    if (c.getOpcode() != INVOKEVIRTUAL || (c.name.equals("fork") && jdk)) {
      return false;
    }
    if (CallWeaver.isFork(c.name, c.desc)) {
      Code.replace(m, c, CallWeaver.fork());
      return true;
    }
    if (c.name.equals("quietlyCompleteRoot") && c.desc.equals("()V")) {
      Code.replace(
          m, c, Code.hook("quietlyCompleteRoot", "(Ljava/util/concurrent/CountedCompleter;)V"));
      return true;
    }
    if (jdk || c.name.equals("fork")) {
      return false;
    }
    Type[] parameters = Type.getArgumentTypes(c.desc);
    if (parameters.length > 1 || (parameters.length == 1 && parameters[0].getSize() > 1)) {
      Code.replace(m, c, bridges.bridge(c, /* dropped= */ false, /* synchronises= */ true));
      return true;
    }
    InsnList tell = new InsnList();
    tell.add(new InsnNode(parameters.length == 0 ? DUP : DUP2));
    if (parameters.length == 1) {
      tell.add(new InsnNode(POP));
    }
    tell.add(new LdcInsnNode(c.name));
    tell.add(Code.hook("task", "(Ljava/lang/Object;Ljava/lang/String;)V"));
    m.instructions.insertBefore(c, tell);
    return true;
  }

  private static void weaveInvokeAll(MethodNode m, MethodInsnNode c) {
    if (c.getOpcode() != INVOKESTATIC) {
      return;
    }
    boolean two = c.desc.equals("(" + TASK + TASK + ")V");
    m.instructions.insertBefore(c, new InsnNode(two ? DUP2 : DUP));
    for (int i = 0; i < (two ? 2 : 1); i++) {
      m.instructions.insertBefore(c, Code.hook("invokes", "(Ljava/lang/Object;)V"));
    }
  }
}
