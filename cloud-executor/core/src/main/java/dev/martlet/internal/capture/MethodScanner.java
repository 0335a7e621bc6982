package dev.martlet.internal.capture;

import dev.martlet.internal.capture.MethodFacts.Source;
import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ConstantDynamic;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Handle;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Label;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.MethodVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads one method's instructions into {@link MethodFacts}.
 *
 * <p>It follows the operand stack along the instructions to see where a value comes from: an
 * allocation in this method, a local variable, the result of a call. Where paths meet with
 * different values, nothing is known. Local variables are taken without regard to order: one is
 * fresh only if all that is ever stored in it is. So "fresh" and "dropped" are certain, their
 * absence is not.
 */
final class MethodScanner extends MethodVisitor {
  private enum Kind {
    OTHER,
    NULL,
    ALLOCATED,
    LOCAL,
    RESULT,
    MERGED,
    ELEMENT
  }

  /**
   * Where a value on the stack comes from; the index is that of a site, a variable, a call, a list
   * of merged values or the array it is an element of.
   */
  private record Value(
      Kind kind, int index, String type, @Nullable FieldRef field, boolean constant) {
    static Value of(Kind kind, int index, String type) {
      return new Value(kind, index, type, null, false);
    }

    // As the compiler's, which cost a new JVM milliseconds to link.
    @Override
    public int hashCode() {
      return 31 * (31 * kind.hashCode() + index) + type.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof Value v
          && kind == v.kind
          && index == v.index
          && type.equals(v.type)
          && Objects.equals(field, v.field)
          && constant == v.constant;
    }
  }

  private static final String OBJECT = "java/lang/Object";

  /** Types that hold nothing which could be shared. */
  private static final Set<String> VALUES =
      Set.of(
          "java/lang/String",
          "java/lang/Boolean",
          "java/lang/Character",
          "java/lang/Byte",
          "java/lang/Short",
          "java/lang/Integer",
          "java/lang/Long",
          "java/lang/Float",
          "java/lang/Double");

  private static final Value OTHER = Value.of(Kind.OTHER, 0, OBJECT);
  private static final Value NULL = Value.of(Kind.NULL, 0, OBJECT);

  /** Slots popped and pushed by the instructions without operands that need no closer look. */
  private static final Map<Integer, int[]> EFFECTS = effects();

  private final int access;
  private final String name;
  private final String descriptor;
  private final Consumer<MethodFacts> result;
  private final int parameterSlots;

  private @Nullable List<Value> stack = new ArrayList<>();
  private final Map<Label, List<Value>> atLabel = new HashMap<>();
  private final Set<Label> handlers = new HashSet<>();
  private final Map<Integer, String> parameterTypes = new HashMap<>();
  private final Map<Integer, List<Value>> stores = new HashMap<>();
  private final Set<Integer> escapedSites = new HashSet<>();
  private final Set<Integer> escapedLocals = new HashSet<>();
  private final Set<Integer> usedResults = new HashSet<>();

  private final Map<Integer, List<Value>> elements = new HashMap<>();

  private final List<List<Value>> merges = new ArrayList<>();
  private final List<Value> arrays = new ArrayList<>();
  private final List<Value> storedInArrays = new ArrayList<>();
  private final List<Value> returned = new ArrayList<>();

  private int sites;
  private final List<PendingCall> calls = new ArrayList<>();
  private final List<PendingAccess> accesses = new ArrayList<>();
  private final List<PendingLambda> lambdas = new ArrayList<>();
  private final List<PendingLock> locks = new ArrayList<>();
  private final Set<String> allocated = new LinkedHashSet<>();
  private final Set<String> mentioned = new LinkedHashSet<>();
  private final Set<String> printed = new HashSet<>();
  private boolean comparesReferences;
  private @Nullable String opaque;

  private record PendingCall(
      int opcode,
      String owner,
      String name,
      String descriptor,
      Value receiver,
      List<Value> operands,
      List<Value> read) {}

  private record PendingAccess(int opcode, FieldRef field, Value receiver, Value value) {}

  private record PendingLambda(
      String type, Handle target, boolean returnsVoid, List<Value> captured) {}

  private record PendingLock(Value value) {}

