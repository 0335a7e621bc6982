package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Support.all;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.StringWriter;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Tasks that look at their own classes, at the stack, and at what exceptions say. */
@SuppressWarnings("serial")
final class Mirrors {
  private Mirrors() {}

  @Retention(RetentionPolicy.RUNTIME)
  @interface Named {
    String value();
  }

  interface Constants {
    List<String> WORDS = List.of("a", "b");
    int NUMBER = 3;

    default int number() {
      return NUMBER + WORDS.size();
    }
  }

  /** One of everything that is woven. */
  @Named("busy")
  static class Busy implements Constants {
    static final List<String> LIST = new ArrayList<>();
    static int count;
    private static final Map<String, Integer> MAP = new HashMap<>();

    @Named("field")
    volatile int turns;

    String text = "t";
    final Map<String, List<Integer>> byName = new TreeMap<>();

    @Named("method")
    synchronized int work() {
      turns++;
      count++;
      MAP.put(text, count);
      Supplier<Integer> size = LIST::size;
      Function<String, Integer> find = MAP::get;
      synchronized (byName) {
        return size.get() + find.apply(text) + byName.size();
      }
    }
  }

  enum Level {
    LOW,
    HIGH {
      @Override
      int value() {
        return 9;
      }
    };

    static final Map<String, Level> NAMES = new HashMap<>();

    int value() {
      return ordinal();
    }
  }

  record Point(int x, @Named("y") int y) {
    static int made;
  }

  private static List<Object> members(Class<?> type) {
    List<String> found = new ArrayList<>();
    for (Field f : type.getDeclaredFields()) {
      found.add("field " + f.getName() + " " + f.getType().getName());
    }
    for (Field f : type.getFields()) {
      found.add("public field " + f.getName());
    }
    for (Method m : type.getDeclaredMethods()) {
      found.add("method " + m.getName() + Arrays.toString(m.getParameterTypes()));
    }
    for (Method m : type.getMethods()) {
      found.add("public method " + m.getName() + " of " + m.getDeclaringClass().getName());
    }
    for (Constructor<?> c : type.getDeclaredConstructors()) {
      found.add("constructor " + c);
    }
    for (Class<?> c : type.getDeclaredClasses()) {
      found.add("class " + c.getName());
    }
    for (Class<?> c : type.getInterfaces()) {
      found.add("interface " + c.getName());
    }
    if (type.isRecord()) {
      for (RecordComponent c : type.getRecordComponents()) {
        found.add("component " + c);
      }
    }
    Collections.sort(found);
    return new ArrayList<>(found);
  }

  @Runs(AWAY)
  static Object membersOfOwnClasses(ExecutorService pool) throws Exception {
    return pool.submit(
            () ->
                all(
                    members(Busy.class),
                    members(Constants.class),
                    members(Level.class),
                    members(Point.class),
                    members(Level.HIGH.getClass())))
        .get();
  }

