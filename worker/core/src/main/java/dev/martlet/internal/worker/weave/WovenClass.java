package dev.martlet.internal.worker.weave;

import static dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes.*;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.ClassNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InsnList;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** A class that is being woven: what its weavers ask of it and add to it. */
final class WovenClass {
  /** The code of a bridge. */
  interface Body {
    void emit(MethodNode m, InsnList code);
  }

  final ClassNode node;
  final boolean application;
  final boolean isInterface;
  final ClassFiles files;
  final Predicate<String> isApplication;

  /** What {@link References} needs to know, a line for each reference that was replaced. */
  final List<String> references = new ArrayList<>();

  private final Map<String, String> bridges = new HashMap<>();
  private int methods;

  WovenClass(
      ClassNode node, boolean application, ClassFiles files, Predicate<String> isApplication) {
    this.node = node;
    this.application = application;
    this.files = files;
    this.isApplication = once(isApplication);
    this.isInterface = (node.access & ACC_INTERFACE) != 0;
  }

  /** Asks once about each class: the client may have to be asked, for each field that is read. */
  private static Predicate<String> once(Predicate<String> asked) {
    Map<String, Boolean> known = new HashMap<>();
    return name -> known.computeIfAbsent(name, asked::test);
  }

  /** Returns a name for a method that is added. */
  String newName() {
    return WovenMembers.PREFIX + methods++;
  }

  /**
   * Returns a call of a bridge, which is added if there is none yet that does the same.
   *
   * @param key what the bridge does
   */
  MethodInsnNode bridge(String key, String descriptor, Body body) {
    String name = bridges.get(key);
    if (name == null) {
      name = newName();
      bridges.put(key, name);
      MethodNode m =
          new MethodNode(ACC_PRIVATE | ACC_STATIC | ACC_SYNTHETIC, name, descriptor, null, null);
      body.emit(m, m.instructions);
      node.methods.add(m);
    }
    return new MethodInsnNode(INVOKESTATIC, node.name, name, descriptor, isInterface);
  }
}
