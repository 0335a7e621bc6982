package dev.martlet.internal.worker.weave;

import static dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes.*;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.AbstractInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FieldInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FrameNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.IntInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InvokeDynamicInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.JumpInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LdcInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LocalVariableNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.LookupSwitchInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MultiANewArrayInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.TableSwitchInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.TypeInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.VarInsnNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where the values on a method's operand stack come from, in the words of the JVM's messages. The
 * method is followed in the order of its code; what comes from more than one place is not known.
 */
final class Sources {
  /** The text of a value, empty if it is not known, and whether a method has returned it. */
  private record Value(String text, boolean returned) {}

  private static final Value UNKNOWN = new Value("", false);

  private final MethodNode method;
  private final Map<String, AbstractInsnNode> bridged;
  private final List<Value> stack = new ArrayList<>();
  private boolean ended;

  Sources(MethodNode method, Map<String, AbstractInsnNode> bridged) {
    this.method = method;
    this.bridged = bridged;
  }

  /** Returns why a call, of a bridge, has failed if its first argument was null. */
  String receiver(MethodInsnNode call) {
    for (AbstractInsnNode i : method.instructions) {
      if (i == call) {
        int size = Type.getArgumentsAndReturnSizes(call.desc) >> 2;
        Value v = stack.get(stack.size() - (size - 1));
        String quoted = "\"" + v.text + "\" is null";
        return v.text.isEmpty()
            ? ""
            : v.returned ? " because the return value of " + quoted : " because " + quoted;
      }
      step(i);
    }
    return "";
  }