  private static boolean has(Class<?> type, String method) {
    try {
      return type.getDeclaredMethod(method) != null;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  @Runs(AWAY)
  static Object noMethodThatWasNotWritten(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> all(has(Busy.class, "toString"), has(Busy.class, "work"), has(Point.class, "x")))
        .get();
  }

  @Runs(AWAY)
  static Object annotations(ExecutorService pool) throws Exception {
    return pool.submit(
            () ->
                all(
                    Busy.class.getAnnotation(Named.class).value(),
                    Busy.class.getDeclaredField("turns").getAnnotation(Named.class).value(),
                    Busy.class.getDeclaredMethod("work").getAnnotation(Named.class).value(),
                    Point.class.getRecordComponents()[1].getAnnotation(Named.class).value()))
        .get();
  }

  // ---- serial versions ----

  static class Counted implements Serializable {
    static int made;
    static final List<String> NAMES = new ArrayList<>(List.of("n"));
    protected static final Object LOCK = new Object();
    int number = 4;

    Counted() {
      made++;
    }
  }

  static class Quiet implements Serializable {
    static int unset;
    private static String secret;
    String text = "quiet";

    String both() {
      return secret + unset;
    }
  }

  abstract static class Failure extends RuntimeException {
    private static final Map<String, String> TEXTS = new HashMap<>();

    static String text(String key) {
      return TEXTS.get(key);
    }
  }

  static class PlainValue implements Serializable {
    List<Integer> list = new ArrayList<>(List.of(1, 2));

    int first() {
      return list.get(0);
    }
  }

  enum Sort {
    UP,
    DOWN
  }

  @Runs(AWAY)
  static Object serialVersions(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              List<Object> versions = new ArrayList<>();
              for (Class<?> type :
                  List.of(
                      Counted.class,
                      Quiet.class,
                      Failure.class,
                      PlainValue.class,
                      Sort.class,
                      Level.class)) {
                ObjectStreamClass c = ObjectStreamClass.lookupAny(type);
                versions.add(c.getName() + " " + c.getSerialVersionUID() + " " + fields(c));
              }
              return versions;
            })
        .get();
  }

  private static String fields(ObjectStreamClass c) {
    return Arrays.toString(c.getFields());
  }

  @Runs(EITHER)
  static Object serialisedAwayReadAtHome(ExecutorService pool) throws Exception {
    byte[] bytes =
        pool.submit(
                () -> {
                  ByteArrayOutputStream out = new ByteArrayOutputStream();
                  try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
                    objects.writeObject(new Counted());
                    objects.writeObject(new Quiet());
                    objects.writeObject(new PlainValue());
                  }
                  return out.toByteArray();
                })
            .get();
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      return all(
          ((Counted) in.readObject()).number,
          ((Quiet) in.readObject()).text,
          ((PlainValue) in.readObject()).list);
    }
  }

  // ---- stack traces ----

  private static List<String> named(StackTraceElement[] frames) {
    List<String> all = new ArrayList<>();
    int last = 0;
    for (StackTraceElement f : frames) {
      all.add(f.toString().replaceAll("\\$\\$Lambda.*", "lambda"));
      if (f.getClassName().startsWith("dev.martlet.programs.")) {
        last = all.size();
      }
    }
    return all.subList(0, last).stream()
        .filter(s -> !s.contains("LambdaForm"))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static void failing(List<String> words) {
    Map<String, Integer> lengths = new HashMap<>();
    words.forEach(w -> lengths.computeIfAbsent(w, Mirrors::length));
  }

  private static int length(String word) {
    if (word.length() == 3) {
      throw new IllegalStateException("three", new RuntimeException("cause"));
    }
    return word.length();
  }

  @Runs(AWAY)
  static Object stackTraceInsideTask(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              try {
                failing(List.of("a", "bc", "def"));
                return null;
              } catch (IllegalStateException e) {
                return all(named(e.getStackTrace()), named(e.getCause().getStackTrace()));
              }
            })
        .get();
  }

  @Runs(AWAY)
  static Object stackTracePrintedInsideTask(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              try {
                failing(List.of("a", "bc", "def"));
                return null;
              } catch (IllegalStateException e) {
                StringWriter text = new StringWriter();
                e.printStackTrace(new PrintWriter(text));
                String[] lines = text.toString().split("\\R");
                List<String> first = new ArrayList<>();
                for (String line : lines) {
                  if (line.contains("Mirrors") || line.startsWith("Caused")) {
                    first.add(line);
                  }
                }
                return first;
              }
            })
        .get();
  }

  @Runs(AWAY)
  static Object stackTraceOfCauseAtHome(ExecutorService pool) throws Exception {
    Throwable t =
        (Throwable)
            Support.outcome(
                pool.submit(
                    () -> {
                      try {
                        failing(List.of("abc"));
                      } catch (IllegalStateException e) {
                        throw new Exception("outer", e);
                      }
                      return null;
                    }));
    return all(
        named(t.getCause().getStackTrace()).subList(0, 2),
        named(t.getCause().getCause().getStackTrace()).subList(0, 2));
  }

  @Runs(AWAY)
  static Object stackWalked(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              List<Object> found = new ArrayList<>();
              Arrays.asList(1)
                  .forEach(
                      i ->
                          found.add(
                              StackWalker.getInstance()
                                  .walk(
                                      s ->
                                          s.limit(3)
                                              .map(StackWalker.StackFrame::getMethodName)
                                              .collect(Collectors.toList()))));
              StackWalker.getInstance()
                  .forEach(
                      f -> {
                        if (f.getClassName().contains("Mirrors") || found.size() == 1) {
                          found.add(f.getMethodName());
                        }
                      });
              found.add(Thread.currentThread().getStackTrace()[1].getMethodName());
              return found;
            })
        .get();
  }

  // ---- what a NullPointerException says ----

  private static final class Box {
    List<String> list;
    Map<String, Integer> map;
    Box next;
    String text;

    List<String> find(String name) {
      return list;
    }
  }

  private interface Failing {
    Object run() throws Exception;
  }

  private static String message(Failing body) throws Exception {
    try {
      return "no exception " + body.run();
    } catch (NullPointerException e) {
      return e.getMessage();
    }
  }

  @Runs(AWAY)
  static Object nullPointerMessages(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              Box box = new Box();
              List<String> none = null;
              int[] numbers = null;
              return all(
                  message(() -> box.text.length()),
                  message(() -> none.size()),
                  message(() -> box.list.size()),
                  message(() -> box.next.list),
                  message(() -> box.next.list.size()),
                  message(() -> box.find("x").size()),
                  message(() -> box.find("x").get(0).length()),
                  message(() -> box.map.get("key" + box.text)),
                  message(() -> box.map.put("key", 1)),
                  message(() -> numbers[1]),
                  message(
                      () -> {
                        Map<String, Integer> counts = box.map;
                        return counts.merge("a", 1, Integer::sum);
                      }),
                  message(
                      () -> {
                        List<?>[] lists = new List<?>[2];
                        return lists[1].iterator();
                      }),
                  message(
                      () -> {
                        Object o = box.text;
                        return o.equals("x") || o.hashCode() == 1;
                      }),
                  message(
                      () -> {
                        synchronized (box.list) {
                          return 1;
                        }
                      }));
            })
        .get();
  }
}
