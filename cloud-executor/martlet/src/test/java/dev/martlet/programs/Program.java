package dev.martlet.programs;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;

/** One program of the corpus. */
record Program(Method method) {
  /** All programs, or with {@code -Dprogram=Lambdas.bound} those whose name begins so. */
  static List<Program> all() {
    String wanted = System.getProperty("program", "");
    List<Program> programs = new ArrayList<>();
    for (Class<?> type : classes()) {
      for (Method method : type.getDeclaredMethods()) {
        if (method.isAnnotationPresent(Runs.class)) {
          Program program = new Program(method);
          if (program.toString().startsWith(wanted)) {
            programs.add(program);
          }
        }
      }
    }
    programs.sort(Comparator.comparing(Program::toString));
    return programs;
  }

  static List<Class<?>> classes() {
    try {
      File directory = new File(Program.class.getResource("Program.class").toURI()).getParentFile();
      List<Class<?>> classes = new ArrayList<>();
      addClasses(directory, Program.class.getPackageName(), classes);
      addClasses(new File(directory, "apps"), Program.class.getPackageName() + ".apps", classes);
      return classes;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void addClasses(File directory, String name, List<Class<?>> classes)
      throws ClassNotFoundException {
    for (String file : directory.list((d, f) -> f.matches("\\w+\\.class"))) {
      String simple = file.substring(0, file.length() - ".class".length());
      classes.add(Class.forName(name + "." + simple, false, Program.class.getClassLoader()));
    }
  }

  Program {
    if (!Modifier.isStatic(method.getModifiers())
        || !Arrays.equals(method.getParameterTypes(), new Class<?>[] {ExecutorService.class})) {
      throw new IllegalArgumentException("not a program: " + method);
    }
    method.setAccessible(true);
  }

  Runs.Where where() {
    return method.getAnnotation(Runs.class).value();
  }

  int parallelism() {
    return method.isAnnotationPresent(Sequential.class) ? 1 : 4;
  }

  boolean needsOwnPool() {
    return method.isAnnotationPresent(OwnPool.class);
  }

  boolean isNested() {
    return method.isAnnotationPresent(Nested.class);
  }

  /** Runs the program on a thread of its own, and describes what it returned or threw. */
  String outcome(ExecutorService pool) {
    return Guard.call(toString(), () -> describedRun(pool));
  }

  private String describedRun(ExecutorService pool) throws Exception {
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