  static String signature(MethodInsnNode c) {
    return name(Type.getObjectType(c.owner))
        + "."
        + c.name
        + Arrays.stream(Type.getArgumentTypes(c.desc))
            .map(Sources::name)
            .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String name(Type type) {
    String name = type.getClassName();
    return name.replaceAll("^java\\.lang\\.(Object|String)(?=$|\\[)", "$1");
  }

  private void step(AbstractInsnNode i) {
    if (i instanceof FrameNode f) {
      merge(f);
    } else if (ended || i.getOpcode() < 0) {
      return;
    } else if (i instanceof VarInsnNode v) {
      variable(v);
    } else if (i instanceof FieldInsnNode f) {
      field(f);
    } else if (i instanceof MethodInsnNode c) {
      call(c);
    } else if (i instanceof InvokeDynamicInsnNode d) {
      pop(argumentSize(d.desc));
      push(UNKNOWN, Type.getReturnType(d.desc).getSize());
    } else if (i instanceof LdcInsnNode l) {
      push(UNKNOWN, l.cst instanceof Long || l.cst instanceof Double ? 2 : 1);
    } else if (i instanceof IntInsnNode n) {
      if (n.getOpcode() == NEWARRAY) {
        change(1, 1);
      } else {
        push(new Value(String.valueOf(n.operand), false), 1);
      }
    } else if (i instanceof TypeInsnNode t) {
      if (t.getOpcode() == NEW) {
        push(UNKNOWN, 1);
      } else if (t.getOpcode() != CHECKCAST) {
        change(1, 1);
      }
    } else if (i instanceof MultiANewArrayInsnNode a) {
      change(a.dims, 1);
    } else if (i instanceof JumpInsnNode j) {
      int op = j.getOpcode();
      ended = op == GOTO;
      pop(op == GOTO ? 0 : op >= IF_ICMPEQ && op <= IF_ACMPNE ? 2 : 1);
    } else if (i instanceof TableSwitchInsnNode || i instanceof LookupSwitchInsnNode) {
      pop(1);
      ended = true;
    } else if (i.getOpcode() != IINC) {
      simple(i.getOpcode());
    }
  }

  /** Where two ways meet, the value that they leave on top is of two places. */
  private void merge(FrameNode f) {
    List<Value> met = new ArrayList<>();
    for (Object o : f.stack == null ? List.of() : f.stack) {
      int size = LONG.equals(o) || DOUBLE.equals(o) ? 2 : 1;
      for (int k = 0; k < size; k++) {
        met.add(met.size() < stack.size() ? stack.get(met.size()) : UNKNOWN);
      }
    }
    if (!ended && !met.isEmpty()) {
      met.set(met.size() - 1, UNKNOWN);
    }
    stack.clear();
    stack.addAll(met);
    ended = false;
  }

  private void variable(VarInsnNode v) {
    int op = v.getOpcode();
    if (op >= ISTORE && op <= ASTORE) {
      pop(op == LSTORE || op == DSTORE ? 2 : 1);
    } else {
      push(new Value(local(v), false), op == LLOAD || op == DLOAD ? 2 : 1);
    }
  }

  private String local(VarInsnNode v) {
    int at = method.instructions.indexOf(v);
    if (method.localVariables != null && !method.localVariables.isEmpty()) {
      for (LocalVariableNode n : method.localVariables) {
        if (n.index == v.var
            && method.instructions.indexOf(n.start) <= at
            && at < method.instructions.indexOf(n.end)) {
          return n.name;
        }
      }
    }
    int slot = 0;
    if ((method.access & ACC_STATIC) == 0) {
      if (v.var == 0) {
        return "this";
      }
      slot = 1;
    }
    int parameter = 1;
    for (Type p : Type.getArgumentTypes(method.desc)) {
      if (slot == v.var) {
        return "<parameter" + parameter + ">";
      }
      slot += p.getSize();
      parameter++;
    }
    return "<local" + v.var + ">";
  }

  private void field(FieldInsnNode f) {
    int size = Type.getType(f.desc).getSize();
    switch (f.getOpcode()) {
      case GETSTATIC -> push(ofStatic(f), size);
      case PUTSTATIC -> pop(size);
      case PUTFIELD -> pop(size + 1);
      default -> {
        Value of = pop(1);
        push(new Value(of.text.isEmpty() ? f.name : of.text + "." + f.name, false), size);
      }
    }
  }

  private static Value ofStatic(FieldInsnNode f) {
    return new Value(name(Type.getObjectType(f.owner)) + "." + f.name, false);
  }

  private void call(MethodInsnNode c) {
    pop(argumentSize(c.desc) + (c.getOpcode() == INVOKESTATIC ? 0 : 1));
    AbstractInsnNode real =
        c.name.startsWith(WovenMembers.PREFIX) ? bridged.get(c.name + c.desc) : c;
    Value value =
        real instanceof MethodInsnNode m
            ? new Value(signature(m), true)
            : real instanceof FieldInsnNode f && f.getOpcode() == GETSTATIC ? ofStatic(f) : UNKNOWN;
    push(value, Type.getReturnType(c.desc).getSize());
  }

  private static int argumentSize(String descriptor) {
    return (Type.getArgumentsAndReturnSizes(descriptor) >> 2) - 1;
  }

  private void simple(int op) {
    if (op == ACONST_NULL) {
      push(new Value("null", false), 1);
    } else if (op >= ICONST_M1 && op <= ICONST_5) {
      push(new Value(String.valueOf(op - ICONST_0), false), 1);
    } else if (op <= DCONST_1) {
      push(UNKNOWN, op >= FCONST_0 && op <= FCONST_2 ? 1 : op == NOP ? 0 : 2);
    } else if (op >= IALOAD && op <= SALOAD) {
      Value index = pop(1);
      Value array = pop(1);
      String text =
          array.text.isEmpty()
              ? ""
              : array.text + "[" + (index.text.isEmpty() ? "..." : index.text) + "]";
      push(new Value(text, false), op == LALOAD || op == DALOAD ? 2 : 1);
    } else if (op >= IASTORE && op <= SASTORE) {
      pop(op == LASTORE || op == DASTORE ? 4 : 3);
    } else if (op >= POP && op <= SWAP) {
      move(op);
    } else if (op >= IADD && op <= DREM) {
      boolean wide = (op - IADD) % 2 == 1;
      change(wide ? 4 : 2, wide ? 2 : 1);
    } else if (op >= INEG && op <= DNEG) {
      int size = (op - INEG) % 2 + 1;
      change(size, size);
    } else if (op >= ISHL && op <= LUSHR) {
      boolean wide = (op - ISHL) % 2 == 1;
      change(wide ? 3 : 2, wide ? 2 : 1);
    } else if (op >= IAND && op <= LXOR) {
      boolean wide = (op - IAND) % 2 == 1;
      change(wide ? 4 : 2, wide ? 2 : 1);
    } else if (op >= I2L && op <= I2S) {
      boolean fromWide = (op >= L2I && op <= L2D) || (op >= D2I && op <= D2F);
      boolean toWide = List.of(I2L, I2D, L2D, F2L, F2D, D2L).contains(op);
      change(fromWide ? 2 : 1, toWide ? 2 : 1);
    } else if (op >= LCMP && op <= DCMPG) {
      change(op == FCMPL || op == FCMPG ? 2 : 4, 1);
    } else if (op == ARRAYLENGTH) {
      change(1, 1);
    } else if (op == MONITORENTER || op == MONITOREXIT) {
      pop(1);
    } else {
      ended = true;
    }
  }

  /** Follows the instructions that only move what is on the stack. */
  private void move(int op) {
    int n = stack.size();
    switch (op) {
      case POP -> pop(1);
      case POP2 -> pop(2);
      case DUP -> stack.add(stack.get(n - 1));
      case DUP_X1 -> stack.add(n - 2, stack.get(n - 1));
      case DUP_X2 -> stack.add(n - 3, stack.get(n - 1));
      case DUP2 -> stack.addAll(List.copyOf(stack.subList(n - 2, n)));
      case DUP2_X1 -> stack.addAll(n - 3, List.copyOf(stack.subList(n - 2, n)));
      case DUP2_X2 -> stack.addAll(n - 4, List.copyOf(stack.subList(n - 2, n)));
      default -> stack.add(n - 2, stack.remove(n - 1));
    }
  }

  private void change(int pops, int pushes) {
    pop(pops);
    push(UNKNOWN, pushes);
  }

  /** Takes slots off, and returns the last one taken. */
  private Value pop(int slots) {
    Value last = UNKNOWN;
    for (int k = 0; k < slots; k++) {
      last = stack.remove(stack.size() - 1);
    }
    return last;
  }

  private void push(Value value, int slots) {
    for (int k = 0; k < slots; k++) {
      stack.add(value);
    }
  }
}