  MethodScanner(
      String owner, int access, String name, String descriptor, Consumer<MethodFacts> result) {
    super(Opcodes.ASM9);
    this.access = access;
    this.name = name;
    this.descriptor = descriptor;
    this.result = result;
    int slot = 0;
    if ((access & Opcodes.ACC_STATIC) == 0) {
      parameterTypes.put(slot++, owner);
    }
    for (Type type : Type.getArgumentTypes(descriptor)) {
      parameterTypes.put(slot, internalName(type));
      slot += type.getSize();
    }
    parameterSlots = slot;
  }

  /* ---------------- The stack ---------------- */

  private void push(Value value) {
    if (stack == null) {
      stack = new ArrayList<>();
    }
    stack.add(value);
  }

  private void push(Type type) {
    if (type.getSize() > 0) {
      push(Value.of(Kind.OTHER, 0, internalName(type)));
    }
    if (type.getSize() == 2) {
      push(OTHER);
    }
  }

  private Value pop() {
    return stack == null || stack.isEmpty() ? OTHER : stack.remove(stack.size() - 1);
  }

  /** Takes a value off the stack to do something with it. */
  private Value use() {
    Value value = pop();
    use(value);
    return value;
  }

  private void use(Value value) {
    if (value.kind == Kind.RESULT) {
      usedResults.add(value.index);
    }
  }

  private void escape(Value value) {
    if (value.kind == Kind.ALLOCATED) {
      escapedSites.add(value.index);
    } else if (value.kind == Kind.LOCAL) {
      escapedLocals.add(value.index);
    }
  }

  private void useAll() {
    if (stack != null) {
      stack.forEach(this::use);
    }
  }

  private void jumpTo(Label label) {
    List<Value> known = atLabel.get(label);
    List<Value> now = stack == null ? List.of() : stack;
    atLabel.put(label, known == null ? new ArrayList<>(now) : merge(known, now));
  }

