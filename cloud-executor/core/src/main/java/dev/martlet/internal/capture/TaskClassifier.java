package dev.martlet.internal.capture;

import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.effects.Operation;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ForkJoinTask;
import org.jspecify.annotations.Nullable;

/**
 * Decides from what a task's code does, and to objects of which types, whether it may run away.
 *
 * <p>An operation matters if its receiver may be an object that is shipped, by type: taking a lock
 * matters only if a lock is shipped, {@code Map.get} only if a concurrent map is. A monitor matters
 * if what it locks may be shipped, a volatile field if its object may be, and statics of the
 * application always. An object that the task made itself matters only if the task could wait for
 * someone to whom it has handed it.
 *
 * <p>What a subtree of fork/join tasks does with such tasks does not count: mostly they are its own
 * children, and where it runs it is seen if they are not.
 */
public final class TaskClassifier {
  private static final Set<String> FORK_JOIN =
      Set.of(
          "java/util/concurrent/ForkJoinTask",
          "java/util/concurrent/RecursiveTask",
          "java/util/concurrent/RecursiveAction",
          "java/util/concurrent/CountedCompleter",
          "java/util/concurrent/ForkJoinPool",
          "java/util/concurrent/Future");

  private final Findings findings;
  private final Collection<Class<?>> shipped;
  private final boolean unboundedQueues;
  private final boolean subtree;
  private final List<Class<?>> synchronising = new ArrayList<>();

  private @Nullable Object home;
  private @Nullable Object release;
  private @Nullable Object unsure;
  private @Nullable Object ownWait;
  private boolean publishes;

  private TaskClassifier(
      Findings findings, Collection<Class<?>> shipped, boolean unboundedQueues, boolean subtree) {
    this.findings = findings;
    this.shipped = shipped;
    this.unboundedQueues = unboundedQueues;
    this.subtree = subtree;
    for (Class<?> type : shipped) {
      if (JdkTable.synchronises(type) && !(subtree && ForkJoinTask.class.isAssignableFrom(type))) {
        synchronising.add(type);
      }
    }
    if (!synchronising.isEmpty()) {
      shipped.stream().filter(JdkTable::wraps).forEach(synchronising::add);
    }
  }

  /**
   * Returns the verdict on a task.
   *
   * @param shipped the run-time classes of all objects that the task shares with the client
   * @param unboundedQueues whether every linked blocking queue among them is without a bound
   */
  public static Verdict classify(
      Findings findings, Collection<Class<?>> shipped, boolean unboundedQueues) {
    return classify(findings, shipped, unboundedQueues, false);
  }

  /**
   * Returns the verdict on a task likewise.
   *
   * @param subtree whether it is the root of a subtree of fork/join tasks
   */
  static Verdict classify(
      Findings findings, Collection<Class<?>> shipped, boolean unboundedQueues, boolean subtree) {
    return new TaskClassifier(findings, shipped, unboundedQueues, subtree).verdict();
  }

  private Verdict verdict() {
    findings.calls().forEach(this::call);
    findings.locks().forEach(this::lock);
    for (FieldRef field : findings.volatileReads()) {
      if (isShared(field)) {
        home = first(home, field);
      }
    }
    for (FieldRef field : findings.volatileWrites()) {
      if (isShared(field)) {
        release = first(release, field);
        publishes |= field.descriptor().length() > 1;
      }
    }
    if (publishes && ownWait != null) {
      home = first(home, ownWait);
    }
    if (findings.startsThreads()) {
      unsure = first(unsure, "startsThreads");
    }
    if ((findings.opaque() || findings.reflective()) && sharesState()) {
      unsure = first(unsure, findings.opaque() ? "opaque" : "reflective");
    }
    if (home != null) {
      return new Verdict(Verdict.Kind.HOME, findings.why(home));
    }
    if (unsure != null) {
      return new Verdict(Verdict.Kind.UNSURE, findings.why(unsure));
    }
    return release != null
        ? new Verdict(Verdict.Kind.RELEASES, findings.why(release))
        : new Verdict(Verdict.Kind.PURE, "");
  }

