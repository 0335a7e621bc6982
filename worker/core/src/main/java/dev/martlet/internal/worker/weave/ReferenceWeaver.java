package dev.martlet.internal.worker.weave;

import static dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes.*;

import dev.martlet.internal.codec.Bridges;
import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Handle;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.AbstractInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnList;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InvokeDynamicInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.TypeInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.VarInsnNode;
import java.util.HashMap;
import java.util.Map;

/**
 * Weaves references to methods of the JDK: in the place of one whose call would be woven comes a
 * method of the class itself that makes the call.
 */
final class ReferenceWeaver {
  private static final String FACTORY = "java/lang/invoke/LambdaMetafactory";

  private final WovenClass woven;
  private final CallWeaver calls;

  /** What each reference became: a name and descriptor, or nothing. */
  private final Map<String, String> bridges = new HashMap<>();

  ReferenceWeaver(WovenClass woven, CallWeaver calls) {
    this.woven = woven;
    this.calls = calls;
  }

  void weave(InvokeDynamicInsnNode d) {
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
      d.bsmArgs[1] =
          new Handle(H_INVOKESTATIC, woven.node.name, name, descriptor, woven.isInterface);
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
    String name = name(h, result.getSort() == Type.VOID);
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
    calls.weave(m, call);
    calls.weaveStart(m, call, next);
    boolean changed = code.size() != plain || !code.contains(call);
    String bridge = changed ? name + descriptor : "";
    bridges.put(key, bridge);
    if (changed) {
      bridges.put(bridge, name);
      woven.node.methods.add(m);
      woven.references.add(
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

  private String name(Handle h, boolean dropped) {
    return switch (h.getTag()) {
      case H_INVOKEVIRTUAL, H_INVOKEINTERFACE -> Bridges.name(h.getOwner(), h.getName(), dropped);
      case H_INVOKESTATIC -> Bridges.ofStatic(h.getOwner(), h.getName(), dropped);
      default -> woven.newName();
    };
  }

  private static int opcode(int tag) {
    return switch (tag) {
      case H_INVOKEVIRTUAL -> INVOKEVIRTUAL;
      case H_INVOKEINTERFACE -> INVOKEINTERFACE;
      case H_INVOKESTATIC -> INVOKESTATIC;
      default -> INVOKESPECIAL;
    };
  }
}
