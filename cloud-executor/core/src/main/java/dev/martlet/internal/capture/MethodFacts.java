package dev.martlet.internal.capture;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.Handle;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one method's instructions do, as far as they tell without other methods. */
record MethodFacts(
    int access,
    String name,
    String descriptor,
    List<Call> calls,
    List<Access> accesses,
    Set<String> allocated,
    List<Lambda> lambdas,
    List<Lock> locks,
    Set<String> mentioned,
    Set<String> printed,
    List<Operand> storedInArrays,
    Set<Source> returned,
    boolean comparesReferences,
    @Nullable String opaque) {

  /** A method without what its code does. */
  static MethodFacts outline(int access, String name, String descriptor, @Nullable String opaque) {
    return new MethodFacts(
        access,
        name,
        descriptor,
        List.of(),
        List.of(),
        Set.of(),
        List.of(),
        List.of(),
        Set.of(),
        Set.of(),
        List.of(),
        Set.of(),
        false,
        opaque);
  }

  MethodFacts unreadable() {
    return outline(access, name, descriptor, "unreadable code");
  }

  /**
   * Where a value may come from; one that this method allocates has no source.
   *
   * @param index the slot of a parameter, or the index of the call whose result it is
   */
  record Source(Kind kind, int index, @Nullable FieldRef field) {
    enum Kind {
      PARAMETER,
      FIELD,
      RESULT,
      ELEMENT,
      UNKNOWN
    }

    static final Set<Source> ANYWHERE = Set.of(new Source(Kind.UNKNOWN, 0, null));
  }

  /** A value that is passed on. */
  record Operand(String type, Set<Source> sources) {}

  /**
   * A call.
   *
   * @param operands the receiver, if there is one, and the arguments
   * @param read the arguments that a method of the JDK looks into
   */
  record Call(
      int opcode,
      String owner,
      String name,
      String descriptor,
      boolean resultDropped,
      boolean fresh,
      boolean escapes,
      List<Operand> operands,
      List<Operand> read) {}

  /** A field instruction; the value is what a write stores. */
  record Access(int opcode, FieldRef field, boolean fresh, Set<Source> value) {}

  /** A lambda or method reference that is created. */
  record Lambda(
      String type,
      Handle target,
      boolean returnsVoid,
      boolean fresh,
      boolean escapes,
      List<Operand> captured) {}

  /** An object whose monitor is entered. */
  record Lock(LockRef lock, Set<Source> sources) {}
}
