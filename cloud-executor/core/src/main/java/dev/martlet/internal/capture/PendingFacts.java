package dev.martlet.internal.capture;

import dev.martlet.internal.capture.Values.Value;
import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Handle;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a method's instructions do, with values of which more may become known while they are read.
 */
final class PendingFacts {
  record Call(
      int opcode,
      String owner,
      String name,
      String descriptor,
      Value receiver,
      List<Value> operands,
      List<Value> read) {}

  record Access(int opcode, FieldRef field, Value receiver, Value value) {}

  record Lambda(String type, Handle target, boolean returnsVoid, List<Value> captured) {}

  final List<Call> calls = new ArrayList<>();
  final List<Access> accesses = new ArrayList<>();
  final List<Lambda> lambdas = new ArrayList<>();
  final List<Value> locks = new ArrayList<>();
  final List<Value> storedInArrays = new ArrayList<>();
  final List<Value> returned = new ArrayList<>();
  final Set<String> allocated = new LinkedHashSet<>();
  final Set<String> mentioned = new LinkedHashSet<>();
  final Set<String> printed = new HashSet<>();
  boolean comparesReferences;
  @Nullable String opaque;

  private final Values values;

  PendingFacts(Values values) {
    this.values = values;
  }

  /** Returns the facts, now that all instructions are read. */
  MethodFacts build(int access, String name, String descriptor) {
    values.spreadEscapes();
    List<MethodFacts.Call> madeCalls = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      Call c = calls.get(i);
      List<MethodFacts.Operand> read =
          c.read.stream()
              .filter(v -> !values.isFresh(v))
              .map(values::operand)
              .filter(o -> o.type().startsWith("[") || JdkTable.maySynchronise(o.type()))
              .toList();
      madeCalls.add(
          new MethodFacts.Call(
              c.opcode,
              c.owner,
              c.name,
              c.descriptor,
              !values.isResultUsed(i),
              values.isFresh(c.receiver),
              values.escapes(c.receiver),
              c.operands.stream().map(values::operand).toList(),
              read));
    }
    List<MethodFacts.Access> madeAccesses =
        accesses.stream()
            .map(
                a ->
                    new MethodFacts.Access(
                        a.opcode,
                        a.field,
                        values.isOwn(a.receiver) || values.isFresh(a.receiver),
                        values.sources(a.value)))
            .toList();
    List<MethodFacts.Lambda> madeLambdas =
        lambdas.stream()
            .map(
                l ->
                    new MethodFacts.Lambda(
                        l.type,
                        l.target,
                        l.returnsVoid,
                        !l.captured.isEmpty() && values.isFresh(l.captured.get(0)),
                        l.captured.isEmpty() || values.escapes(l.captured.get(0)),
                        l.captured.stream().map(values::operand).toList()))
            .toList();
    List<MethodFacts.Lock> madeLocks = new ArrayList<>();
    for (Value lock : locks) {
      Value v = values.lockedValue(lock);
      if (!values.isFresh(v) || values.escapes(v)) {
        boolean ofClass = v.constant() && v.field() == null;
        LockRef ref =
            new LockRef(
                values.typeOf(v), ofClass, v.field(), v.constant() && v.field() != null, false);
        madeLocks.add(new MethodFacts.Lock(ref, values.sources(v)));
      }
    }
    return new MethodFacts(
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
        storedInArrays.stream().map(values::operand).toList(),
        values.sources(returned),
        comparesReferences,
        opaque);
  }
}
