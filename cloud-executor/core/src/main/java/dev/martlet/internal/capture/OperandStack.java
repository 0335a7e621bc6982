package dev.martlet.internal.capture;

import dev.martlet.internal.capture.Values.Value;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Label;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The operand stack as one method's instructions are gone through, slot by slot. */
final class OperandStack {
  private final Values values;

  /** Null after an instruction that never goes on. */
  private @Nullable List<Value> stack = new ArrayList<>();

  private final Map<Label, List<Value>> atLabel = new HashMap<>();
  private final Set<Label> handlers = new HashSet<>();

  OperandStack(Values values) {
    this.values = values;
  }

  /** Pushes a value of one slot. */
  void push(Value value) {
    if (stack == null) {
      stack = new ArrayList<>();
    }
    stack.add(value);
  }

  /** Takes a value off the stack that nothing is done with. */
  Value pop() {
    return stack == null || stack.isEmpty() ? Values.OTHER : stack.remove(stack.size() - 1);
  }

  /** Takes a value off the stack to do something with it. */
  Value use() {
    Value value = pop();
    values.use(value);
    return value;
  }

  /** Counts all that is left as used. */
  void useAll() {
    if (stack != null) {
      stack.forEach(values::use);
    }
  }

  /** Copies the upper {@code count} slots below as many more as {@code under}. */
  void duplicate(int count, int under) {
    List<Value> taken = new ArrayList<>();
    for (int i = 0; i < count + under; i++) {
      taken.add(0, pop());
    }
    List<Value> top = taken.subList(under, under + count);
    top.forEach(this::push);
    taken.forEach(this::push);
  }

  void addHandler(Label label) {
    handlers.add(label);
  }

  /** Keeps the stack for the code at a label. */
  void jumpTo(Label label) {
    List<Value> known = atLabel.get(label);
    List<Value> now = stack == null ? List.of() : stack;
    atLabel.put(label, known == null ? new ArrayList<>(now) : merge(known, now));
  }

  /** Says that the instructions do not go on here. */
  void end() {
    stack = null;
  }

  /** Goes on with the code at a label. */
  void enter(Label label) {
    List<Value> known = atLabel.get(label);
    if (stack != null) {
      if (known != null) {
        stack = merge(known, stack);
      }
    } else if (known != null) {
      stack = new ArrayList<>(known);
    } else {
      stack = new ArrayList<>();
      if (handlers.contains(label)) {
        stack.add(Values.OTHER);
      }
    }
  }

  private List<Value> merge(List<Value> a, List<Value> b) {
    List<Value> merged = new ArrayList<>();
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      Value x = a.get(i);
      Value y = b.get(i);
      merged.add(x.equals(y) ? x : values.either(x, y));
    }
    return merged;
  }
}
