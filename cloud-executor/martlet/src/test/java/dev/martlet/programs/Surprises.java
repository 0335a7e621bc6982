package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Runs.Where.HOME;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;
import static dev.martlet.programs.Support.each;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.text.BreakIterator;
import java.text.ChoiceFormat;
import java.text.StringCharacterIterator;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Scanner;
import java.util.Set;
import java.util.StringJoiner;
import java.util.Vector;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a JVM has of its own: orders, loggers, streams, files, stacks. */
final class Surprises {
  private Surprises() {}

  // ---- orders and capacities ----

  @Runs(AWAY)
  static Object setsOfLiteralsIterateAlike(ExecutorService pool) throws Exception {
    Set<String> set = Set.of("alpha", "beta", "gamma", "delta", "epsilon");
    Map<String, Integer> map = Map.of("a", 1, "b", 2, "c", 3, "d", 4, "e", 5, "f", 6, "g", 7);
    Set<Integer> two = Set.of(1, 2);
    List<String> away =
        pool.submit(
                () ->
                    List.of(
                        set.toString(),
                        map.toString(),
                        two.toString(),
                        Set.of("x", "y", "z", "u", "v").toString(),
                        Set.copyOf(List.of(3, 1, 4, 5, 9, 2, 6)).toString(),
                        Stream.of(7, 8, 9, 10).collect(Collectors.toUnmodifiableSet()).toString()))
            .get();
    List<String> home =
        List.of(
            set.toString(),
            map.toString(),
            two.toString(),
            Set.of("x", "y", "z", "u", "v").toString(),
            Set.copyOf(List.of(3, 1, 4, 5, 9, 2, 6)).toString(),
            Stream.of(7, 8, 9, 10).collect(Collectors.toUnmodifiableSet()).toString());
    return away.equals(home);
  }

  @Runs(EITHER)
  static Object capacities(ExecutorService pool) throws Exception {
    Vector<Integer> vector = new Vector<>(3, 2);
    vector.addAll(List.of(1, 2, 3, 4));
    StringBuilder builder = new StringBuilder(50).append("x");
    StringBuffer buffer = new StringBuffer(7);
    BitSet bits = new BitSet(1000);
    bits.set(3);
    IntBuffer ints = IntBuffer.allocate(10).put(1).mark().put(2);
    List<Integer> away =
        pool.submit(
                () ->
                    List.of(
                        vector.capacity(),
                        builder.capacity(),
                        buffer.capacity(),
                        bits.size(),
                        ints.reset().position()))
            .get();
    pool.submit(
            () -> {
              vector.add(5);
              vector.add(6);
              builder.append("y".repeat(60));
              bits.set(2000);
            })
        .get();
    return all(away, vector.capacity(), builder.capacity(), bits.size(), ints.position());
  }

  // ---- loggers ----

