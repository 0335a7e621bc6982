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
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.VarInsnNode;

/** Weaves reads and writes of fields. */
final class FieldWeaver {
  private final WovenClass woven;

  FieldWeaver(WovenClass woven) {
    this.woven = woven;
  }

  void weave(MethodNode m, FieldInsnNode f, boolean initialiser) {
    if (f.getOpcode() == GETSTATIC && f.owner.equals("java/lang/System") && f.name.equals("in")) {
      Code.before(m, f, "homeOnly", "reads System.in");
      return;
    }
    if (JdkTable.isJdk(f.owner)) {
      return;
    }
    ClassFiles.Resolved r = woven.files.resolve(f.owner, f.name, f.desc);
    if (r == null) {
      return;
    }
    boolean appField = woven.isApplication.test(r.declaring().name);
    switch (f.getOpcode()) {
      case GETSTATIC, PUTSTATIC -> {
        if (appField) {
          weaveStatic(m, f, r, initialiser);
        }
      }
      case GETFIELD -> {
        if (r.isVolatile()) {
          m.instructions.insertBefore(f, new InsnNode(DUP));
          m.instructions.insertBefore(f, new LdcInsnNode(Code.dotted(r)));
          m.instructions.insertBefore(
              f, Code.hook("volatileRead", "(Ljava/lang/Object;Ljava/lang/String;)V"));
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
        if (r.isVolatile() && !(m.name.equals("<init>") && f.owner.equals(woven.node.name))) {
          Code.replace(m, f, volatileBridge(f, r));
        }
      }
    }
  }

  private void weaveStatic(
      MethodNode m, FieldInsnNode f, ClassFiles.Resolved r, boolean initialiser) {
    if (r.isVolatile()) {
      Code.before(m, f, "homeOnly", "touches the volatile static field " + Code.dotted(r));
      return;
    }
    if (initialiser && r.declaring().name.equals(woven.node.name)) {
      return;
    }
    int index = StaticFields.of(r.declaring()).names.indexOf(f.name);
    if (index >= 0) {
      Code.replace(
          m,
          f,
          staticBridge(f, r.declaring().name, index, (r.declaring().access & ACC_INTERFACE) != 0));
    }
  }

  /** Checks an object and what was read of its field; the read itself stays where it is. */
  private MethodInsnNode nullBridge(FieldInsnNode f, ClassFiles.Resolved r) {
    return woven.bridge(
        "get " + f.owner + "." + f.name + f.desc,
        "(L" + f.owner + ";" + f.desc + ")V",
        (m, code) -> {
          LabelNode present = new LabelNode();
          code.add(new VarInsnNode(ALOAD, 1));
          code.add(new JumpInsnNode(IFNONNULL, present));
          code.add(new FieldInsnNode(GETSTATIC, Code.HOOKS, "pruned", "Z"));
          code.add(new JumpInsnNode(IFEQ, present));
          code.add(new VarInsnNode(ALOAD, 0));
          code.add(new LdcInsnNode(r.declaring().name));
          code.add(new LdcInsnNode(f.name));
          code.add(
              Code.hook("nullField", "(Ljava/lang/Object;Ljava/lang/String;Ljava/lang/String;)V"));
          code.add(present);
          code.add(new FrameNode(F_SAME, 0, null, 0, null));
          code.add(new InsnNode(RETURN));
        });
  }

  private MethodInsnNode volatileBridge(FieldInsnNode f, ClassFiles.Resolved r) {
    Type type = Type.getType(f.desc);
    return woven.bridge(
        "put " + f.owner + "." + f.name + f.desc,
        "(L" + f.owner + ";" + f.desc + ")V",
        (m, code) -> {
          LabelNode plain = new LabelNode();
          code.add(new FieldInsnNode(GETSTATIC, Code.HOOKS, "objects", "Z"));
          code.add(new JumpInsnNode(IFEQ, plain));
          code.add(new VarInsnNode(ALOAD, 0));
          code.add(new LdcInsnNode(Type.getObjectType(r.declaring().name)));
          code.add(new LdcInsnNode(f.name));
          code.add(new VarInsnNode(type.getOpcode(ILOAD), 1));
          Code.box(code, type);
          code.add(
              Code.hook(
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
    return woven.bridge(
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
          code.add(Code.hook("staticField", "(Ljava/lang/Class;IZ)V"));
          code.add(present);
          code.add(new FrameNode(F_SAME, 0, null, 0, null));
          if (ofInterface) {
            code.add(
                new FieldInsnNode(
                    GETSTATIC, declaring, StaticFields.VALUES, "[Ljava/lang/Object;"));
            code.add(new LdcInsnNode(index));
            code.add(new InsnNode(AALOAD));
            Code.unbox(code, type);
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
}
