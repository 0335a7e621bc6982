package dev.martlet.internal.worker.weave;

import static dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes.*;

import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.AbstractInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.ClassNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FieldInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FieldNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnList;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LdcInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.TypeInsnNode;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The constants of an application's enum on a worker. The initialiser that the compiler wrote runs
 * the enum's constructors, which may do anything, and runs at home; here the constants are made
 * without them, and get their fields from home with each call that touches them.
 */
public final class WovenEnums {
  private static final String ENUM = "java/lang/Enum";
  private static final String HOOKS = Type.getInternalName(Hooks.class);

  private WovenEnums() {}

  /**
   * Replaces the initialiser of an enum.
   *
   * @return whether it was of the form that compilers give it, and runs more than they wrote
   */
  static boolean replaceInitialiser(ClassNode node, MethodNode initialiser) {
    if (!ENUM.equals(node.superName) || isPlain(node, initialiser)) {
      return false;
    }
    List<String> bodies = bodies(node, initialiser);
    if (bodies == null) {
      return false;
    }
    InsnList code = new InsnList();
    code.add(new LdcInsnNode(Type.getObjectType(node.name)));
    code.add(new LdcInsnNode(String.join(",", bodies)));
    code.add(
        new MethodInsnNode(
            INVOKESTATIC, HOOKS, "enumConstants", "(Ljava/lang/Class;Ljava/lang/String;)V"));
    code.add(new InsnNode(RETURN));
    initialiser.instructions.clear();
    initialiser.instructions.add(code);
    initialiser.tryCatchBlocks.clear();
    if (initialiser.localVariables != null) {
      initialiser.localVariables.clear();
    }
    return true;
  }

  /** Whether nothing runs but what the compiler wrote. */
  private static boolean isPlain(ClassNode node, MethodNode initialiser) {
    for (AbstractInsnNode i = initialiser.instructions.getFirst(); i != null; i = i.getNext()) {
      boolean own =
          switch (i.getOpcode()) {
            case INVOKESPECIAL ->
                ((MethodInsnNode) i).owner.equals(node.name)
                    && ((MethodInsnNode) i).desc.equals("(Ljava/lang/String;I)V");
            case INVOKESTATIC ->
                ((MethodInsnNode) i).owner.equals(node.name)
                    && ((MethodInsnNode) i).name.equals("$values");
            case PUTSTATIC, GETSTATIC -> isOwn(node, (FieldInsnNode) i);
            case NEW, ANEWARRAY -> ((TypeInsnNode) i).desc.equals(node.name);
            case DUP, AASTORE, RETURN, LDC, BIPUSH, SIPUSH, -1 -> true;
            default -> i.getOpcode() >= ICONST_M1 && i.getOpcode() <= ICONST_5;
          };
      if (!own) {
        return false;
      }
    }
    return node.methods.stream()
        .allMatch(m -> !m.name.equals("<init>") || !m.desc.endsWith("I)V") || isPlain(m));
  }

  private static boolean isPlain(MethodNode constructor) {
    int calls = 0;
    for (AbstractInsnNode i = constructor.instructions.getFirst(); i != null; i = i.getNext()) {
      switch (i.getOpcode()) {
        case ALOAD, ILOAD, RETURN, -1 -> {}
        case INVOKESPECIAL -> calls++;
        default -> {
          return false;
        }
      }
    }
    return calls == 1;
  }

  private static boolean isOwn(ClassNode node, FieldInsnNode i) {
    return i.owner.equals(node.name)
        && node.fields.stream()
            .anyMatch(f -> f.name.equals(i.name) && StaticFields.isEnumOwn(node, f));
  }

  /** Returns the constants' classes, in order, or {@code null} if they cannot be told. */
  private static @Nullable List<String> bodies(ClassNode node, MethodNode initialiser) {
    List<String> bodies = new ArrayList<>();
    for (FieldNode f : node.fields) {
      if ((f.access & ACC_ENUM) != 0) {
        String body = body(node, f, initialiser);
        if (body == null) {
          return null;
        }
        bodies.add(body.equals(node.name) ? "" : body.replace('/', '.'));
      }
    }
    // A constant string has at most 65,535 bytes.
    return String.join(",", bodies).length() < (1 << 14) ? bodies : null;
  }

  private static @Nullable String body(ClassNode node, FieldNode f, MethodNode initialiser) {
    for (AbstractInsnNode i = initialiser.instructions.getFirst(); i != null; i = i.getNext()) {
      if (i.getOpcode() == PUTSTATIC
          && ((FieldInsnNode) i).owner.equals(node.name)
          && ((FieldInsnNode) i).name.equals(f.name)) {
        AbstractInsnNode made = i.getPrevious();
        while (made != null && made.getOpcode() < 0) {
          made = made.getPrevious();
        }
        return made instanceof MethodInsnNode c && c.name.equals("<init>") ? c.owner : null;
      }
    }
    return null;
  }

  /** Has the constants get the hash codes that they have at home, when they have been made. */
  static void keepHashes(ClassNode node) {
    if (!ENUM.equals(node.superName)) {
      return;
    }
    for (MethodNode m : node.methods) {
      if (m.name.equals("<clinit>")) {
        for (AbstractInsnNode i = m.instructions.getFirst(); i != null; i = i.getNext()) {
          if (i.getOpcode() == RETURN) {
            m.instructions.insertBefore(i, new LdcInsnNode(Type.getObjectType(node.name)));
            m.instructions.insertBefore(i, Code.hook("enumMade", "(Ljava/lang/Class;)V"));
          }
        }
      }
    }
  }

  /** Returns the constants of a class that is being initialised. */
  public static List<Object> constants(Class<?> type) {
    List<Object> constants = new ArrayList<>();
    for (Field f : WovenMembers.fields(type)) {
      if (f.isEnumConstant()) {
        Object o = Memory.getReference(Memory.staticBase(f), Memory.staticOffset(f));
        if (o != null) {
          constants.add(o);
        }
      }
    }
    return constants;
  }

  /** Makes the constants of a class that is being initialised. */
  public static void make(Class<?> type, String bodies) {
    String[] names = bodies.split(",", -1);
    List<Object> constants = new ArrayList<>();
    @Nullable Field values = null;
    try {
      Field name = Enum.class.getDeclaredField("name");
      Field ordinal = Enum.class.getDeclaredField("ordinal");
      for (Field f : WovenMembers.fields(type)) {
        if (f.isEnumConstant()) {
          String body = names[constants.size()];
          Object o =
              Memory.allocate(
                  body.isEmpty() ? type : Class.forName(body, true, type.getClassLoader()));
          Memory.putReference(o, Memory.offset(name), f.getName());
          Memory.putInt(o, Memory.offset(ordinal), constants.size());
          Memory.putReference(Memory.staticBase(f), Memory.staticOffset(f), o);
          constants.add(o);
        } else if (f.isSynthetic() && f.getType() == type.arrayType()) {
          values = f;
        }
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make the constants of " + type, e);
    }
    if (values != null) {
      Object[] all = (Object[]) Array.newInstance(type, constants.size());
      Memory.putReference(
          Memory.staticBase(values), Memory.staticOffset(values), constants.toArray(all));
    }
  }
}