  private static final class Collected extends Handler {
    final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void publish(LogRecord r) {
      lines.add(r.getLoggerName() + " " + r.getLevel() + " " + r.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    List<String> await(int n) throws InterruptedException {
      for (int i = 0; i < 500 && lines.size() < n; i++) {
        Thread.sleep(10);
      }
      return List.copyOf(lines);
    }
  }

  private static final class Notice extends Level {
    private static final long serialVersionUID = 1;

    static final Notice NOTICE = new Notice();

    private Notice() {
      super("NOTICE", 850);
    }
  }

  @Runs(EITHER)
  static Object ownLevel(ExecutorService pool) throws Exception {
    Logger log = Logger.getLogger("surprises.level");
    Collected collected = new Collected();
    log.addHandler(collected);
    log.setUseParentHandlers(false);
    log.setLevel(Notice.NOTICE);
    try {
      boolean info =
          pool.submit(
                  () -> {
                    log.log(Notice.NOTICE, "noticed");
                    log.info("not noticed");
                    return log.isLoggable(Level.INFO);
                  })
              .get();
      boolean same = pool.submit(() -> log.getLevel()).get() == Notice.NOTICE;
      return all(info, same, collected.await(1));
    } finally {
      log.removeHandler(collected);
    }
  }

  @Runs(EITHER)
  static Object anonymousLogger(ExecutorService pool) throws Exception {
    Logger log = Logger.getAnonymousLogger();
    Collected collected = new Collected();
    log.addHandler(collected);
    log.setUseParentHandlers(false);
    log.setLevel(Level.FINE);
    pool.submit(() -> log.fine("fine")).get();
    pool.submit(() -> log.log(Level.WARNING, "{0} and {1}", new Object[] {"a", 1})).get();
    return collected.await(2).size();
  }

  private static final class Counting extends Logger {
    private int logged;

    Counting(String name) {
      super(name, null);
    }

    @Override
    public void log(LogRecord r) {
      logged++;
      super.log(r);
    }
  }

  @Runs(EITHER)
  static Object ownLogger(ExecutorService pool) throws Exception {
    Counting log = new Counting("surprises.own");
    Collected collected = new Collected();
    log.addHandler(collected);
    pool.submit(() -> log.info("one")).get();
    pool.submit(() -> log.warning("two")).get();
    return all(log.logged, collected.await(2));
  }

  @Runs(EITHER)
  static Object systemLogger(ExecutorService pool) throws Exception {
    Logger log = Logger.getLogger("surprises.system");
    Collected collected = new Collected();
    log.addHandler(collected);
    log.setUseParentHandlers(false);
    log.setLevel(Level.FINE);
    try {
      System.Logger system = System.getLogger("surprises.system");
      boolean debug =
          pool.submit(
                  () -> {
                    System.Logger mine = System.getLogger("surprises.system");
                    mine.log(System.Logger.Level.DEBUG, "debug");
                    return mine.isLoggable(System.Logger.Level.DEBUG);
                  })
              .get();
      pool.submit(() -> system.log(System.Logger.Level.INFO, "info")).get();
      return all(debug, collected.await(2));
    } finally {
      log.removeHandler(collected);
    }
  }

  @Runs(EITHER)
  static Object levelsSetBetweenTasks(ExecutorService pool) throws Exception {
    Logger parent = Logger.getLogger("surprises.parent");
    Logger log = Logger.getLogger("surprises.parent.child");
    List<Boolean> loggable = new ArrayList<>();
    for (Level level : List.of(Level.FINEST, Level.WARNING, Level.CONFIG)) {
      parent.setLevel(level);
      loggable.add(pool.submit(() -> log.isLoggable(Level.FINE)).get());
      loggable.add(
          pool.submit(
                  () -> Logger.getLogger("surprises.parent.child.made").isLoggable(Level.CONFIG))
              .get());
    }
    pool.submit(() -> Logger.getLogger("surprises.parent").setLevel(Level.SEVERE)).get();
    return all(loggable, parent.getLevel().getName(), log.isLoggable(Level.WARNING));
  }

  // ---- standard streams ----

  @Runs(EITHER)
  static Object standardInputRead(ExecutorService pool) throws Exception {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream("12 30\nline two\n".getBytes(StandardCharsets.US_ASCII)));
    try {
      return pool.submit(
              () -> {
                Scanner in = new Scanner(System.in);
                return in.nextInt() + in.nextInt() + in.nextLine() + in.nextLine();
              })
          .get();
    } finally {
      System.setIn(before);
    }
  }