  private List<Value> merge(List<Value> a, List<Value> b) {
    List<Value> merged = new ArrayList<>();
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      Value x = a.get(i);
      Value y = b.get(i);
      if (x.equals(y)) {
        merged.add(x);
      } else {
        use(x);
        use(y);
        escape(x);
        escape(y);
        merges.add(List.of(x, y));
        String type = x.type.equals(y.type) ? x.type : OBJECT;
        merged.add(Value.of(Kind.MERGED, merges.size() - 1, type));
      }
    }
    return merged;
  }

  @Override
  public void visitTryCatchBlock(Label start, Label end, Label handler, @Nullable String type) {
    handlers.add(handler);
    if (type != null) {
      mentioned.add(type);
    }
  }

  @Override
  public void visitLabel(Label label) {
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
        stack.add(OTHER);
      }
    }
  }

  /* ---------------- Instructions ---------------- */

  @Override
  public void visitInsn(int opcode) {
    switch (opcode) {
      case Opcodes.ACONST_NULL -> push(NULL);
      case Opcodes.POP -> pop();
      case Opcodes.POP2 -> {
        pop();
        pop();
      }
      case Opcodes.DUP, Opcodes.DUP_X1, Opcodes.DUP_X2 -> duplicate(1, opcode - Opcodes.DUP);
      case Opcodes.DUP2, Opcodes.DUP2_X1, Opcodes.DUP2_X2 -> duplicate(2, opcode - Opcodes.DUP2);
      case Opcodes.SWAP -> {
        Value a = pop();
        Value b = pop();
        push(a);
        push(b);
      }
      case Opcodes.AASTORE -> {
        Value element = use();
        escape(element);
        use();
        storedInArrays.add(element);
        Value array = use();
        if (array.kind == Kind.ALLOCATED) {
          elements.computeIfAbsent(array.index, site -> new ArrayList<>()).add(element);
        }
      }
      case Opcodes.AALOAD -> {
        use();
        Value array = use();
        String type =
            array.type.startsWith("[L")
                ? array.type.substring(2, array.type.length() - 1)
                : array.type.startsWith("[[") ? array.type.substring(1) : OBJECT;
        arrays.add(array);
        push(Value.of(Kind.ELEMENT, arrays.size() - 1, type));
      }
      case Opcodes.MONITORENTER -> locks.add(new PendingLock(use()));
      case Opcodes.ATHROW,
          Opcodes.IRETURN,
          Opcodes.LRETURN,
          Opcodes.FRETURN,
          Opcodes.DRETURN,
          Opcodes.ARETURN,
          Opcodes.RETURN -> {
        if (opcode != Opcodes.RETURN) {
          Value value = use();
          if (opcode == Opcodes.LRETURN || opcode == Opcodes.DRETURN) {
            use();
          }
          if (opcode == Opcodes.ATHROW) {
            escape(value);
          } else if (opcode == Opcodes.ARETURN) {
            returned.add(value);
          }
        }
        stack = null;
      }
      default -> {
        int[] effect = EFFECTS.getOrDefault(opcode, new int[] {0, 0});
        for (int i = 0; i < effect[0]; i++) {
          use();
        }
        for (int i = 0; i < effect[1]; i++) {
          push(OTHER);
        }
      }
    }
  }

  /** Copies the upper {@code count} slots below as many more as {@code under}. */
  private void duplicate(int count, int under) {
    List<Value> taken = new ArrayList<>();
    for (int i = 0; i < count + under; i++) {
      taken.add(0, pop());
    }
    List<Value> top = taken.subList(under, under + count);
    top.forEach(this::push);
    taken.forEach(this::push);
  }

  private static Map<Integer, int[]> effects() {
    Map<Integer, int[]> effects = new HashMap<>();
    String[] table = {
      "2-8:0,1",
      "9-10:0,2",
      "11-13:0,1",
      "14-15:0,2", // constants
      "46-46:2,1",
      "47-47:2,2",
      "48-48:2,1",
      "49-49:2,2",
      "51-53:2,1", // array loads
      "79-79:3,0",
      "80-80:4,0",
      "81-81:3,0",
      "82-82:4,0",
      "84-86:3,0", // array stores
      "116-116:1,1",
      "117-117:2,2",
      "118-118:1,1",
      "119-119:2,2", // negation
      "120-120:2,1",
      "121-121:3,2",
      "122-122:2,1",
      "123-123:3,2",
      "124-124:2,1",
      "125-125:3,2",
      "126-126:2,1",
      "127-127:4,2",
      "128-128:2,1",
      "129-129:4,2",
      "130-130:2,1",
      "131-131:4,2",
      "133-133:1,2",
      "134-134:1,1",
      "135-135:1,2",
      "136-137:2,1",
      "138-138:2,2",
      "139-139:1,1",
      "140-141:1,2",
      "142-142:2,1",
      "143-143:2,2",
      "144-144:2,1",
      "145-147:1,1", // conversions
      "148-148:4,1",
      "149-150:2,1",
      "151-152:4,1", // comparisons
      "190-190:1,1",
      "195-195:1,0" // arraylength, monitorexit
    };
    for (String entry : table) {
      String[] parts = entry.split("[-:,]", -1);
      for (int op = Integer.parseInt(parts[0]); op <= Integer.parseInt(parts[1]); op++) {
        effects.put(op, new int[] {Integer.parseInt(parts[2]), Integer.parseInt(parts[3])});
      }
    }
    for (int op = Opcodes.IADD; op <= Opcodes.DREM; op++) { // int, long, float, double in turn
      effects.put(op, op % 2 == 0 ? new int[] {2, 1} : new int[] {4, 2});
    }
    return effects;
  }

  @Override
  public void visitIntInsn(int opcode, int operand) {
    if (opcode == Opcodes.NEWARRAY) {
      use();
      push(Value.of(Kind.ALLOCATED, sites++, "[I"));
    } else {
      push(OTHER);
    }
  }

  @Override
  public void visitVarInsn(int opcode, int variable) {
    switch (opcode) {
      case Opcodes.ALOAD ->
          push(Value.of(Kind.LOCAL, variable, parameterTypes.getOrDefault(variable, OBJECT)));
      case Opcodes.ILOAD, Opcodes.FLOAD -> push(OTHER);
      case Opcodes.LLOAD, Opcodes.DLOAD -> push(Type.LONG_TYPE);
      case Opcodes.ISTORE, Opcodes.FSTORE -> use();
      case Opcodes.LSTORE, Opcodes.DSTORE -> {
        use();
        use();
      }
      case Opcodes.ASTORE -> stores.computeIfAbsent(variable, v -> new ArrayList<>()).add(use());
      default -> opaque = "old subroutine";
    }
  }

  @Override
  public void visitTypeInsn(int opcode, String type) {
    mention(type);
    switch (opcode) {
      case Opcodes.NEW -> {
        allocated.add(type);
        push(Value.of(Kind.ALLOCATED, sites++, type));
      }
      case Opcodes.ANEWARRAY -> {
        use();
        push(
            Value.of(
                Kind.ALLOCATED, sites++, type.startsWith("[") ? '[' + type : "[L" + type + ';'));
      }
      case Opcodes.CHECKCAST -> {
        Value v = pop();
        push(new Value(v.kind, v.index, type, v.field, v.constant));
      }
      default -> {
        use();
        push(OTHER);
      }
    }
  }

  private void mention(String type) {
    if (!type.startsWith("[")) {
      mentioned.add(type);
    } else if (type.endsWith(";")) {
      mentioned.add(type.substring(type.indexOf('L') + 1, type.length() - 1));
    }
  }

  @Override
  public void visitFieldInsn(int opcode, String fieldOwner, String field, String type) {
    FieldRef ref = new FieldRef(fieldOwner, field, type);
    mention(fieldOwner);
    Type t = Type.getType(type);
    Value receiver = OTHER;
    Value value = NULL;
    if (opcode == Opcodes.PUTFIELD || opcode == Opcodes.PUTSTATIC) {
      for (int i = 0; i < t.getSize(); i++) {
        Value stored = use();
        escape(stored);
        value = isReference(t) ? narrow(stored, t) : NULL;
      }
    }
    if (opcode == Opcodes.GETFIELD || opcode == Opcodes.PUTFIELD) {
      receiver = use();
    }
    accesses.add(new PendingAccess(opcode, ref, receiver, value));
    if (opcode == Opcodes.GETFIELD || opcode == Opcodes.GETSTATIC) {
      push(new Value(Kind.OTHER, 0, internalName(t), ref, opcode == Opcodes.GETSTATIC));
      if (t.getSize() == 2) {
        push(OTHER);
      }
    }
  }

  @Override
  public void visitMethodInsn(
      int opcode, String callee, String method, String desc, boolean isInterface) {
    if (JdkTable.isStopCheck(callee, method)) {
      return;
    }
    mention(callee);
    Type[] types = Type.getArgumentTypes(desc);
    List<Value> arguments = popArguments(types);
    boolean jdk = callee.startsWith("[") || JdkTable.isJdk(callee);
    List<Value> read = new ArrayList<>();
    for (int i = 0; i < types.length; i++) {
      use(arguments.get(i));
      escape(arguments.get(i));
      if (jdk && isReference(types[i]) && JdkTable.readsArgument(callee, method, desc, i)) {
        Value argument = narrow(arguments.get(i), types[i]);
        if (argument.kind == Kind.ALLOCATED && argument.type.startsWith("[")) {
          read.addAll(elements.getOrDefault(argument.index, List.of()));
        } else {
          read.add(argument);
        }
      }
    }
    Value receiver = opcode == Opcodes.INVOKESTATIC ? OTHER : use();
    Type returned = Type.getReturnType(desc);
    List<Value> operands = new ArrayList<>();
    if (opcode != Opcodes.INVOKESTATIC) {
      operands.add(receiver);
    }
    for (int i = 0; i < types.length; i++) {
      operands.add(isReference(types[i]) ? narrow(arguments.get(i), types[i]) : NULL);
    }
    calls.add(new PendingCall(opcode, callee, method, desc, receiver, operands, read));
    if (returned.getSize() == 0) {
      return;
    }
    Value answer = Value.of(Kind.RESULT, calls.size() - 1, internalName(returned));
    if (opcode == Opcodes.INVOKESTATIC && makesNew(callee, method)) {
      answer = Value.of(Kind.ALLOCATED, sites++, answer.type);
    } else if (opcode == Opcodes.INVOKESTATIC && isSynchronizedView(callee, method)) {
      Value wrapped = arguments.get(0);
      answer = new Value(wrapped.kind, wrapped.index, answer.type, wrapped.field, wrapped.constant);
    } else if (jdk
        && opcode != Opcodes.INVOKESTATIC
        && JdkTable.returnsThis(callee, method, desc)) {
      answer = receiver;
    }
    push(answer);
    if (returned.getSize() == 2) {
      push(answer.kind == Kind.RESULT ? answer : OTHER);
    }
  }

  private List<Value> popArguments(Type[] types) {
    List<Value> arguments = new ArrayList<>();
    for (int i = types.length - 1; i >= 0; i--) {
      Value value = use();
      if (types[i].getSize() == 2) {
        use();
      }
      arguments.add(0, value);
    }
    return arguments;
  }

  private static boolean makesNew(String callee, String method) {
    return (callee.equals("java/util/concurrent/ConcurrentHashMap") && method.equals("newKeySet"))
        || (callee.equals("java/util/concurrent/CompletableFuture")
            && (method.endsWith("Async") || method.endsWith("edFuture")))
        || callee.equals("java/util/concurrent/Executors");
  }

  private static boolean isSynchronizedView(String callee, String method) {
    return callee.equals("java/util/Collections")
        && (method.startsWith("synchronized")
            || method.startsWith("unmodifiable")
            || method.equals("newSetFromMap"));
  }

  /** Returns a value with the more telling of the types that are known of it. */
  private static Value narrow(Value value, Type declared) {
    String type = internalName(declared);
    return value.type.equals(OBJECT) && !type.equals(OBJECT)
        ? new Value(value.kind, value.index, type, value.field, value.constant)
        : value;
  }

  @Override
  public void visitInvokeDynamicInsn(
      String method, String desc, Handle bootstrap, Object... arguments) {
    Type[] types = Type.getArgumentTypes(desc);
    List<Value> values = popArguments(types);
    values.forEach(this::escape);
    Type returned = Type.getReturnType(desc);
    switch (bootstrap.getOwner()) {
      case "java/lang/invoke/LambdaMetafactory" -> {
        Handle target = (Handle) arguments[1];
        boolean isVoid =
            Type.getReturnType(((Type) arguments[0]).getDescriptor()).equals(Type.VOID_TYPE);
        mention(target.getOwner());
        mention(returned.getInternalName());
        lambdas.add(new PendingLambda(returned.getInternalName(), target, isVoid, values));
      }
      case "java/lang/invoke/StringConcatFactory" -> {
        for (int i = 0; i < types.length; i++) {
          if (isReference(types[i])) {
            String type = narrow(values.get(i), types[i]).type;
            printed.add(type);
            calls.add(
                new PendingCall(
                    Opcodes.INVOKESTATIC,
                    "java/lang/String",
                    "valueOf",
                    "(Ljava/lang/Object;)Ljava/lang/String;",
                    OTHER,
                    List.of(values.get(i)),
                    JdkTable.maySynchronise(type)
                        ? List.of(narrow(values.get(i), types[i]))
                        : List.of()));
          }
        }
      }
      case "java/lang/runtime/ObjectMethods" -> {
        for (Object argument : arguments) {
          if (argument instanceof Handle getter && getter.getTag() == Opcodes.H_GETFIELD) {
            FieldRef field = new FieldRef(getter.getOwner(), getter.getName(), getter.getDesc());
            accesses.add(new PendingAccess(Opcodes.GETFIELD, field, OTHER, NULL));
            if (getter.getDesc().startsWith("L")) {
              visitObjectMethod(
                  method, getter.getDesc().substring(1, getter.getDesc().length() - 1));
            }
          }
        }
      }
      case "java/lang/runtime/SwitchBootstraps" -> {
        for (Object argument : arguments) {
          if (argument instanceof Type type && type.getSort() == Type.OBJECT) {
            mention(type.getInternalName());
          }
        }
      }
      default -> opaque = "invokedynamic of " + bootstrap.getOwner();
    }
    if (isReference(returned)) {
      push(Value.of(Kind.ALLOCATED, sites++, internalName(returned)));
    } else {
      push(returned);
    }
  }

  /** A record's method calls that of its components. */
  private void visitObjectMethod(String method, String type) {
    String desc =
        switch (method) {
          case "equals" -> "(Ljava/lang/Object;)Z";
          case "hashCode" -> "()I";
          default -> "()Ljava/lang/String;";
        };
    usedResults.add(calls.size());
    calls.add(
        new PendingCall(
            Opcodes.INVOKEVIRTUAL, type, method, desc, OTHER, List.of(OTHER), List.of()));
  }

  @Override
  public void visitJumpInsn(int opcode, Label label) {
    if (opcode == Opcodes.JSR) {
      opaque = "old subroutine";
    }
    comparesReferences |= opcode == Opcodes.IF_ACMPEQ || opcode == Opcodes.IF_ACMPNE;
    boolean two = opcode >= Opcodes.IF_ICMPEQ && opcode <= Opcodes.IF_ACMPNE;
    if (opcode != Opcodes.GOTO && opcode != Opcodes.JSR) {
      use();
      if (two) {
        use();
      }
    }
    jumpTo(label);
    if (opcode == Opcodes.GOTO) {
      stack = null;
    }
  }

  @Override
  public void visitTableSwitchInsn(int min, int max, Label otherwise, Label... labels) {
    visitLookupSwitchInsn(otherwise, new int[0], labels);
  }

  @Override
  public void visitLookupSwitchInsn(Label otherwise, int[] keys, Label[] labels) {
    use();
    jumpTo(otherwise);
    for (Label label : labels) {
      jumpTo(label);
    }
    stack = null;
  }

  @Override
  public void visitLdcInsn(Object constant) {
    if (constant instanceof Type type && type.getSort() == Type.OBJECT) {
      mention(type.getInternalName());
      push(new Value(Kind.OTHER, 0, type.getInternalName(), null, true));
      return;
    }
    if (constant instanceof ConstantDynamic dynamic) {
      if (!dynamic.getBootstrapMethod().getOwner().startsWith("java/lang/")) {
        opaque = "constant of " + dynamic.getBootstrapMethod().getOwner();
      }
    } else if (constant instanceof Handle) {
      opaque = "method handle constant";
    }
    push(
        constant instanceof String
            ? new Value(Kind.OTHER, 0, "java/lang/String", null, true)
            : OTHER);
    if (constant instanceof Long || constant instanceof Double) {
      push(OTHER);
    }
  }

  @Override
  public void visitMultiANewArrayInsn(String type, int dimensions) {
    mention(type);
    for (int i = 0; i < dimensions; i++) {
      use();
    }
    push(Value.of(Kind.ALLOCATED, sites++, type));
  }

  /* ---------------- The end ---------------- */

  @Override
  public void visitEnd() {
    useAll();
    spreadEscapes();
    List<MethodFacts.Call> madeCalls = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      PendingCall c = calls.get(i);
      List<MethodFacts.Operand> read =
          c.read.stream()
              .filter(v -> !isFresh(v, new HashSet<>()))
              .map(this::operand)
              .filter(o -> o.type().startsWith("[") || JdkTable.maySynchronise(o.type()))
              .toList();
      madeCalls.add(
          new MethodFacts.Call(
              c.opcode,
              c.owner,
              c.name,
              c.descriptor,
              !usedResults.contains(i),
              isFresh(c.receiver, new HashSet<>()),
              escaped(c.receiver, new HashSet<>()),
              c.operands.stream().map(this::operand).toList(),
              read));
    }
    List<MethodFacts.Access> madeAccesses =
        accesses.stream()
            .map(
                a ->
                    new MethodFacts.Access(
                        a.opcode,
                        a.field,
                        isOwn(a.receiver) || isFresh(a.receiver, new HashSet<>()),
                        sources(a.value)))
            .toList();
    List<MethodFacts.Lambda> madeLambdas =
        lambdas.stream()
            .map(
                l ->
                    new MethodFacts.Lambda(
                        l.type,
                        l.target,
                        l.returnsVoid,
                        !l.captured.isEmpty() && isFresh(l.captured.get(0), new HashSet<>()),
                        l.captured.isEmpty() || escaped(l.captured.get(0), new HashSet<>()),
                        l.captured.stream().map(this::operand).toList()))
            .toList();
    List<MethodFacts.Lock> madeLocks = new ArrayList<>();
    for (PendingLock lock : locks) {
      Value v = lockedValue(lock.value);
      if (!isFresh(v, new HashSet<>()) || escaped(v, new HashSet<>())) {
        boolean ofClass = v.constant && v.field == null;
        LockRef ref =
            new LockRef(typeOf(v), ofClass, v.field, v.constant && v.field != null, false);
        madeLocks.add(new MethodFacts.Lock(ref, sources(v)));
      }
    }
    result.accept(
        new MethodFacts(
            access,
            name,
            descriptor,
            madeCalls,
            madeAccesses,
            allocated,
            madeLambdas,
            madeLocks,
            mentioned,
            printed,
            storedInArrays.stream().map(this::operand).toList(),
            sources(returned),
            comparesReferences,
            opaque));
  }

  /** The compiler keeps a locked object in a variable of its own; look through it. */
  private Value lockedValue(Value value) {
    if (value.kind == Kind.LOCAL && value.index >= parameterSlots) {
      List<Value> stored = stores.getOrDefault(value.index, List.of());
      if (stored.size() == 1 && !stored.get(0).equals(value)) {
        return lockedValue(stored.get(0));
      }
    }
    return value;
  }

  /** In a constructor, fields of {@code this} are nobody else's yet. */
  private boolean isOwn(Value value) {
    return value.kind == Kind.LOCAL
        && value.index == 0
        && name.equals("<init>")
        && !stores.containsKey(0);
  }

  private boolean isFresh(Value value, Set<Integer> seen) {
    return switch (value.kind) {
      case ALLOCATED -> true;
      case LOCAL -> {
        if (value.index < parameterSlots || !stores.containsKey(value.index)) {
          yield false;
        }
        if (!seen.add(value.index)) {
          yield true;
        }
        List<Value> stored = stores.getOrDefault(value.index, List.of());
        yield stored.stream().allMatch(v -> v.kind == Kind.NULL || isFresh(v, seen));
      }
      case MERGED ->
          merges.get(value.index).stream().allMatch(v -> v.kind == Kind.NULL || isFresh(v, seen));
      default -> false;
    };
  }

  private MethodFacts.Operand operand(Value value) {
    return new MethodFacts.Operand(typeOf(value), sources(value));
  }

  private Set<Source> sources(Value value) {
    return sources(List.of(value));
  }

  private Set<Source> sources(List<Value> values) {
    Set<Source> found = new HashSet<>();
    Set<Value> seen = new HashSet<>();
    values.forEach(v -> collect(v, found, seen));
    return found;
  }

  private void collect(Value value, Set<Source> found, Set<Value> seen) {
    if (!seen.add(value) || VALUES.contains(value.type)) {
      return;
    }
    switch (value.kind) {
      case NULL, ALLOCATED -> {}
      case RESULT -> found.add(new Source(Source.Kind.RESULT, value.index, null));
      case MERGED -> merges.get(value.index).forEach(v -> collect(v, found, seen));
      case ELEMENT -> {
        Value array = arrays.get(value.index);
        collect(array, found, seen);
        found.add(new Source(Source.Kind.ELEMENT, 0, null));
      }
      case LOCAL -> {
        if (value.index < parameterSlots) {
          found.add(new Source(Source.Kind.PARAMETER, value.index, null));
        }
        List<Value> stored = stores.getOrDefault(value.index, List.of());
        stored.forEach(v -> collect(v, found, seen));
        if (value.index >= parameterSlots && stored.isEmpty()) {
          found.addAll(Source.ANYWHERE);
        }
      }
      case OTHER -> {
        if (value.field != null) {
          found.add(new Source(Source.Kind.FIELD, 0, value.field));
        } else if (!value.constant) {
          found.addAll(Source.ANYWHERE);
        }
      }
    }
  }

  /** What escapes through a variable, escapes for every object that the variable may hold. */
  private void spreadEscapes() {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Map.Entry<Integer, List<Value>> entry : stores.entrySet()) {
        if (escapedLocals.contains(entry.getKey())) {
          for (Value v : entry.getValue()) {
            int before = escapedSites.size() + escapedLocals.size();
            escape(v);
            changed |= escapedSites.size() + escapedLocals.size() > before;
          }
        }
      }
    }
  }

  private boolean escaped(Value value, Set<Integer> seen) {
    return switch (value.kind) {
      case ALLOCATED -> escapedSites.contains(value.index);
      case LOCAL ->
          escapedLocals.contains(value.index)
              || (seen.add(value.index)
                  && stores.getOrDefault(value.index, List.of()).stream()
                      .anyMatch(v -> escaped(v, seen)));
      default -> true;
    };
  }

  private String typeOf(Value value) {
    if (value.kind == Kind.LOCAL && value.index >= parameterSlots && value.type.equals(OBJECT)) {
      Set<String> types = new HashSet<>();
      for (Value v : stores.getOrDefault(value.index, List.of())) {
        types.add(v.kind == Kind.LOCAL && v.index == value.index ? OBJECT : v.type);
      }
      return types.size() == 1 ? types.iterator().next() : OBJECT;
    }
    return value.type;
  }

  private static boolean isReference(Type type) {
    return type.getSort() >= Type.ARRAY;
  }

  static String internalName(Type type) {
    return isReference(type) ? type.getInternalName() : OBJECT;
  }
}
