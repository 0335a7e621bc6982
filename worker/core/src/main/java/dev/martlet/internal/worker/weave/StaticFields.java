package dev.martlet.internal.worker.weave;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.ClassNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FieldNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Which static fields of an application class live at home. Compile-time constants do not, since
 * they are the same everywhere; nor do the compiler's switch tables. The constants of an enum are
 * made on the worker, and what else they hold comes from home.
 *
 * <p>A field's index is its place in {@link #names}.
 */
final class StaticFields {
  /** The woven field that says which static fields are present, one bit each. */
  static final String PRESENT = "$martlet$present";

  /** The woven constant that lists the names of the static fields that live at home. */
  static final String NAMES = "$martlet$names";

  /**
   * The woven field with the values of an interface's fields: these have to be final, so that the
   * values of one call would be taken for those of all.
   */
  static final String VALUES = "$martlet$values";

  final List<String> names = new ArrayList<>();
  final boolean initialisedHere;

  private StaticFields(ClassNode node) {
    boolean isEnum = "java/lang/Enum".equals(node.superName);
    boolean switchTable = false;
    boolean state = false;
    for (FieldNode f : node.fields) {
      switchTable |= f.name.startsWith("$SwitchMap$") || f.name.startsWith("$SWITCH_TABLE$");
      state |= (f.access & Opcodes.ACC_STATIC) == 0;
    }
    // Bodies of constants may add fields, which are not seen from here.
    state |= isEnum && (node.access & Opcodes.ACC_FINAL) == 0;
    initialisedHere = isEnum || switchTable;
    if (switchTable) {
      return;
    }
    for (FieldNode f : node.fields) {
      boolean isStatic = (f.access & Opcodes.ACC_STATIC) != 0;
      boolean constant = f.value != null && (f.access & Opcodes.ACC_FINAL) != 0;
      boolean enumConstant = isEnum && ((f.access & Opcodes.ACC_ENUM) != 0 || isValues(node, f));
      if (isStatic
          && !constant
          && !f.name.equals("$assertionsDisabled")
          && !(enumConstant && !state)) {
        names.add(f.name);
      }
    }
  }

  static StaticFields of(ClassNode node) {
    return new StaticFields(node);
  }

  /** Returns whether a field is an enum's constant or its array of all constants. */
  static boolean isEnumOwn(ClassNode node, FieldNode f) {
    return (f.access & Opcodes.ACC_ENUM) != 0 || isValues(node, f);
  }

  private static boolean isValues(ClassNode node, FieldNode f) {
    return (f.access & Opcodes.ACC_SYNTHETIC) != 0 && f.desc.equals("[L" + node.name + ";");
  }
}