  @Runs(EITHER)
  static Object outputRedirectedByTask(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              PrintStream before = System.out;
              ByteArrayOutputStream bytes = new ByteArrayOutputStream();
              try {
                System.setOut(new PrintStream(bytes, true));
                System.out.print("captured");
              } finally {
                System.setOut(before);
              }
              return bytes.toString();
            })
        .get();
  }

  @Runs(EITHER)
  static Object errorsPrintedInOrder(ExecutorService pool) throws Exception {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      for (int i = 0; i < 5; i++) {
        int n = i;
        pool.submit(
                () -> {
                  System.err.print("surprise ");
                  System.err.print(n);
                  System.err.append(" é").write('\n');
                })
            .get();
        System.err.println("surprise home " + i);
      }
    } finally {
      System.setErr(before);
    }
    return bytes
        .toString(StandardCharsets.UTF_8)
        .lines()
        .filter(l -> l.startsWith("surp"))
        .toList();
  }

  @Runs(EITHER)
  static Object capturedStandardOutput(ExecutorService pool) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream mine = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    System.setOut(mine);
    try {
      PrintStream out = System.out;
      boolean same = pool.submit(() -> out == System.out).get();
      pool.submit(() -> out.println("surprise 1")).get();
      pool.submit(() -> mine.println("surprise 2")).get();
      pool.submit(() -> System.out.println("surprise 3")).get();
      return all(same, bytes.toString().lines().filter(l -> l.startsWith("surprise")).toList());
    } finally {
      System.setOut(before);
    }
  }

  @OwnPool
  @Runs(HOME)
  static Object pipedStreams(ExecutorService pool) throws Exception {
    PipedInputStream in = new PipedInputStream(16);
    PipedOutputStream out = new PipedOutputStream(in);
    Future<Integer> reader =
        pool.submit(
            () -> {
              int sum = 0;
              for (int b = in.read(); b >= 0; b = in.read()) {
                sum += b;
              }
              return sum;
            });
    Future<?> writer =
        pool.submit(
            () -> {
              try (out) {
                for (int i = 0; i < 100; i++) {
                  out.write(i);
                }
              }
              return null;
            });
    writer.get();
    return reader.get();
  }

  // ---- files ----

  @OwnPool
  @Runs(EITHER)
  static Object fileDeletedOnExit(ExecutorService pool) throws Exception {
    File file =
        pool.submit(
                () -> {
                  File f = File.createTempFile("surprise", ".txt");
                  f.deleteOnExit();
                  Files.writeString(f.toPath(), "still here");
                  return f;
                })
            .get();
    pool.shutdown();
    boolean ended = pool.awaitTermination(30, TimeUnit.SECONDS);
    Thread.sleep(1000);
    String text = Files.readString(file.toPath());
    return all(ended, text, file.delete());
  }

  @Runs(EITHER)
  static Object linesOfFiles(ExecutorService pool) throws Exception {
    Path dir = Files.createTempDirectory("surprises");
    try {
      each(
          pool,
          4,
          i ->
              () -> {
                try {
                  Files.write(dir.resolve("f" + i), List.of("a" + i, "b", "c"));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      List<Long> counts =
          collect(
              pool,
              4,
              i ->
                  () -> {
                    try (Stream<String> lines = Files.lines(dir.resolve("f" + i))) {
                      return lines.filter(l -> !l.equals("b")).count();
                    }
                  });
      List<String> names =
          pool.submit(
                  () -> {
                    try (Stream<Path> walk = Files.walk(dir)) {
                      return walk.filter(Files::isRegularFile)
                          .map(p -> dir.relativize(p).toString())
                          .sorted()
                          .toList();
                    }
                  })
              .get();
      return all(counts, names);
    } finally {
      try (Stream<Path> walk = Files.walk(dir)) {
        walk.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
      }
    }
  }

  @Runs(EITHER)
  static Object openReaderHandedOn(ExecutorService pool) throws Exception {
    Path file = Files.createTempFile("surprises", ".txt");
    try {
      Files.write(file, List.of("one", "two", "three"));
      try (BufferedReader in = Files.newBufferedReader(file);
          Stream<String> lines = Files.lines(file)) {
        in.readLine();
        String two = pool.submit(in::readLine).get();
        String three = in.readLine();
        List<String> all = pool.submit(() -> lines.toList()).get();
        return all(two, three, all);
      }
    } finally {
      Files.delete(file);
    }
  }

  @Runs(EITHER)
  static Object writerSharedByTasks(ExecutorService pool) throws Exception {
    Path file = Files.createTempFile("surprises", ".txt");
    try {
      try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file), true)) {
        each(pool, 10, i -> () -> out.println("line " + i));
      }
      return Files.lines(file).sorted().toList();
    } finally {
      Files.delete(file);
    }
  }

  // ---- the JVM ----

  public interface GaugeMBean {
    int getValue();
  }

  public static final class Gauge implements GaugeMBean {
    @Override
    public int getValue() {
      return 42;
    }
  }

  @Runs(EITHER)
  static Object managedBeans(ExecutorService pool) throws Exception {
    javax.management.MBeanServer server =
        java.lang.management.ManagementFactory.getPlatformMBeanServer();
    javax.management.ObjectName name = new javax.management.ObjectName("surprises:type=Gauge");
    server.registerMBean(new Gauge(), name);
    try {
      return pool.submit(
              () ->
                  java.lang.management.ManagementFactory.getPlatformMBeanServer()
                      .getAttribute(name, "Value"))
          .get();
    } finally {
      server.unregisterMBean(name);
    }
  }

  @Runs(EITHER)
  static Object propertiesPutByTask(ExecutorService pool) throws Exception {
    try {
      pool.submit(() -> System.getProperties().setProperty("surprise.a", "1")).get();
      pool.submit(() -> System.getProperties().put("surprise.b", "2")).get();
      boolean had = pool.submit(() -> System.getProperties().containsKey("surprise.b")).get();
      pool.submit(() -> System.getProperties().remove("surprise.b")).get();
      return all(System.getProperty("surprise.a"), had, System.getProperty("surprise.b"));
    } finally {
      System.clearProperty("surprise.a");
      System.clearProperty("surprise.b");
    }
  }

  @Runs(EITHER)
  static Object seededSecureRandom(ExecutorService pool) throws Exception {
    SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
    random.setSeed(5);
    int a = random.nextInt();
    int b = pool.submit(() -> random.nextInt()).get();
    int c = random.nextInt();
    return all(a, b, c);
  }

  @Runs(AWAY)
  static Object cryptography(ExecutorService pool) throws Exception {
    javax.crypto.spec.SecretKeySpec key =
        new javax.crypto.spec.SecretKeySpec("0123456789abcdef".getBytes("US-ASCII"), "AES");
    List<String> macs =
        collect(
            pool,
            3,
            i ->
                () -> {
                  javax.crypto.Mac mac = javax.crypto.Mac.getInstance("HmacSHA256");
                  mac.init(key);
                  return Base64.getEncoder().encodeToString(mac.doFinal(new byte[] {(byte) i}));
                });
    byte[] sealed =
        pool.submit(
                () -> {
                  javax.crypto.Cipher c = javax.crypto.Cipher.getInstance("AES/ECB/PKCS5Padding");
                  c.init(javax.crypto.Cipher.ENCRYPT_MODE, key);
                  return c.doFinal("secret".getBytes("US-ASCII"));
                })
            .get();
    javax.crypto.Cipher c = javax.crypto.Cipher.getInstance("AES/ECB/PKCS5Padding");
    c.init(javax.crypto.Cipher.DECRYPT_MODE, key);
    return all(macs, new String(c.doFinal(sealed), StandardCharsets.US_ASCII));
  }

  @Runs(EITHER)
  static Object cipherAndMacHandedOn(ExecutorService pool) throws Exception {
    javax.crypto.Mac mac = javax.crypto.Mac.getInstance("HmacSHA1");
    mac.init(new javax.crypto.spec.SecretKeySpec(new byte[] {1, 2}, "HmacSHA1"));
    mac.update((byte) 1);
    pool.submit(() -> mac.update((byte) 2)).get();
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    java.util.zip.Adler32 adler = new java.util.zip.Adler32();
    crc.update(1);
    pool.submit(
            () -> {
              crc.update(2);
              adler.update(new byte[] {3, 4});
            })
        .get();
    java.util.zip.Deflater deflater = new java.util.zip.Deflater();
    deflater.setInput(new byte[100]);
    deflater.finish();
    int n = pool.submit(() -> deflater.deflate(new byte[200])).get();
    return all(mac.doFinal(), crc.getValue(), adler.getValue(), n, deflater.finished());
  }

  @Runs(EITHER)
  static Object zipWrittenByTasks(ExecutorService pool) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (java.util.zip.ZipOutputStream zip = new java.util.zip.ZipOutputStream(bytes)) {
      for (int i = 0; i < 3; i++) {
        int n = i;
        pool.submit(
                () -> {
                  zip.putNextEntry(new java.util.zip.ZipEntry("e" + n));
                  zip.write(new byte[] {(byte) n});
                  zip.closeEntry();
                  return null;
                })
            .get();
      }
    }
    byte[] zipped = bytes.toByteArray();
    return pool.submit(
            () -> {
              List<String> names = new ArrayList<>();
              java.util.zip.ZipInputStream in =
                  new java.util.zip.ZipInputStream(new ByteArrayInputStream(zipped));
              for (var e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
                names.add(e.getName() + in.read());
              }
              return names;
            })
        .get();
  }

  @Runs(AWAY)
  static Object textTools(ExecutorService pool) throws Exception {
    BreakIterator words = BreakIterator.getWordInstance(Locale.US);
    words.setText("one two three");
    words.next();
    int at = pool.submit(() -> words.next()).get();
    StringCharacterIterator chars = new StringCharacterIterator("abc");
    chars.next();
    char c = pool.submit(() -> chars.next()).get();
    ChoiceFormat choice = new ChoiceFormat("0#none|1#one|2#many");
    StringJoiner joiner = new StringJoiner(",", "[", "]").setEmptyValue("empty");
    pool.submit(() -> joiner.add("x")).get();
    java.util.Formatter formatter = new java.util.Formatter(new StringBuilder("f:"), Locale.US);
    pool.submit(() -> formatter.format("%d", 5)).get();
    Scanner scanner = new Scanner("1 2 3").useDelimiter(" ");
    scanner.nextInt();
    int two = pool.submit(() -> scanner.nextInt()).get();
    return all(
        at,
        words.current(),
        c,
        chars.current(),
        pool.submit(() -> choice.format(1)).get(),
        joiner.toString(),
        formatter.toString(),
        two,
        scanner.nextInt());
  }

  @OwnPool
  @Runs(EITHER)
  static Object handlerOfOwnThread(ExecutorService pool) throws Exception {
    CompletableFuture<String> handled = new CompletableFuture<>();
    pool.execute(
        () -> {
          Thread.currentThread()
              .setUncaughtExceptionHandler((t, e) -> handled.complete(e.getMessage()));
          throw new IllegalStateException("not caught");
        });
    return handled.get(10, TimeUnit.SECONDS);
  }

  static int depth(int n) {
    return n == 0 ? 0 : 1 + depth(n - 1);
  }

  static final class Chain {
    final Chain next;
    int seen;

    Chain(Chain next) {
      this.next = next;
    }

    int length(List<Integer> log, String label) {
      seen++;
      if (log.size() > 1_000_000 || label.isEmpty()) {
        throw new IllegalStateException();
      }
      return next == null ? 1 : 1 + next.length(log, label);
    }
  }

  @Runs(AWAY)
  static Object deepRecursions(ExecutorService pool) throws Exception {
    Chain chain = null;
    for (int i = 0; i < 6_000; i++) {
      chain = new Chain(chain);
    }
    Chain head = chain;
    return all(
        pool.submit(() -> depth(8_000)).get(),
        pool.submit(() -> head.length(new ArrayList<>(), "x")).get(),
        pool.submit(() -> ackermann(2, 1_500)).get(),
        head.next.next.seen);
  }

  /** Which tells that it has overflown its stack, instead of failing. */
  @Runs(AWAY)
  static Object deepRecursionsThatWouldBeCaught(ExecutorService pool) throws Exception {
    Chain chain = null;
    for (int i = 0; i < 6_000; i++) {
      chain = new Chain(chain);
    }
    Chain head = chain;
    return pool.submit(
            () -> {
              try {
                return depth(8_000) + head.length(new ArrayList<>(), "x") + ackermann(2, 1_500);
              } catch (StackOverflowError e) {
                return -1;
              }
            })
        .get();
  }

  static int ackermann(int m, int n) {
    return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
  }

  // ---- pools of tasks' own ----

  @Runs(EITHER)
  static Object poolsThatTasksMake(ExecutorService pool) throws Exception {
    return collect(
        pool,
        2,
        n ->
            () -> {
              try (CloudExecutorService own = CloudExecutors.newCloudPool(2)) {
                int[] counted = {0};
                own.submit(() -> counted[0] = n).get();
                return own.submit(() -> n * n).get() + " " + counted[0];
              }
            });
  }
}
