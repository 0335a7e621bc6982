package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.NumberFormat;
import java.text.SimpleDateFormat;
import java.time.DayOfWeek;
import java.time.ZoneId;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.TimeZone;
import java.util.concurrent.ExecutorService;

/** What tasks find around them: resources, services, properties, defaults, files. */
final class Surroundings {
  private Surroundings() {}

  private static String firstLine(InputStream in) throws Exception {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.readLine();
    }
  }

  @Runs(AWAY)
  static Object resourceOfClass(ExecutorService pool) throws Exception {
    return pool.submit(
            () ->
                all(
                    firstLine(Surroundings.class.getResourceAsStream("poem.txt")),
                    Surroundings.class.getResourceAsStream("none.txt")))
        .get();
  }

  @Runs(AWAY)
  static Object resourceOfContextClassLoader(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              ClassLoader loader = Thread.currentThread().getContextClassLoader();
              URL url = loader.getResource("dev/martlet/programs/poem.txt");
              try (InputStream in = url.openStream()) {
                return all(firstLine(in), loader.getResource("not/there") == null);
              }
            })
        .get();
  }

  @Runs(AWAY)
  static Object classThroughContextClassLoader(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              Class<?> type =
                  Class.forName(
                      "dev.martlet.programs.Surroundings$Upper",
                      true,
                      Thread.currentThread().getContextClassLoader());
              return all(
                  type == Upper.class, ((Plugin) type.getConstructor().newInstance()).apply("x"));
            })
        .get();
  }

  @Runs(AWAY)
  static Object missingClass(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              try {
                return Class.forName("com.example.NotOnTheClassPath");
              } catch (ClassNotFoundException e) {
                return "missing " + e.getMessage();
              }
            })
        .get();
  }

  @Runs(AWAY)
  static Object resourceOfSystemClassLoader(ExecutorService pool) throws Exception {
    String name = "dev/martlet/programs/poem.txt";
    return pool.submit(
            () ->
                all(
                    firstLine(ClassLoader.getSystemResourceAsStream(name)),
                    firstLine(ClassLoader.getSystemResource(name).openStream()),
                    ClassLoader.getSystemResources(name).hasMoreElements(),
                    ClassLoader.getSystemResource("not/there")))
        .get();
  }

  /** Defines a class again, which finds all others where the system class loader does. */
  private static final class Again extends ClassLoader {
    Class<?> define(String name) throws IOException {
      String file = name.replace('.', '/') + ".class";
      try (InputStream in = getResourceAsStream(file)) {
        byte[] code = in.readAllBytes();
        return defineClass(name, code, 0, code.length);
      }
    }
  }

  @Runs(AWAY)
  static Object loadersWithoutParent(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              Class<?> again = new Again().define("dev.martlet.programs.Surroundings$Upper");
              Plugin plugin = (Plugin) again.getConstructor().newInstance();
              try (URLClassLoader first = new URLClassLoader(new URL[0]);
                  URLClassLoader second = URLClassLoader.newInstance(new URL[0])) {
                return all(
                    again != Upper.class,
                    plugin.apply("x"),
                    first.loadClass(Upper.class.getName()) == Upper.class,
                    second.loadClass(Upper.class.getName()) == Upper.class);
              }
            })
        .get();
  }

  /** A service with two providers in the test resources. */
  public interface Plugin {
    String apply(String s);
  }

  /** A provider. */
  public static final class Upper implements Plugin {
    @Override
    public String apply(String s) {
      return s.toUpperCase(Locale.ROOT);
    }
  }

  /** A provider. */
  public static final class Twice implements Plugin {
    @Override
    public String apply(String s) {
      return s + s;
    }
  }

  @Runs(AWAY)
  static Object services(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              String text = "ab";
              for (Plugin plugin : ServiceLoader.load(Plugin.class)) {
                text = plugin.apply(text);
              }
              return text;
            })
        .get();
  }

  @Runs(AWAY)
  static Object defaultLocale(ExecutorService pool) throws Exception {
    Locale before = Locale.getDefault();
    List<Object> seen = new ArrayList<>();
    try {
      for (Locale locale : List.of(Locale.GERMANY, Locale.US, new Locale("tr", "TR"))) {
        Locale.setDefault(locale);
        seen.add(
            pool.submit(
                    () ->
                        all(
                            Locale.getDefault(),
                            String.format("%,.2f", 1234567.891),
                            NumberFormat.getInstance().format(0.5),
                            "title".toUpperCase(),
                            DayOfWeek.MONDAY.getDisplayName(TextStyle.FULL, Locale.getDefault())))
                .get());
      }
    } finally {
      Locale.setDefault(before);
    }
    return seen;
  }

  @Runs(AWAY)
  static Object defaultTimeZone(ExecutorService pool) throws Exception {
    TimeZone before = TimeZone.getDefault();
    List<Object> seen = new ArrayList<>();
    try {
      for (String zone : List.of("Asia/Tokyo", "America/New_York")) {
        TimeZone.setDefault(TimeZone.getTimeZone(zone));
        seen.add(
            pool.submit(
                    () ->
                        all(
                            ZoneId.systemDefault().getId(),
                            new SimpleDateFormat("yyyy-MM-dd HH:mm", Locale.ROOT)
                                .format(new Date(0))))
                .get());
      }
    } finally {
      TimeZone.setDefault(before);
    }
    return seen;
  }

  @Runs(AWAY)
  static Object systemProperties(ExecutorService pool) throws Exception {
    System.setProperty("corpus.colour", "blue");
    try {
      Object first = pool.submit(() -> System.getProperty("corpus.colour")).get();
      System.setProperty("corpus.colour", "green");
      Object second = pool.submit(() -> System.getProperty("corpus.colour")).get();
      System.clearProperty("corpus.colour");
      Object third = pool.submit(() -> System.getProperty("corpus.colour", "none")).get();
      return all(first, second, third, pool.submit(() -> Integer.getInteger("corpus.n", 3)).get());
    } finally {
      System.clearProperty("corpus.colour");
    }
  }

  @Runs(AWAY)
  static Object standardProperties(ExecutorService pool) throws Exception {
    List<String> names =
        List.of(
            "java.specification.version",
            "file.separator",
            "line.separator",
            "user.dir",
            "user.name",
            "os.name",
            "java.io.tmpdir");
    return collect(pool, names.size(), i -> () -> System.getProperty(names.get(i)));
  }

  @Runs(AWAY)
  static Object environmentVariables(ExecutorService pool) throws Exception {
    return pool.submit(() -> all(System.getenv("PATH"), System.getenv("NOT_SET_ANYWHERE"))).get();
  }

  @Runs(AWAY)
  static Object defaultCharset(ExecutorService pool) throws Exception {
    String text = "äöü€";
    return pool.submit(() -> all(Charset.defaultCharset().name(), text.getBytes().length)).get();
  }

  @Runs(AWAY)
  static Object assertions(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              boolean enabled = Surroundings.class.desiredAssertionStatus();
              boolean failed = false;
              try {
                assert enabled && false : "on purpose";
              } catch (AssertionError e) {
                failed = true;
              }
              return all(enabled, failed);
            })
        .get();
  }

  @Runs(AWAY)
  static Object workingDirectory(ExecutorService pool) throws Exception {
    return pool.submit(
            () ->
                all(
                    new File("some.file").getAbsolutePath(),
                    Path.of("").toAbsolutePath().toString(),
                    Files.exists(Path.of("pom.xml"))))
        .get();
  }

  @Runs(AWAY)
  static Object temporaryFileByItsAbsolutePath(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              Path file = Files.createTempFile("martlet", ".txt");
              try {
                Files.writeString(file, "written");
                Path again = Path.of(file.toFile().getAbsolutePath()).toAbsolutePath();
                return all(Files.readString(again), again.equals(file));
              } finally {
                Files.delete(file);
              }
            })
        .get();
  }

  @Runs(AWAY)
  static Object filesWritten(ExecutorService pool) throws Exception {
    Path directory = Files.createTempDirectory("martlet");
    try {
      List<Long> sizes =
          collect(
              pool,
              4,
              i ->
                  () -> {
                    Path file = directory.resolve("f" + i);
                    Files.writeString(file, "line\n".repeat(i));
                    return Files.size(file);
                  });
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Path file = directory.resolve("f" + i);
        texts.add(Files.readString(file));
        Files.delete(file);
      }
      return all(sizes, texts);
    } finally {
      Files.delete(directory);
    }
  }

  @Runs(AWAY)
  static Object fileReadByTask(ExecutorService pool) throws Exception {
    Path file = Files.createTempFile("martlet", ".txt");
    try {
      Files.writeString(file, "a b\nc\n");
      File asFile = file.toFile();
      return all(
          pool.submit(() -> Files.readAllLines(file)).get(),
          pool.submit(() -> asFile.length()).get());
    } finally {
      Files.delete(file);
    }
  }

  @Runs(EITHER)
  static Object printed(ExecutorService pool) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      pool.submit(
              () -> {
                System.out.println("corpus line one");
                System.out.printf("corpus line %d%n", 2);
              })
          .get();
      for (int i = 0; i < 1000 && !bytes.toString(StandardCharsets.UTF_8).contains("2"); i++) {
        Thread.sleep(10);
      }
    } finally {
      System.setOut(before);
    }
    // Other threads may print too.
    return bytes
        .toString(StandardCharsets.UTF_8)
        .lines()
        .filter(l -> l.startsWith("corpus"))
        .toList();
  }

  @Runs(AWAY)
  static Object methodHandles(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              try {
                return (int)
                    MethodHandles.lookup()
                        .findStatic(
                            Math.class,
                            "max",
                            MethodType.methodType(int.class, int.class, int.class))
                        .invokeExact(3, 8);
              } catch (Throwable t) {
                throw new IllegalStateException(t);
              }
            })
        .get();
  }

  @Runs(AWAY)
  static Object packageAndLoader(ExecutorService pool) throws Exception {
    return pool.submit(
            () ->
                all(
                    Surroundings.class.getPackageName(),
                    Surroundings.class.getModule().isNamed(),
                    Surroundings.class.getClassLoader() == Upper.class.getClassLoader(),
                    String.class.getClassLoader() == null))
        .get();
  }

  @Runs(AWAY)
  static Object clockAndProcessors(ExecutorService pool) throws Exception {
    long before = System.currentTimeMillis();
    long inside = pool.submit(System::currentTimeMillis).get();
    return all(
        inside >= before && inside <= System.currentTimeMillis(),
        pool.submit(() -> Runtime.getRuntime().availableProcessors() > 0).get());
  }
}
