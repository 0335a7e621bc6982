package dev.martlet.internal.capture;

import dev.martlet.internal.capture.MethodFacts.Operand;
import dev.martlet.internal.capture.MethodFacts.Source;
import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Where objects that came with the task may get to, so that a task's own maps and locks are told
 * from those it shares.
 *
 * <p>One bit is kept for each field, parameter and result of a method, whatever the object or
 * caller: may it hold something shipped? What the JDK answers may be shipped if anything passed to
 * it was. Once something shipped is handed to the JDK or put in an array, so may be whatever comes
 * out of any container.
 */
final class Flow {
  /** The reachable code, and which of it a call runs. */
  interface Code {
    Collection<Method> methods();

    /** Returns the keys of the methods that a call may run; none if it is the JDK's. */
    List<Method> targets(MethodFacts.Call call);

    /** Returns the methods that a lambda runs. */
    List<Method> targets(MethodFacts.Lambda lambda);

    /** Returns a field by its declaring class. */
    FieldRef locate(FieldRef field);

    /** Returns whether the objects or statics of a field come with the task. */
    boolean isShipped(FieldRef field);

    /** Returns whether lambdas are given what is shipped only if something hands it to them. */
    boolean tellsCallBacks();
  }

  /** A reachable method. */
  record Method(String key, MethodFacts facts) {
    boolean isStatic() {
      return (facts.access() & Modifier.STATIC) != 0;
    }
  }

  private record Slot(String method, int index) {
    // As the compiler's, which cost a new JVM milliseconds to link.
    @Override
    public int hashCode() {
      return 31 * method.hashCode() + index;
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof Slot s && index == s.index && method.equals(s.method);
    }
  }

  private static final int RESULT = -1;

  /** Types of parameters through which nothing is called back but what is entered anyway. */
  private static final Set<String> PLAIN =
      Set.of(
          "java/lang/Object",
          "java/lang/String",
          "java/lang/CharSequence",
          "java/util/Collection",
          "java/util/List",
          "java/util/Map");

  private final Code code;
  private final Set<Slot> shippedSlots = new HashSet<>();
  private final Set<FieldRef> shippedFields = new HashSet<>();
  private boolean leaked;
  private boolean handed;
  private boolean changed;

  Flow(Code code) {
    this.code = code;
  }

  /** Lets some parameters of a method hold what is shipped: it is called by the unseen. */
  void enter(Method method, IntPredicate slot) {
    int slots = Type.getArgumentsAndReturnSizes(method.facts.descriptor()) >> 2;
    for (int i = 0; i < slots; i++) {
      if (slot.test(i)) {
        shippedSlots.add(new Slot(method.key, i));
      }
    }
  }

  void run() {
    do {
      changed = false;
      code.methods().forEach(this::pass);
    } while (changed);
  }

