package dev.martlet.internal.worker.weave;

import static dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes.*;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.AbstractInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.ClassNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FieldInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FieldNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnList;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.IntInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InvokeDynamicInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LdcInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.TypeInsnNode;
import java.util.function.Consumer;

/**
 * Weaves the static state of an application class: in the place of its initialiser, which runs at
 * home, comes one that asks home, and for each field one bit says whether its value is present.
 */
final class StaticsWeaver {
  private final WovenClass woven;
  private final ClassNode node;
  private final boolean isInterface;

  StaticsWeaver(WovenClass woven) {
    this.woven = woven;
    this.node = woven.node;
    this.isInterface = woven.isInterface;
  }

  /**
   * Weaves the fields and the initialiser.
   *
   * @param code weaves the instructions of an initialiser that stays
   */
  void weave(Consumer<MethodNode> code) {
    StaticFields statics = StaticFields.of(node);
    keepSerialVersion(statics);
    MethodNode initialiser = null;
    for (MethodNode m : node.methods) {
      if (m.name.equals("<clinit>")) {
        initialiser = m;
      }
    }
    if (statics.initialisedHere) {
      if (initialiser != null && !WovenEnums.replaceInitialiser(node, initialiser)) {
        code.accept(initialiser);
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
        prologue.add(new TypeInsnNode(ANEWARRAY, Code.OBJECT));
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
    boolean initialiser = false;
    for (MethodNode m : node.methods) {
      initialiser |= m.name.equals("<clinit>");
    }
    boolean visible = false;
    for (FieldNode f : node.fields) {
      visible |= statics.names.contains(f.name) && (f.access & ACC_PRIVATE) == 0;
    }
    boolean changes =
        visible || (initialiser ? !statics.initialisedHere : !statics.names.isEmpty());
    if (changes
        && !isInterface
        && (node.access & (ACC_ENUM | ACC_RECORD)) == 0
        && !SerialVersion.isDeclared(node)
        && woven.files.isA(node, "java/io/Serializable")) {
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
      code.add(Code.hook("initialise", "(Ljava/lang/Class;)V"));
    }
    m.instructions.insert(code);
    return m;
  }

  private String outermost() {
    int dollar = node.name.indexOf('$');
    return dollar > 0 && woven.files.outline(node.name.substring(0, dollar)) != null
        ? node.name.substring(0, dollar)
        : node.name;
  }
}
