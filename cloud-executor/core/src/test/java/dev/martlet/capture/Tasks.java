package dev.martlet.capture;

import dev.martlet.internal.capture.ClassFiles;
import dev.martlet.internal.capture.EntryPoint;
import dev.martlet.internal.capture.Findings;
import dev.martlet.internal.capture.Reach;
import dev.martlet.internal.capture.TaskClassifier;
import dev.martlet.internal.capture.Verdict;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/** Analyses lambdas as a capture would: their implementation, and the types that they hold. */
final class Tasks {
  interface Call extends Callable<Object>, Serializable {}

  interface Run extends Runnable, Serializable {}

  interface Fn extends java.util.function.Function<Object, Object>, Serializable {}

  static final ClassFiles FILES = ClassFiles.of(Tasks.class.getClassLoader());
  static final Predicate<String> APPLICATION =
      name -> name.startsWith("dev/martlet/") && !name.contains("Library");

  private Tasks() {}

  static Verdict call(Call task) {
    return verdict(task, false);
  }

  static Verdict run(Run task) {
    return verdict(task, true);
  }

  static Findings findings(Call task) {
    return findings(task, types(task), false);
  }

  static Findings ran(Run task) {
    return findings(task, types(task), true);
  }

  private static Verdict verdict(Object task, boolean dropped) {
    List<Object> captured = captured(task);
    boolean unbounded =
        captured.stream()
            .allMatch(
                o ->
                    !(o instanceof BlockingQueue<?> q)
                        || q.remainingCapacity() == Integer.MAX_VALUE);
    Set<Class<?>> types = types(task);
    return TaskClassifier.classify(findings(task, types, dropped), types, unbounded);
  }

  private static Findings findings(Object task, Set<Class<?>> types, boolean dropped) {
    List<EntryPoint> entries = new ArrayList<>();
    entries.add(entry(task, dropped));
    for (Object o : captured(task)) {
      if (o.getClass().isHidden()) {
        entries.add(entry(o, false));
      }
    }
    return Reach.analyse(entries, types, FILES, APPLICATION);
  }

  private static EntryPoint entry(Object lambda, boolean dropped) {
    SerializedLambda s = serialized(lambda);
    List<Object> arguments = new ArrayList<>();
    for (int i = 0; i < s.getCapturedArgCount(); i++) {
      arguments.add(s.getCapturedArg(i));
    }
    return new EntryPoint(
        s.getImplClass(),
        s.getImplMethodName(),
        s.getImplMethodSignature(),
        arguments.isEmpty() ? null : arguments.get(0).getClass(),
        dropped);
  }

  private static SerializedLambda serialized(Object lambda) {
    try {
      Method replace = lambda.getClass().getDeclaredMethod("writeReplace");
      replace.setAccessible(true);
      return (SerializedLambda) replace.invoke(lambda);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Object> captured(Object task) {
    Set<Object> seen = new LinkedHashSet<>();
    collect(task, seen);
    seen.remove(task);
    return new ArrayList<>(seen);
  }

  static Set<Class<?>> types(Object task) {
    Set<Class<?>> types = new LinkedHashSet<>();
    captured(task).forEach(o -> types.add(o.getClass()));
    return types;
  }

  private static void collect(Object o, Set<Object> seen) {
    if (o == null || seen.stream().anyMatch(s -> s == o)) {
      return;
    }
    seen.add(o);
    if (o.getClass().isHidden()) {
      SerializedLambda s = serialized(o);
      for (int i = 0; i < s.getCapturedArgCount(); i++) {
        collect(s.getCapturedArg(i), seen);
      }
    } else if (o instanceof Collection<?> c) {
      c.forEach(e -> collect(e, seen));
    } else if (o instanceof Map<?, ?> m) {
      m.forEach(
          (k, v) -> {
            collect(k, seen);
            collect(v, seen);
          });
    } else if (o.getClass().getName().startsWith("dev.martlet.")) {
      fields(o, seen);
    }
  }

  private static void fields(Object o, Set<Object> seen) {
    for (Class<?> c = o.getClass(); c != null && c != Object.class; c = c.getSuperclass()) {
      if (!c.getName().startsWith("dev.martlet.")) {
        break;
      }
      for (Field f : c.getDeclaredFields()) {
        if (!Modifier.isStatic(f.getModifiers()) && !f.getType().isPrimitive()) {
          try {
            f.setAccessible(true);
            collect(f.get(o), seen);
          } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
          }
        }
      }
    }
  }
}
