package dev.martlet.internal.capture;

import dev.martlet.internal.capture.Values.Kind;
import dev.martlet.internal.capture.Values.Value;
import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ConstantDynamic;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Handle;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Label;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.MethodVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads one method's instructions into {@link MethodFacts}.
 *
 * <p>It follows the {@link OperandStack} along the instructions to see where a value comes from: an
 * allocation in this method, a local variable, the result of a call. What {@link Values} knows when
 * all instructions are read decides what {@link PendingFacts} tells of each. "Fresh" and "dropped"
 * are certain, their absence is not.
 */
final class MethodScanner extends MethodVisitor {

  private final Values values;
  private final OperandStack stack;
  private final int access;
  private final String name;
  private final String descriptor;
  private final Consumer<MethodFacts> result;

  private final Map<Integer, String> parameterTypes = new HashMap<>();

  private final PendingFacts facts;

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
    values = new Values(name, slot);
    stack = new OperandStack(values);
    facts = new PendingFacts(values);
  }

  private void push(Type type) {
    if (type.getSize() > 0) {
      stack.push(Value.of(Kind.OTHER, 0, internalName(type)));
    }
    if (type.getSize() == 2) {
      stack.push(Values.OTHER);
    }
  }

  @Override
  public void visitTryCatchBlock(Label start, Label end, Label handler, @Nullable String type) {
    stack.addHandler(handler);
    if (type != null) {
      facts.mentioned.add(type);
    }
  }

  @Override
  public void visitLabel(Label label) {
    stack.enter(label);
  }

  /* ---------------- Instructions ---------------- */

  @Override
  public void visitInsn(int opcode) {
    switch (opcode) {
      case Opcodes.ACONST_NULL -> stack.push(Values.NULL);
      case Opcodes.POP -> stack.pop();
      case Opcodes.POP2 -> {
        stack.pop();
        stack.pop();
      }
      case Opcodes.DUP, Opcodes.DUP_X1, Opcodes.DUP_X2 -> stack.duplicate(1, opcode - Opcodes.DUP);
      case Opcodes.DUP2, Opcodes.DUP2_X1, Opcodes.DUP2_X2 ->
          stack.duplicate(2, opcode - Opcodes.DUP2);
      case Opcodes.SWAP -> {
        Value a = stack.pop();
        Value b = stack.pop();
        stack.push(a);
        stack.push(b);
      }
      case Opcodes.AASTORE -> {
        Value element = stack.use();
        values.escape(element);
        stack.use();
        facts.storedInArrays.add(element);
        Value array = stack.use();
        values.storeElement(array, element);
      }
      case Opcodes.AALOAD -> {
        stack.use();
        Value array = stack.use();
        String type =
            array.type().startsWith("[L")
                ? array.type().substring(2, array.type().length() - 1)
                : array.type().startsWith("[[") ? array.type().substring(1) : Values.OBJECT;
        stack.push(values.element(array, type));
      }
      case Opcodes.MONITORENTER -> facts.locks.add(stack.use());
      case Opcodes.ATHROW,
          Opcodes.IRETURN,
          Opcodes.LRETURN,
          Opcodes.FRETURN,
          Opcodes.DRETURN,
          Opcodes.ARETURN,
          Opcodes.RETURN -> {
        if (opcode != Opcodes.RETURN) {
          Value value = stack.use();
          if (opcode == Opcodes.LRETURN || opcode == Opcodes.DRETURN) {
            stack.use();
          }
          if (opcode == Opcodes.ATHROW) {
            values.escape(value);
          } else if (opcode == Opcodes.ARETURN) {
            facts.returned.add(value);
          }
        }
        stack.end();
      }
      default -> {
        for (int i = StackEffects.popped(opcode); i > 0; i--) {
          stack.use();
        }
        for (int i = StackEffects.pushed(opcode); i > 0; i--) {
          stack.push(Values.OTHER);
        }
      }
    }
  }

  @Override
  public void visitIntInsn(int opcode, int operand) {
    if (opcode == Opcodes.NEWARRAY) {
      stack.use();
      stack.push(values.allocate("[I"));
    } else {
      stack.push(Values.OTHER);
    }
  }

  @Override
  public void visitVarInsn(int opcode, int variable) {
    switch (opcode) {
      case Opcodes.ALOAD ->
          stack.push(
              Value.of(Kind.LOCAL, variable, parameterTypes.getOrDefault(variable, Values.OBJECT)));
      case Opcodes.ILOAD, Opcodes.FLOAD -> stack.push(Values.OTHER);
      case Opcodes.LLOAD, Opcodes.DLOAD -> push(Type.LONG_TYPE);
      case Opcodes.ISTORE, Opcodes.FSTORE -> stack.use();
      case Opcodes.LSTORE, Opcodes.DSTORE -> {
        stack.use();
        stack.use();
      }
      case Opcodes.ASTORE -> values.store(variable, stack.use());
      default -> facts.opaque = "old subroutine";
    }
  }

  @Override
  public void visitTypeInsn(int opcode, String type) {
    mention(type);
    switch (opcode) {
      case Opcodes.NEW -> {
        facts.allocated.add(type);
        stack.push(values.allocate(type));
      }
      case Opcodes.ANEWARRAY -> {
        stack.use();
        stack.push(values.allocate(type.startsWith("[") ? '[' + type : "[L" + type + ';'));
      }
      case Opcodes.CHECKCAST -> {
        Value v = stack.pop();
        stack.push(new Value(v.kind(), v.index(), type, v.field(), v.constant()));
      }
      default -> {
        stack.use();
        stack.push(Values.OTHER);
      }
    }
  }

  private void mention(String type) {
    if (!type.startsWith("[")) {
      facts.mentioned.add(type);
    } else if (type.endsWith(";")) {
      facts.mentioned.add(type.substring(type.indexOf('L') + 1, type.length() - 1));
    }
  }

  @Override
  public void visitFieldInsn(int opcode, String fieldOwner, String field, String type) {
    FieldRef ref = new FieldRef(fieldOwner, field, type);
    mention(fieldOwner);
    Type t = Type.getType(type);
    Value receiver = Values.OTHER;
    Value value = Values.NULL;
    if (opcode == Opcodes.PUTFIELD || opcode == Opcodes.PUTSTATIC) {
      for (int i = 0; i < t.getSize(); i++) {
        Value stored = stack.use();
        values.escape(stored);
        value = isReference(t) ? narrow(stored, t) : Values.NULL;
      }
    }
    if (opcode == Opcodes.GETFIELD || opcode == Opcodes.PUTFIELD) {
      receiver = stack.use();
    }
    facts.accesses.add(new PendingFacts.Access(opcode, ref, receiver, value));
    if (opcode == Opcodes.GETFIELD || opcode == Opcodes.GETSTATIC) {
      stack.push(new Value(Kind.OTHER, 0, internalName(t), ref, opcode == Opcodes.GETSTATIC));
      if (t.getSize() == 2) {
        stack.push(Values.OTHER);
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
      values.use(arguments.get(i));
      values.escape(arguments.get(i));
      if (jdk && isReference(types[i]) && JdkTable.readsArgument(callee, method, desc, i)) {
        read.addAll(values.contents(narrow(arguments.get(i), types[i])));
      }
    }
    Value receiver = opcode == Opcodes.INVOKESTATIC ? Values.OTHER : stack.use();
    Type returned = Type.getReturnType(desc);
    List<Value> operands = new ArrayList<>();
    if (opcode != Opcodes.INVOKESTATIC) {
      operands.add(receiver);
    }
    for (int i = 0; i < types.length; i++) {
      operands.add(isReference(types[i]) ? narrow(arguments.get(i), types[i]) : Values.NULL);
    }
    facts.calls.add(new PendingFacts.Call(opcode, callee, method, desc, receiver, operands, read));
    if (returned.getSize() == 0) {
      return;
    }
    Value answer = Value.of(Kind.RESULT, facts.calls.size() - 1, internalName(returned));
    if (opcode == Opcodes.INVOKESTATIC && makesNew(callee, method)) {
      answer = values.allocate(answer.type());
    } else if (opcode == Opcodes.INVOKESTATIC && isSynchronizedView(callee, method)) {
      Value wrapped = arguments.get(0);
      answer =
          new Value(
              wrapped.kind(), wrapped.index(), answer.type(), wrapped.field(), wrapped.constant());
    } else if (jdk
        && opcode != Opcodes.INVOKESTATIC
        && JdkTable.returnsThis(callee, method, desc)) {
      answer = receiver;
    }
    stack.push(answer);
    if (returned.getSize() == 2) {
      stack.push(answer.kind() == Kind.RESULT ? answer : Values.OTHER);
    }
  }

  private List<Value> popArguments(Type[] types) {
    List<Value> arguments = new ArrayList<>();
    for (int i = types.length - 1; i >= 0; i--) {
      Value value = stack.use();
      if (types[i].getSize() == 2) {
        stack.use();
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
    return value.type().equals(Values.OBJECT) && !type.equals(Values.OBJECT)
        ? new Value(value.kind(), value.index(), type, value.field(), value.constant())
        : value;
  }

  @Override
  public void visitInvokeDynamicInsn(
      String method, String desc, Handle bootstrap, Object... arguments) {
    Type[] types = Type.getArgumentTypes(desc);
    List<Value> operands = popArguments(types);
    operands.forEach(values::escape);
    Type returned = Type.getReturnType(desc);
    switch (bootstrap.getOwner()) {
      case "java/lang/invoke/LambdaMetafactory" -> {
        Handle target = (Handle) arguments[1];
        boolean isVoid =
            Type.getReturnType(((Type) arguments[0]).getDescriptor()).equals(Type.VOID_TYPE);
        mention(target.getOwner());
        mention(returned.getInternalName());
        facts.lambdas.add(
            new PendingFacts.Lambda(returned.getInternalName(), target, isVoid, operands));
      }
      case "java/lang/invoke/StringConcatFactory" -> {
        for (int i = 0; i < types.length; i++) {
          if (isReference(types[i])) {
            String type = narrow(operands.get(i), types[i]).type();
            facts.printed.add(type);
            facts.calls.add(
                new PendingFacts.Call(
                    Opcodes.INVOKESTATIC,
                    "java/lang/String",
                    "valueOf",
                    "(Ljava/lang/Object;)Ljava/lang/String;",
                    Values.OTHER,
                    List.of(operands.get(i)),
                    JdkTable.maySynchronise(type)
                        ? List.of(narrow(operands.get(i), types[i]))
                        : List.of()));
          }
        }
      }
      case "java/lang/runtime/ObjectMethods" -> {
        for (Object argument : arguments) {
          if (argument instanceof Handle getter && getter.getTag() == Opcodes.H_GETFIELD) {
            FieldRef field = new FieldRef(getter.getOwner(), getter.getName(), getter.getDesc());
            facts.accesses.add(
                new PendingFacts.Access(Opcodes.GETFIELD, field, Values.OTHER, Values.NULL));
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
      default -> facts.opaque = "invokedynamic of " + bootstrap.getOwner();
    }
    if (isReference(returned)) {
      stack.push(values.allocate(internalName(returned)));
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
    values.useResult(facts.calls.size());
    facts.calls.add(
        new PendingFacts.Call(
            Opcodes.INVOKEVIRTUAL,
            type,
            method,
            desc,
            Values.OTHER,
            List.of(Values.OTHER),
            List.of()));
  }

  @Override
  public void visitJumpInsn(int opcode, Label label) {
    if (opcode == Opcodes.JSR) {
      facts.opaque = "old subroutine";
    }
    facts.comparesReferences |= opcode == Opcodes.IF_ACMPEQ || opcode == Opcodes.IF_ACMPNE;
    boolean two = opcode >= Opcodes.IF_ICMPEQ && opcode <= Opcodes.IF_ACMPNE;
    if (opcode != Opcodes.GOTO && opcode != Opcodes.JSR) {
      stack.use();
      if (two) {
        stack.use();
      }
    }
    stack.jumpTo(label);
    if (opcode == Opcodes.GOTO) {
      stack.end();
    }
  }

  @Override
  public void visitTableSwitchInsn(int min, int max, Label otherwise, Label... labels) {
    visitLookupSwitchInsn(otherwise, new int[0], labels);
  }

  @Override
  public void visitLookupSwitchInsn(Label otherwise, int[] keys, Label[] labels) {
    stack.use();
    stack.jumpTo(otherwise);
    for (Label label : labels) {
      stack.jumpTo(label);
    }
    stack.end();
  }

  @Override
  public void visitLdcInsn(Object constant) {
    if (constant instanceof Type type && type.getSort() == Type.OBJECT) {
      mention(type.getInternalName());
      stack.push(new Value(Kind.OTHER, 0, type.getInternalName(), null, true));
      return;
    }
    if (constant instanceof ConstantDynamic dynamic) {
      if (!dynamic.getBootstrapMethod().getOwner().startsWith("java/lang/")) {
        facts.opaque = "constant of " + dynamic.getBootstrapMethod().getOwner();
      }
    } else if (constant instanceof Handle) {
      facts.opaque = "method handle constant";
    }
    stack.push(
        constant instanceof String
            ? new Value(Kind.OTHER, 0, "java/lang/String", null, true)
            : Values.OTHER);
    if (constant instanceof Long || constant instanceof Double) {
      stack.push(Values.OTHER);
    }
  }

  @Override
  public void visitMultiANewArrayInsn(String type, int dimensions) {
    mention(type);
    for (int i = 0; i < dimensions; i++) {
      stack.use();
    }
    stack.push(values.allocate(type));
  }

  @Override
  public void visitEnd() {
    stack.useAll();
    result.accept(facts.build(access, name, descriptor));
  }

  private static boolean isReference(Type type) {
    return type.getSort() >= Type.ARRAY;
  }

  static String internalName(Type type) {
    return isReference(type) ? type.getInternalName() : Values.OBJECT;
  }
}
