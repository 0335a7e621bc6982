package dev.martlet.internal.worker.weave;

import static dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes.*;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.AbstractInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnList;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LdcInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.TypeInsnNode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Pieces of the code that is woven in. */
final class Code {
  static final String HOOKS = Type.getInternalName(Hooks.class);
  static final String OBJECT = "java/lang/Object";

  private Code() {}

  /** Returns a call of a method of {@link Hooks}. */
  static MethodInsnNode hook(String name, String descriptor) {
    return new MethodInsnNode(INVOKESTATIC, HOOKS, name, descriptor, false);
  }

  /** Has a hook that takes a text called before an instruction. */
  static void before(MethodNode m, AbstractInsnNode at, String hook, String text) {
    m.instructions.insertBefore(at, new LdcInsnNode(text));
    m.instructions.insertBefore(at, hook(hook, "(Ljava/lang/String;)V"));
  }

  static void replace(MethodNode m, AbstractInsnNode old, AbstractInsnNode with) {
    m.instructions.insertBefore(old, with);
    m.instructions.remove(old);
  }

  static void unbox(InsnList code, Type type) {
    String wrapper = wrapper(type);
    code.add(new TypeInsnNode(CHECKCAST, wrapper == null ? type.getInternalName() : wrapper));
    if (wrapper != null) {
      String name = type.getClassName() + "Value";
      code.add(new MethodInsnNode(INVOKEVIRTUAL, wrapper, name, "()" + type.getDescriptor()));
    }
  }

  static void box(InsnList code, Type type) {
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

  static String dotted(ClassFiles.Resolved r) {
    return dotted(r.declaring().name + "." + r.field().name);
  }

  static String dotted(String name) {
    return Objects.requireNonNull(name).replace('/', '.');
  }
}