  /** Returns whether a value in a method may be, or hold, something that is shipped. */
  boolean mayBeShipped(Method method, Set<Source> sources) {
    for (Source source : sources) {
      boolean shipped =
          switch (source.kind()) {
            case PARAMETER -> shippedSlots.contains(new Slot(method.key, source.index()));
            case FIELD -> source.field() == null || isShipped(source.field());
            case RESULT -> shippedSlots.contains(new Slot(method.key, RESULT - 1 - source.index()));
            case ELEMENT -> leaked;
            case UNKNOWN -> true;
          };
      if (shipped) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether the receiver of a method may be shipped. */
  boolean receiverMayBeShipped(Method method) {
    return shippedSlots.contains(new Slot(method.key, 0));
  }

  private boolean isShipped(FieldRef field) {
    FieldRef located = code.locate(field);
    return shippedFields.contains(located) || code.isShipped(located);
  }

  private void add(Slot slot) {
    changed |= shippedSlots.add(slot);
  }

  private void pass(Method method) {
    MethodFacts facts = method.facts;
    for (MethodFacts.Access access : facts.accesses()) {
      boolean isWrite = access.opcode() == Opcodes.PUTFIELD || access.opcode() == Opcodes.PUTSTATIC;
      if (isWrite && mayBeShipped(method, access.value())) {
        changed |= shippedFields.add(code.locate(access.field()));
      }
    }
    for (MethodFacts.Lambda lambda : facts.lambdas()) {
      for (Method target : code.targets(lambda)) {
        pass(method, lambda.captured(), target);
        enter(target, lambda.captured().size());
      }
    }
    for (Operand stored : facts.storedInArrays()) {
      leak(method, stored);
    }
    List<MethodFacts.Call> calls = facts.calls();
    for (int i = 0; i < calls.size(); i++) {
      if (mayAnswerShipped(method, calls.get(i))) {
        add(new Slot(method.key, RESULT - 1 - i));
      }
    }
    if (mayBeShipped(method, facts.returned())) {
      add(new Slot(method.key, RESULT));
    }
  }

  /** Passes a call's operands on, and returns whether its result may be shipped. */
  private boolean mayAnswerShipped(Method method, MethodFacts.Call call) {
    boolean answer = false;
    List<Method> targets = code.targets(call);
    hand(method, call, targets.isEmpty());
    for (Method target : targets) {
      pass(method, call.operands(), target);
      answer |= shippedSlots.contains(new Slot(target.key, RESULT));
    }
    if (JdkTable.isJdk(call.owner()) || targets.isEmpty()) {
      answer |= leaked;
      int first = call.opcode() == Opcodes.INVOKESTATIC ? 0 : 1;
      for (int i = 0; i < call.operands().size(); i++) {
        Operand operand = call.operands().get(i);
        if (mayBeShipped(method, operand.sources())) {
          answer = true;
          if (i >= first) {
            leak(method, operand);
          }
        }
      }
    }
    return answer;
  }

  /** Notes that unseen code is given something shipped together with what it may call back. */
  private void hand(Method method, MethodFacts.Call call, boolean isUnseen) {
    if (handed || !code.tellsCallBacks()) {
      return;
    }
    boolean isFunction = call.opcode() == Opcodes.INVOKEINTERFACE;
    boolean takesFunction = false;
    if (isUnseen) {
      for (Type type : Type.getArgumentTypes(call.descriptor())) {
        takesFunction |= type.getSort() == Type.OBJECT && !PLAIN.contains(type.getInternalName());
      }
    }
    int first = takesFunction || call.opcode() == Opcodes.INVOKESTATIC ? 0 : 1;
    if (takesFunction || isFunction) {
      for (int i = first; i < call.operands().size(); i++) {
        if (mayBeShipped(method, call.operands().get(i).sources())) {
          handed = true;
          changed = true;
        }
      }
    }
  }

  private void leak(Method method, Operand operand) {
    boolean mayHoldState =
        operand.type().startsWith("[L") || JdkTable.maySynchronise(operand.type());
    if (!leaked && mayHoldState && mayBeShipped(method, operand.sources())) {
      leaked = true;
      changed = true;
    }
  }

  /** Lets the parameters of a lambda's body that it does not capture hold what is shipped. */
  private void enter(Method target, int captured) {
    int parameter = 0;
    int slot = 0;
    if (!target.isStatic()) {
      if (captured == 0 && !target.facts.name().equals("<init>")) {
        add(new Slot(target.key, 0));
      }
      slot = 1;
      parameter = target.facts.name().equals("<init>") ? 0 : 1;
    }
    for (Type type : Type.getArgumentTypes(target.facts.descriptor())) {
      if (parameter++ >= captured && (handed || !code.tellsCallBacks())) {
        add(new Slot(target.key, slot));
      }
      slot += type.getSize();
    }
  }

  private void pass(Method caller, List<Operand> operands, Method target) {
    int slot = 0;
    int next = 0;
    if (!target.isStatic() && !operands.isEmpty()) {
      // A reference to a constructor captures arguments only.
      boolean constructs =
          target.facts.name().equals("<init>")
              && operands.size() <= Type.getArgumentTypes(target.facts.descriptor()).length;
      if (!constructs && mayBeShipped(caller, operands.get(next++).sources())) {
        add(new Slot(target.key, 0));
      }
      slot = 1;
    }
    for (Type type : Type.getArgumentTypes(target.facts.descriptor())) {
      if (next < operands.size() && mayBeShipped(caller, operands.get(next++).sources())) {
        add(new Slot(target.key, slot));
      }
      slot += type.getSize();
    }
  }
}
