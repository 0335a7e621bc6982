package dev.martlet.internal.worker.weave;

import static dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes.*;

import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FieldInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FrameNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnList;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.JumpInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LabelNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LdcInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.TryCatchBlockNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.TypeInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.VarInsnNode;

/** Makes the bridges by which woven code calls methods of the JDK that its hooks must know of. */
final class CallBridges {
  private static final String NULL_POINTER = "java/lang/NullPointerException";

  private final WovenClass woven;

  CallBridges(WovenClass woven) {
    this.woven = woven;
  }

  /**
   * Returns a call of the bridge that makes a call.
   *
   * @param dropped whether the call's result is not used
   * @param synchronises whether the call may be one by which tasks learn of each other
   */
  MethodInsnNode bridge(MethodInsnNode c, boolean dropped, boolean synchronises) {
    Call call = new Call(c.getOpcode(), c.owner, c.name, c.desc, c.itf);
    return woven.bridge(
        c.getOpcode() + " " + c.owner + "." + c.name + c.desc + dropped,
        call.isVirtual() ? "(L" + c.owner + ";" + c.desc.substring(1) : c.desc,
        (m, code) -> {
          call.tellArguments(code);
          if (synchronises) {
            call.log(code, dropped);
          }
          call.make(m);
        });
  }

  /** A call as it was written. */
  private record Call(int opcode, String owner, String name, String descriptor, boolean itf) {
    boolean isVirtual() {
      return opcode != INVOKESTATIC;
    }

    private int first() {
      return isVirtual() ? 1 : 0;
    }

    /** Has known what the call may read or write of its arguments. */
    void tellArguments(InsnList code) {
      boolean calls = owner.equals("java/lang/reflect/Method") || owner.endsWith("/MethodHandle");
      boolean touches = CallWeaver.FIELD_ACCESS.contains(owner);
      Type[] parameters = Type.getArgumentTypes(descriptor);
      int local = first();
      for (int p = 0; p < parameters.length; p++) {
        boolean isObject = parameters[p].getSort() >= Type.ARRAY;
        if (touches && p == 0 && isObject) {
          code.add(new VarInsnNode(ALOAD, local));
          code.add(Code.hook("touches", "(Ljava/lang/Object;)V"));
        }
        if (isObject && (calls || JdkTable.readsArgument(owner, name, descriptor, p))) {
          code.add(new VarInsnNode(ALOAD, local));
          code.add(Code.hook("reads", "(Ljava/lang/Object;)V"));
        }
        local += parameters[p].getSize();
      }
      if (owner.equals("java/lang/reflect/Field")) {
        code.add(new VarInsnNode(ALOAD, 0));
        code.add(new VarInsnNode(ALOAD, 1));
        code.add(Code.hook("reflect", "(Ljava/lang/Object;Ljava/lang/Object;)V"));
      }
    }

    /** Leaves the bridge if the operation is logged in place of being made. */
    void log(InsnList code, boolean dropped) {
      Type[] parameters = Type.getArgumentTypes(descriptor);
      LabelNode plain = new LabelNode();
      code.add(new FieldInsnNode(GETSTATIC, Code.HOOKS, "synchronisers", "Z"));
      code.add(new JumpInsnNode(IFEQ, plain));
      code.add(new VarInsnNode(ALOAD, 0));
      code.add(new LdcInsnNode(owner));
      code.add(new LdcInsnNode(name));
      code.add(new LdcInsnNode(descriptor));
      code.add(new InsnNode(dropped ? ICONST_1 : ICONST_0));
      code.add(new LdcInsnNode(parameters.length));
      code.add(new TypeInsnNode(ANEWARRAY, Code.OBJECT));
      int at = first();
      for (int p = 0; p < parameters.length; p++) {
        code.add(new InsnNode(DUP));
        code.add(new LdcInsnNode(p));
        code.add(new VarInsnNode(parameters[p].getOpcode(ILOAD), at));
        Code.box(code, parameters[p]);
        code.add(new InsnNode(AASTORE));
        at += parameters[p].getSize();
      }
      code.add(
          Code.hook(
              "operation",
              "(Ljava/lang/Object;Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;Z"
                  + "[Ljava/lang/Object;)Z"));
      code.add(new JumpInsnNode(IFEQ, plain));
      logged(code, owner, Type.getReturnType(descriptor));
      code.add(plain);
      code.add(new FrameNode(F_SAME, 0, null, 0, null));
    }

    /** Makes the call, and has a null receiver explained. */
    void make(MethodNode m) {
      InsnList code = m.instructions;
      int at = 0;
      if (isVirtual()) {
        code.add(new VarInsnNode(ALOAD, at++));
      }
      for (Type p : Type.getArgumentTypes(descriptor)) {
        code.add(new VarInsnNode(p.getOpcode(ILOAD), at));
        at += p.getSize();
      }
      LabelNode start = new LabelNode();
      LabelNode end = new LabelNode();
      LabelNode handler = new LabelNode();
      code.add(start);
      if (isVirtual() && CallWeaver.needsExecutor(owner, name, descriptor)) {
        code.add(new VarInsnNode(ALOAD, 0));
        code.add(Code.hook("executorOf", "(Ljava/lang/Object;)" + CallWeaver.EXECUTOR));
        String with = CallWeaver.withExecutor(descriptor);
        code.add(new MethodInsnNode(opcode, owner, name, with, itf));
      } else if (CallWeaver.isFork(name, descriptor)) {
        code.add(CallWeaver.fork());
      } else {
        code.add(new MethodInsnNode(opcode, owner, name, descriptor, itf));
      }
      code.add(end);
      code.add(new InsnNode(Type.getReturnType(descriptor).getOpcode(IRETURN)));
      if (isVirtual()) {
        m.tryCatchBlocks.add(new TryCatchBlockNode(start, end, handler, NULL_POINTER));
        code.add(handler);
        code.add(new FrameNode(F_SAME1, 0, null, 1, new Object[] {NULL_POINTER}));
        code.add(new VarInsnNode(ALOAD, 0));
        code.add(
            Code.hook(
                "nullReceiver",
                "(L" + NULL_POINTER + ";Ljava/lang/Object;)L" + NULL_POINTER + ";"));
        code.add(new InsnNode(ATHROW));
      }
    }
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
}
