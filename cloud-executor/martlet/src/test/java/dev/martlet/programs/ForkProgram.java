package dev.martlet.programs;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ForkJoinPool;

/** One program for fork/join pools. */
record ForkProgram(Method method) {
  /** All programs, or with {@code -Dprogram=Sorts.merge} those whose name begins so. */
  static List<ForkProgram> all() {
    String wanted = System.getProperty("program", "");
    List<ForkProgram> programs = new ArrayList<>();
    for (Class<?> type : Program.classes()) {
      for (Method method : type.getDeclaredMethods()) {
        if (method.isAnnotationPresent(Forks.class)) {
          ForkProgram program = new ForkProgram(method);
          if (program.toString().startsWith(wanted)) {
            programs.add(program);
          }
        }
      }
    }
    programs.sort(Comparator.comparing(ForkProgram::toString));
    return programs;
  }

  ForkProgram {
    method.setAccessible(true);
  }

  Forks.Where where() {
    return method.getAnnotation(Forks.class).value();
  }

  boolean isHeavy() {
    return method.getAnnotation(Forks.class).heavy();
  }

  /** Runs the program on a thread of its own, and describes what it returned or threw. */
  String outcome(ForkJoinPool pool) {
    return Guard.call(toString(), () -> describedRun(pool));
  }

  private String describedRun(ForkJoinPool pool) throws Exception {
    try {
      return Shape.of(method.invoke(null, pool));
    } catch (InvocationTargetException e) {
      return "thrown " + Shape.of(e.getCause());
    }
  }

  @Override
  public String toString() {
    return method.getDeclaringClass().getSimpleName() + "." + method.getName();
  }
}