  private static Object first(@Nullable Object known, Object found) {
    return known == null ? found : known;
  }

  private void call(JdkCall call) {
    if (call.owner().equals("java/util/concurrent/locks/LockSupport")) {
      apply(call, call.operation());
      return;
    }
    boolean matters = false;
    for (Class<?> type : synchronising) {
      if (!call.fresh() && isA(type, call.owner())) {
        apply(call, operation(type, call));
        matters = true;
      }
    }
    if (!matters
        && call.operation() == Operation.WAIT
        && (!call.fresh() || call.escapes())
        && !(subtree && FORK_JOIN.contains(call.owner()))) {
      ownWait = first(ownWait, call);
    }
  }

  private Operation operation(Class<?> type, JdkCall call) {
    if (call.name().equals(JdkCall.READ)) {
      return Operation.ACQUIRE;
    }
    Operation operation =
        unboundedQueues
            ? JdkTable.operationUnbounded(type, call.name(), call.descriptor())
            : JdkTable.operation(type, call.name(), call.descriptor());
    return operation.whenResult(!call.resultDropped());
  }

  private void apply(JdkCall call, Operation operation) {
    if (operation.acquires()) {
      home = first(home, call);
    } else if (operation.releases()) {
      release = first(release, call);
      int end = call.descriptor().indexOf(')');
      publishes |= call.descriptor().lastIndexOf(';', end) > 0;
    }
  }

  private void lock(LockRef lock) {
    FieldRef field = lock.field();
    if (lock.ofClass() || lock.fieldStatic()) {
      home = first(home, lock);
    } else if (field != null && isShipped(field.owner())) {
      home = first(home, lock);
    } else if (!lock.type().equals("java/lang/Object")) {
      if (isShipped(lock.type())) {
        home = first(home, lock);
      }
    } else if (lock.given() && shipped.contains(Object.class)) {
      home = first(home, lock);
    } else if (field == null
        ? shipped.stream().anyMatch(TaskClassifier::mayBeLock)
        : shipped.contains(Object.class)) {
      unsure = first(unsure, lock);
    }
  }

  private static boolean mayBeLock(Class<?> type) {
    return !type.isHidden() && !Number.class.isAssignableFrom(type) && type != String.class;
  }

  private boolean isShared(FieldRef field) {
    return findings.staticsRead().contains(field)
        || findings.staticsWritten().contains(field)
        || isShipped(field.owner());
  }

  private boolean isShipped(String owner) {
    return shipped.stream().anyMatch(type -> isA(type, owner));
  }

  /** Returns whether anything is shipped that unseen code could use to learn from others. */
  private boolean sharesState() {
    return !synchronising.isEmpty() || shipped.stream().anyMatch(TaskClassifier::isGuarded);
  }

  private static boolean isGuarded(Class<?> type) {
    if (JdkTable.isJdk(Hierarchy.internalName(type)) || type.isHidden()) {
      return false;
    }
    try {
      for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
        for (Field f : c.getDeclaredFields()) {
          if (Modifier.isVolatile(f.getModifiers())) {
            return true;
          }
        }
        for (Method m : c.getDeclaredMethods()) {
          if (Modifier.isSynchronized(m.getModifiers())) {
            return true;
          }
        }
      }
      return false;
    } catch (LinkageError e) {
      return true;
    }
  }

  private static boolean isA(Class<?> type, String owner) {
    if (owner.equals("java/lang/Object") || Hierarchy.internalName(type).equals(owner)) {
      return true;
    }
    for (Class<?> i : type.getInterfaces()) {
      if (isA(i, owner)) {
        return true;
      }
    }
    return type.getSuperclass() != null && isA(type.getSuperclass(), owner);
  }
}
