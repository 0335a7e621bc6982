package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Runs.Where.HOME;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;
import static dev.martlet.programs.Support.each;
import static dev.martlet.programs.Support.outcome;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.CharArrayWriter;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.Externalizable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInput;
import java.io.ObjectInputStream;
import java.io.ObjectOutput;
import java.io.ObjectOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.PushbackInputStream;
import java.io.PushbackReader;
import java.io.Serializable;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.DateFormat;
import java.text.DecimalFormat;
import java.text.MessageFormat;
import java.text.NumberFormat;
import java.text.SimpleDateFormat;
import java.time.Clock;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Calendar;
import java.util.Collections;
import java.util.Comparator;
import java.util.Currency;
import java.util.Date;
import java.util.Formatter;
import java.util.GregorianCalendar;
import java.util.IntSummaryStatistics;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.PrimitiveIterator;
import java.util.Properties;
import java.util.Random;
import java.util.Scanner;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.StringTokenizer;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;

/** Tasks that use the JDK's libraries: text, time, numbers, streams, reflection, serialisation. */
final class Library {
  private Library() {}

  // ---- numbers and random ----

  @Runs(AWAY)
  static Object bigNumbers(ExecutorService pool) throws Exception {
    BigInteger base = new BigInteger("123456789012345678901234567890");
    BigDecimal price = new BigDecimal("19.990");
    List<BigInteger> powers = collect(pool, 5, i -> () -> base.pow(i).mod(BigInteger.TEN.pow(9)));
    BigDecimal total =
        pool.submit(
                () ->
                    price
                        .multiply(BigDecimal.valueOf(3))
                        .setScale(2, RoundingMode.HALF_EVEN)
                        .divide(new BigDecimal("7"), MathContext.DECIMAL64))
            .get();
    return all(powers, total, total.scale(), pool.submit(() -> base).get() == base);
  }

  @Runs(AWAY)
  static Object splittableRandomSplit(ExecutorService pool) throws Exception {
    SplittableRandom root = new SplittableRandom(42);
    List<SplittableRandom> parts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      parts.add(root.split());
    }
    List<Integer> first = collect(pool, 4, i -> () -> parts.get(i).nextInt(1000));
    List<Integer> second = collect(pool, 4, i -> () -> parts.get(i).nextInt(1000));
    int mine = parts.get(0).nextInt(1000);
    return all(first, second, mine);
  }

  private static double draw(Random r) {
    return r.nextGaussian() + r.nextDouble() + r.ints(5).sum();
  }

  @Runs(AWAY)
  static Object seededRandomPerTask(ExecutorService pool) throws Exception {
    List<Double> values = collect(pool, 5, seed -> () -> draw(new Random(seed)));
    int[] perm = pool.submit(() -> new Random(1).ints(0, 100).distinct().limit(10).toArray()).get();
    return all(values, perm);
  }

  @Runs(AWAY)
  static Object threadLocalRandomAndUuid(ExecutorService pool) throws Exception {
    List<Boolean> ok =
        collect(
            pool,
            4,
            i ->
                () -> {
                  int n = ThreadLocalRandom.current().nextInt(10, 20);
                  UUID id = UUID.randomUUID();
                  return n >= 10 && n < 20 && UUID.fromString(id.toString()).equals(id);
                });
    SecureRandom.getInstanceStrong();
    byte[] fresh =
        pool.submit(
                () -> {
                  byte[] b = new byte[8];
                  new SecureRandom().nextBytes(b);
                  return b;
                })
            .get();
    return all(ok, fresh.length, UUID.nameUUIDFromBytes(new byte[] {1}));
  }

  @Runs(AWAY)
  static Object mathFunctions(ExecutorService pool) throws Exception {
    return collect(
        pool,
        6,
        i ->
            () ->
                all(
                    StrictMath.sin(i),
                    Math.floorMod(-i, 4),
                    Math.fma(i, 2.0, 1.0),
                    Math.hypot(i, 3),
                    Integer.toBinaryString(i * 37),
                    Long.parseUnsignedLong("18446744073709551615") - i,
                    Double.toHexString(i / 3.0),
                    Float.intBitsToFloat(i),
                    Math.ulp((double) i)));
  }

  @Runs(AWAY)
  static Object overflowIsThrown(ExecutorService pool) throws Exception {
    return all(
        outcome(pool.submit(() -> Math.multiplyExact(1 << 30, 4))),
        outcome(pool.submit(() -> Integer.parseInt("12x"))),
        outcome(pool.submit(() -> BigDecimal.ONE.divide(BigDecimal.valueOf(3)))),
        outcome(pool.submit(() -> List.of(1, 2).get(2))),
        outcome(pool.submit(() -> "abc".substring(5))),
        outcome(pool.submit(() -> Objects.requireNonNull(null, "nothing there"))),
        outcome(pool.submit(() -> (Object) DayOfWeek.valueOf("FUNDAY"))),
        outcome(pool.submit(() -> List.of(1).iterator().next() / (List.of().size()))),
        outcome(pool.submit(() -> Optional.empty().orElseThrow())),
        outcome(pool.submit(() -> (Object) (Integer) (Object) "cast")));
  }

  // ---- time ----

  @Runs(AWAY)
  static Object datesAndTimes(ExecutorService pool) throws Exception {
    LocalDate day = LocalDate.of(2024, 2, 28);
    ZonedDateTime zoned = ZonedDateTime.of(2024, 3, 31, 1, 30, 0, 0, ZoneId.of("Europe/Berlin"));
    return all(
        pool.submit(() -> day.plusDays(2)).get(),
        pool.submit(() -> zoned.plusHours(1)).get(),
        pool.submit(() -> day.with(TemporalAdjusters.firstInMonth(DayOfWeek.MONDAY))).get(),
        pool.submit(() -> Period.between(day, LocalDate.of(2025, 1, 1))).get(),
        pool.submit(() -> ChronoUnit.DAYS.between(day, LocalDate.EPOCH)).get(),
        pool.submit(() -> Duration.ofMillis(90_061_001)).get(),
        pool.submit(() -> zoned.toInstant().atOffset(ZoneOffset.ofHours(9))).get());
  }

  @Runs(AWAY)
  static Object clocksCaptured(ExecutorService pool) throws Exception {
    Clock fixed = Clock.fixed(Instant.ofEpochSecond(1_000_000), ZoneOffset.UTC);
    Clock offset = Clock.offset(fixed, Duration.ofHours(1));
    Clock system = Clock.systemUTC();
    return all(
        pool.submit(() -> LocalDateTime.now(fixed)).get(),
        pool.submit(() -> Instant.now(offset)).get(),
        pool.submit(() -> system.millis() > 0).get(),
        pool.submit(() -> Clock.tickMinutes(ZoneOffset.UTC).getZone()).get());
  }

  static final DateTimeFormatter ISO = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");

  @Runs(AWAY)
  static Object dateTimeFormattersShared(ExecutorService pool) throws Exception {
    DateTimeFormatter local =
        DateTimeFormatter.ofPattern("EEEE d MMMM uuuu", Locale.FRENCH).withZone(ZoneOffset.UTC);
    DateTimeFormatter style = DateTimeFormatter.ofLocalizedDate(FormatStyle.LONG);
    LocalDateTime at = LocalDateTime.of(2024, 5, 6, 7, 8);
    return all(
        collect(pool, 3, i -> () -> ISO.format(at.plusHours(i))),
        collect(pool, 3, i -> () -> local.format(at.plusDays(i))),
        pool.submit(() -> LocalDateTime.parse("2020-01-01 10:20", ISO)).get(),
        pool.submit(() -> style.withLocale(Locale.GERMANY).format(at)).get(),
        outcome(pool.submit(() -> LocalDate.parse("nope", ISO))));
  }

  @Runs(AWAY)
  static Object oldFormatsPerTask(ExecutorService pool) throws Exception {
    SimpleDateFormat format = new SimpleDateFormat("yyyy/MM/dd HH:mm", Locale.US);
    format.setTimeZone(TimeZone.getTimeZone("UTC"));
    String text = pool.submit(() -> format.format(new Date(86_400_000L * 365))).get();
    Date parsed = pool.submit(() -> format.parse("2000/01/02 03:04")).get();
    Calendar calendar = new GregorianCalendar(2024, Calendar.FEBRUARY, 28);
    calendar.setTimeZone(TimeZone.getTimeZone("UTC"));
    pool.submit(() -> calendar.add(Calendar.DAY_OF_MONTH, 2)).get();
    return all(text, parsed.getTime(), calendar.get(Calendar.DAY_OF_MONTH), format.format(parsed));
  }

  // ---- text ----

  @Runs(AWAY)
  static Object formatsAndLocales(ExecutorService pool) throws Exception {
    NumberFormat german = NumberFormat.getInstance(Locale.GERMANY);
    DecimalFormat decimal = new DecimalFormat("#,##0.00");
    MessageFormat message = new MessageFormat("{0} has {1,number,integer} items", Locale.US);
    return all(
        pool.submit(() -> german.format(1234567.891)).get(),
        pool.submit(() -> decimal.format(9876.5)).get(),
        pool.submit(() -> message.format(new Object[] {"x", 1234})).get(),
        pool.submit(() -> String.format(Locale.US, "%08.3f|%-5s|%x|%,d", 3.14159, "a", 255, 10_000))
            .get(),
        pool.submit(() -> NumberFormat.getCurrencyInstance(Locale.US).format(3.5)).get(),
        pool.submit(() -> Currency.getInstance("EUR").getDisplayName(Locale.ENGLISH)).get(),
        pool.submit(() -> "I".toLowerCase(Locale.forLanguageTag("tr"))).get());
  }

  static final Pattern WORD = Pattern.compile("(?<first>\\w)\\w*");

  @Runs(AWAY)
  static Object patternsAndMatchers(ExecutorService pool) throws Exception {
    String text = "the quick brown fox";
    Matcher matcher = WORD.matcher(text);
    matcher.find();
    String second =
        pool.submit(
                () -> {
                  matcher.find();
                  return matcher.group("first") + matcher.start();
                })
            .get();
    String mine = matcher.group();
    matcher.find();
    return all(
        second,
        mine,
        matcher.group(),
        pool.submit(() -> WORD.matcher(text).replaceAll(r -> r.group().toUpperCase())).get(),
        pool.submit(() -> text.split("\\s+")).get(),
        pool.submit(() -> WORD.splitAsStream(text).count()).get(),
        pool.submit(() -> WORD.asPredicate().test("x")).get());
  }

  @Runs(AWAY)
  static Object textBlocksAndStringMethods(ExecutorService pool) throws Exception {
    String block =
        """
        one
          two\tthree
        "four" \
        five
        """;
    return all(
        pool.submit(() -> block.lines().map(String::strip).toList()).get(),
        pool.submit(() -> block.indent(2)).get(),
        pool.submit(() -> "é".repeat(3).getBytes(StandardCharsets.UTF_8)).get(),
        pool.submit(() -> "a,b,,c,".split(",", -1)).get(),
        pool.submit(() -> String.join("|", List.of("x", "y"))).get(),
        pool.submit(() -> "abc".chars().map(c -> c + 1).boxed().toList()).get(),
        pool.submit(() -> "😀x".codePointCount(0, 3)).get(),
        pool.submit(() -> "%s-%d".formatted("a", 3)).get());
  }

  @Runs(AWAY)
  static Object scannersAndTokenizers(ExecutorService pool) throws Exception {
    StringTokenizer tokens = new StringTokenizer("a b c d");
    tokens.nextToken();
    String b = pool.submit(() -> tokens.nextToken()).get();
    String c = tokens.nextToken();
    int sum =
        pool.submit(
                () -> {
                  int n = 0;
                  try (Scanner s = new Scanner("1 2 3\n4 x")) {
                    while (s.hasNextInt()) {
                      n += s.nextInt();
                    }
                    return n + s.next().length() * 100;
                  }
                })
            .get();
    return all(b, c, sum, tokens.countTokens());
  }

  // ---- streams in memory ----

  @Runs(AWAY)
  static Object readerReadByTask(ExecutorService pool) throws Exception {
    StringReader reader = new StringReader("line one\nline two\nline three");
    BufferedReader lines = new BufferedReader(reader);
    String first = lines.readLine();
    String second = pool.submit(lines::readLine).get();
    PushbackReader pushed = new PushbackReader(new StringReader("xyz"));
    int x = pushed.read();
    pushed.unread(x);
    int again = pool.submit(() -> pushed.read()).get();
    return all(first, second, lines.readLine(), (char) again, (char) pushed.read());
  }

  @Runs(EITHER)
  static Object linesSharedByTasks(ExecutorService pool) throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      text.append("line ").append(i).append('\n');
    }
    BufferedReader lines = new BufferedReader(new StringReader(text.toString()));
    return Set.copyOf(collect(pool, 20, i -> lines::readLine)).size();
  }

  private static final class Numbers extends InputStream {
    private int next;

    @Override
    public int read() {
      return next++;
    }
  }

  @Runs(EITHER)
  static Object monitorHeldOfOwnStream(ExecutorService pool) throws Exception {
    Numbers numbers = new Numbers();
    synchronized (numbers) { // which no method of its takes
      int first = pool.submit(() -> numbers.read()).get(20, TimeUnit.SECONDS);
      return all(first, numbers.read());
    }
  }

  @Runs(EITHER)
  static Object monitorHeldOfStreamWithout(ExecutorService pool) throws Exception {
    PushbackInputStream pushed =
        new PushbackInputStream(new ByteArrayInputStream(new byte[] {2, 3}));
    pushed.unread(1);
    synchronized (pushed) { // which its reading does not take
      int first = pool.submit(() -> pushed.read()).get(20, TimeUnit.SECONDS);
      return all(first, pushed.read());
    }
  }

  @Runs(EITHER)
  static Object bytesSharedByTasks(ExecutorService pool) throws Exception {
    ByteArrayInputStream in = new ByteArrayInputStream(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    StringReader chars = new StringReader("0123456789");
    List<Integer> drawn = new ArrayList<>(collect(pool, 10, i -> () -> in.read()));
    drawn.addAll(collect(pool, 10, i -> () -> chars.read() - '0'));
    Collections.sort(drawn);
    return all(drawn, in.read(), chars.read());
  }

  @Runs(EITHER)
  static Object linesWrittenByTasks(ExecutorService pool) throws Exception {
    StringWriter text = new StringWriter();
    BufferedWriter lines = new BufferedWriter(text);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(bytes, true);
    each(
        pool,
        12,
        i ->
            () -> {
              try {
                lines.write("line " + i + "\n");
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              print.println("line " + i);
            });
    lines.flush();
    return all(
        text.toString().lines().sorted().toList(), bytes.toString().lines().sorted().toList());
  }

  @Runs(AWAY)
  static Object bytesReadByTask(ExecutorService pool) throws Exception {
    ByteArrayInputStream in = new ByteArrayInputStream(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    DataInputStream data = new DataInputStream(in);
    in.read();
    int n = pool.submit(() -> data.readShort()).get();
    return all(n, in.available(), data.read());
  }

  @Runs(EITHER)
  static Object writtenInMemory(ExecutorService pool) throws Exception {
    StringWriter text = new StringWriter();
    PrintWriter print = new PrintWriter(text);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(bytes);
    CharArrayWriter chars = new CharArrayWriter();
    pool.submit(
            () -> {
              print.printf("%d items%n", 3);
              print.println(true);
              print.flush();
              chars.append("chars");
            })
        .get();
    pool.submit(
            () -> {
              data.writeInt(7);
              data.writeUTF("seven");
              return null;
            })
        .get();
    return all(
        text.toString().replace("\r", ""), bytes.toByteArray(), chars.toString(), data.size());
  }

  @Runs(AWAY)
  static Object streamsMadeInTask(ExecutorService pool) throws Exception {
    byte[] zipped =
        pool.submit(
                () -> {
                  ByteArrayOutputStream out = new ByteArrayOutputStream();
                  try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                    gzip.write("hello ".repeat(50).getBytes(StandardCharsets.US_ASCII));
                  }
                  return out.toByteArray();
                })
            .get();
    String back =
        pool.submit(
                () ->
                    new String(
                        new GZIPInputStream(new ByteArrayInputStream(zipped)).readAllBytes(),
                        StandardCharsets.US_ASCII))
            .get();
    long crc =
        pool.submit(
                () -> {
                  CRC32 c = new CRC32();
                  c.update(zipped.length);
                  return c.getValue();
                })
            .get();
    String hex =
        pool.submit(
                () ->
                    Base64.getEncoder()
                        .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest("x".getBytes("UTF-8"))))
            .get();
    return all(back.length(), crc, hex);
  }

  @Runs(AWAY)
  static Object printStreamIntoBytes(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              ByteArrayOutputStream bytes = new ByteArrayOutputStream();
              PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
              out.println("é");
              out.printf(Locale.US, "%.2f", 1.5);
              new Formatter(out).format("%5d", 42).flush();
              return bytes.toByteArray();
            })
        .get();
  }

  // ---- java.util.stream ----

  @Runs(EITHER)
  static Object lazyStreamCaptured(ExecutorService pool) throws Exception {
    Stream<Integer> stream = Stream.of(1, 2, 3).map(x -> x * 2);
    List<Integer> got = pool.submit(() -> stream.toList()).get();
    Object again = outcome(pool.submit(() -> stream.count()));
    return all(got, again instanceof IllegalStateException);
  }

  @Runs(AWAY)
  static Object streamsInsideTask(ExecutorService pool) throws Exception {
    List<String> words = List.of("b", "a", "c", "a");
    return all(
        pool.submit(() -> words.stream().sorted().distinct().toList()).get(),
        pool.submit(() -> words.parallelStream().collect(Collectors.joining(",", "<", ">"))).get(),
        pool.submit(() -> IntStream.rangeClosed(1, 5).summaryStatistics()).get().getSum(),
        pool.submit(() -> Stream.iterate(1, x -> x < 100, x -> x * 3).reduce(0, Integer::sum))
            .get(),
        pool.submit(() -> words.stream().collect(Collectors.toCollection(java.util.TreeSet::new)))
            .get(),
        pool.submit(() -> IntStream.of(3, 1, 2).boxed().max(Comparator.naturalOrder())).get(),
        pool.submit(() -> Stream.of(1, 2, 3, 4).takeWhile(x -> x < 3).mapToInt(x -> x).toArray())
            .get(),
        pool.submit(
                () ->
                    words.stream()
                        .collect(
                            Collectors.teeing(
                                Collectors.counting(), Collectors.toSet(), Map::entry)))
            .get()
            .getKey());
  }

  @Runs(AWAY)
  static Object suppliersOfStreams(ExecutorService pool) throws Exception {
    Supplier<Stream<Integer>> source = () -> Stream.of(5, 6, 7);
    int a = pool.submit(() -> source.get().mapToInt(x -> x).sum()).get();
    long b = pool.submit(() -> source.get().count()).get();
    return all(a, b, source.get().toList());
  }

  @Runs(AWAY)
  static Object primitiveIteratorHalfConsumed(ExecutorService pool) throws Exception {
    PrimitiveIterator.OfInt it = IntStream.range(0, 10).iterator();
    it.nextInt();
    int b = pool.submit(() -> it.nextInt()).get();
    int c = it.nextInt();
    Iterator<String> lines = "a\nb\nc".lines().iterator();
    lines.next();
    String two = pool.submit(() -> lines.next()).get();
    return all(b, c, two, lines.next());
  }

  static final class Fib implements Supplier<Long>, IntSupplier {
    private long a;
    private long b = 1;

    @Override
    public Long get() {
      long r = a;
      a = b;
      b += r;
      return r;
    }

    @Override
    public int getAsInt() {
      return get().intValue();
    }
  }

  @Runs(AWAY)
  static Object generatorWithState(ExecutorService pool) throws Exception {
    Fib fib = new Fib();
    List<Long> first = pool.submit(() -> Stream.generate(fib).limit(10).toList()).get();
    List<Integer> next = pool.submit(() -> IntStream.generate(fib).limit(3).boxed().toList()).get();
    return all(first, next, fib.get());
  }

  @Runs(AWAY)
  static Object summaryAndOptionals(ExecutorService pool) throws Exception {
    IntSummaryStatistics stats = new IntSummaryStatistics();
    pool.submit(() -> IntStream.range(0, 10).forEach(stats)).get();
    Optional<int[]> some = Optional.of(new int[] {1});
    pool.submit(() -> some.ifPresent(a -> a[0]++)).get();
    return all(
        stats.toString(),
        some.get(),
        pool.submit(() -> some.map(a -> a.length)).get(),
        pool.submit(() -> OptionalInt.of(4)).get(),
        pool.submit(() -> Optional.empty()).get() == Optional.empty());
  }

  // ---- properties, resources ----

  @Runs(AWAY)
  static Object propertiesLoadedInTask(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              Properties p = new Properties();
              p.load(new StringReader("a=1\nb = two\\u0041\n# c\n"));
              Properties q = new Properties(p);
              q.setProperty("c", "3");
              return new TreeMap<>(
                  q.stringPropertyNames().stream()
                      .collect(Collectors.toMap(k -> k, q::getProperty)));
            })
        .get();
  }

  // ---- reflection ----

  @Retention(RetentionPolicy.RUNTIME)
  @interface Tag {
    String value() default "none";

    int[] numbers() default {};

    Class<?> type() default Object.class;

    TimeUnit unit() default TimeUnit.DAYS;
  }

  @Tag(
      value = "bean",
      numbers = {1, 2},
      type = String.class)
  static class Bean {
    @Tag private int hidden = 5;
    protected String name = "n";
    public static int made;

    Bean() {}

    private Bean(String name) {
      this.name = name;
    }

    private int secret(int x) {
      return hidden * x;
    }

    public String getName() {
      return name;
    }

    public void setName(String name) {
      this.name = name;
    }
  }

  @Runs(AWAY)
  static Object privateMembersByReflection(ExecutorService pool) throws Exception {
    Bean bean = new Bean();
    Object inTask =
        pool.submit(
                () -> {
                  Bean own = new Bean();
                  Field f = Bean.class.getDeclaredField("hidden");
                  f.setAccessible(true);
                  f.setInt(own, 7);
                  Method m = Bean.class.getDeclaredMethod("secret", int.class);
                  m.setAccessible(true);
                  Constructor<Bean> c = Bean.class.getDeclaredConstructor(String.class);
                  c.setAccessible(true);
                  return all(m.invoke(own, 6), f.getInt(own), c.newInstance("made").name);
                })
            .get();
    pool.submit(
            () -> {
              Field f = Bean.class.getDeclaredField("hidden");
              f.setAccessible(true);
              f.setInt(bean, f.getInt(bean) + 1);
              Bean.class.getMethod("setName", String.class).invoke(bean, "reflected");
              return null;
            })
        .get();
    return all(inTask, bean.hidden, bean.name);
  }

  @Runs(AWAY)
  static Object gettersByReflection(ExecutorService pool) throws Exception {
    Bean bean = new Bean();
    bean.name = "captured";
    Object got =
        pool.submit(
                () -> {
                  Map<String, Object> values = new TreeMap<>();
                  for (Method m : bean.getClass().getMethods()) {
                    if (m.getName().startsWith("get") && m.getDeclaringClass() == Bean.class) {
                      values.put(m.getName().substring(3), m.invoke(bean));
                    }
                  }
                  return values;
                })
            .get();
    pool.submit(() -> Bean.class.getMethod("setName", String.class).invoke(bean, "set")).get();
    return all(got, bean.name);
  }

  @Runs(AWAY)
  static Object annotationsRead(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              Tag t = Bean.class.getAnnotation(Tag.class);
              Tag f = Bean.class.getDeclaredField("hidden").getAnnotation(Tag.class);
              return all(t.value(), t.numbers(), t.type(), t.unit(), f.value(), f.equals(t));
            })
        .get();
  }

  @Runs(AWAY)
  static Object annotationCapturedAndReturned(ExecutorService pool) throws Exception {
    Tag t = Bean.class.getAnnotation(Tag.class);
    String v = pool.submit(() -> t.value() + t.numbers().length).get();
    Tag back = pool.submit(() -> Bean.class.getAnnotation(Tag.class)).get();
    return all(v, back.equals(t), back.value());
  }

  record Point(int x, double y, List<String> names) {}

  @Runs(AWAY)
  static Object recordComponents(ExecutorService pool) throws Exception {
    Point p = new Point(1, 2.5, List.of("a"));
    return pool.submit(
            () -> {
              List<Object> got = new ArrayList<>();
              for (RecordComponent c : Point.class.getRecordComponents()) {
                got.add(c.getName() + ":" + c.getType().getSimpleName());
                got.add(c.getAccessor().invoke(p));
              }
              got.add(p.toString());
              got.add(p.equals(new Point(1, 2.5, List.of("a"))));
              return got;
            })
        .get();
  }

  @Runs(AWAY)
  static Object arraysByReflection(ExecutorService pool) throws Exception {
    Class<?> type = String[].class;
    return pool.submit(
            () -> {
              Object a = Array.newInstance(type.getComponentType(), 3);
              Array.set(a, 1, "x");
              Object m = Array.newInstance(int.class, 2, 2);
              return all(a, m, int[].class.isInstance(m), type.getName());
            })
        .get();
  }

  interface Greeter {
    String greet(String who);

    default String twice(String who) {
      return greet(who) + greet(who);
    }
  }

  @Runs(AWAY)
  static Object proxiesOfOwnInterfaces(ExecutorService pool) throws Exception {
    Map<String, Integer> calls = new TreeMap<>();
    InvocationHandler handler =
        (proxy, method, args) -> {
          calls.merge(method.getName(), 1, Integer::sum);
          return "hi " + args[0];
        };
    Greeter greeter =
        (Greeter)
            Proxy.newProxyInstance(
                Library.class.getClassLoader(), new Class<?>[] {Greeter.class}, handler);
    String a = pool.submit(() -> greeter.greet("bob")).get();
    String b = greeter.greet("eve");
    return all(a, b, calls);
  }

  @Runs(AWAY)
  static Object classObjectsCaptured(ExecutorService pool) throws Exception {
    Class<?> type = Point.class;
    Class<?>[] types = {int.class, String[].class, Map.Entry.class, void.class, Greeter.class};
    return all(
        pool.submit(() -> type.getSimpleName()).get(),
        pool.submit(() -> type).get() == Point.class,
        pool.submit(() -> Arrays.stream(types).map(Class::getName).toList()).get(),
        pool.submit(() -> Class.forName("dev.martlet.programs.Library$Point")).get() == type,
        outcome(pool.submit(() -> Class.forName("no.such.Type"))),
        pool.submit(() -> type.isRecord() && !type.isEnum()).get(),
        pool.submit(() -> new Point[0].getClass()).get() == Point[].class);
  }

  @Runs(EITHER)
  static Object methodHandlesCaptured(ExecutorService pool) throws Exception {
    MethodHandle concat =
        MethodHandles.lookup()
            .findVirtual(String.class, "concat", MethodType.methodType(String.class, String.class));
    String a =
        pool.submit(
                () -> {
                  try {
                    return (String) concat.invokeExact("a", "b");
                  } catch (Throwable e) {
                    throw new IllegalStateException(e);
                  }
                })
            .get();
    return a;
  }

  @Runs(EITHER)
  static Object methodHandlesMadeInTask(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              try {
                MethodHandle h =
                    MethodHandles.lookup()
                        .findStatic(
                            Math.class,
                            "max",
                            MethodType.methodType(int.class, int.class, int.class));
                return (int) h.invokeExact(3, 9);
              } catch (Throwable e) {
                throw new IllegalStateException(e);
              }
            })
        .get();
  }

  @Runs(AWAY)
  static Object methodObjectsCaptured(ExecutorService pool) throws Exception {
    Method m = Bean.class.getDeclaredMethod("getName");
    Field f = Bean.class.getDeclaredField("name");
    Bean bean = new Bean();
    return all(
        pool.submit(() -> m.invoke(bean)).get(),
        pool.submit(() -> f.get(bean)).get(),
        pool.submit(() -> m).get() == m,
        pool.submit(() -> Bean.class.getDeclaredMethod("getName")).get().equals(m),
        pool.submit(() -> Bean.class.getDeclaredConstructor()).get().getName(),
        m.getName());
  }

  // ---- updaters and handles ----

  static final class Cell {
    static final AtomicIntegerFieldUpdater<Cell> HITS =
        AtomicIntegerFieldUpdater.newUpdater(Cell.class, "hits");
    static final AtomicReferenceFieldUpdater<Cell, String> NAME =
        AtomicReferenceFieldUpdater.newUpdater(Cell.class, String.class, "name");
    static final VarHandle PLAIN;

    static {
      try {
        PLAIN = MethodHandles.lookup().findVarHandle(Cell.class, "plain", int.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    volatile int hits;
    volatile String name = "";
    int plain;
  }

  @Runs(EITHER)
  static Object fieldUpdaters(ExecutorService pool) throws Exception {
    Cell cell = new Cell();
    each(pool, 10, i -> () -> Cell.HITS.incrementAndGet(cell));
    each(pool, 3, i -> () -> Cell.NAME.accumulateAndGet(cell, "x", String::concat));
    each(pool, 5, i -> () -> Cell.PLAIN.getAndAdd(cell, 2));
    return cell;
  }

  @Runs(EITHER)
  static Object updatersOnOwnObjects(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              Cell cell = new Cell();
              for (int i = 0; i < 5; i++) {
                Cell.HITS.addAndGet(cell, i);
                Cell.PLAIN.setVolatile(cell, i);
              }
              return cell;
            })
        .get();
  }

  // ---- serialisation ----

  static final class Money implements Serializable {
    private static final long serialVersionUID = 1L;
    final long cents;
    transient String text;

    Money(long cents) {
      this.cents = cents;
      this.text = "$" + cents;
    }

    private Object writeReplace() {
      return new Form(cents);
    }

    private record Form(long cents) implements Serializable {
      private Object readResolve() {
        return new Money(cents + 1);
      }
    }
  }

  static final class Ext implements Externalizable {
    private static final long serialVersionUID = 1L;
    int n;

    public Ext() {}

    @Override
    public void writeExternal(ObjectOutput out) throws IOException {
      out.writeInt(n * 2);
    }

    @Override
    public void readExternal(ObjectInput in) throws IOException {
      n = in.readInt();
    }
  }

  static byte[] serialize(Object o) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(o);
    }
    return bytes.toByteArray();
  }

  static Object deserialize(byte[] bytes) throws IOException, ClassNotFoundException {
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      return in.readObject();
    }
  }

  @Runs(AWAY)
  static Object objectStreamsInTask(ExecutorService pool) throws Exception {
    Object got =
        pool.submit(
                () -> {
                  Ext ext = new Ext();
                  ext.n = 4;
                  Money m = (Money) deserialize(serialize(new Money(5)));
                  Ext e = (Ext) deserialize(serialize(ext));
                  Object l = deserialize(serialize(new ArrayList<>(List.of(1, "two"))));
                  return all(m.cents, m.text, e.n, l);
                })
            .get();
    byte[] bytes = pool.submit(() -> serialize(new Point2(1, 2))).get();
    Object back = deserialize(bytes);
    Money plain = pool.submit(() -> new Money(9)).get();
    return all(got, back, plain.cents, plain.text);
  }

  record Point2(int x, int y) implements Serializable {}

  @Runs(AWAY)
  static Object deepCopyByObjectStreams(ExecutorService pool) throws Exception {
    LinkedHashMap<String, ArrayList<Point2>> map = new LinkedHashMap<>();
    map.put("a", new ArrayList<>(List.of(new Point2(1, 2))));
    Object copy = pool.submit(() -> deserialize(serialize(map))).get();
    return all(copy, copy == map, copy.equals(map));
  }

  @Runs(AWAY)
  static Object notSerializableThrown(ExecutorService pool) throws Exception {
    return outcome(pool.submit(() -> serialize(new Object[] {new Bean()})));
  }

  // ---- files ----

  @Runs(AWAY)
  static Object temporaryFiles(ExecutorService pool) throws Exception {
    Path path =
        pool.submit(
                () -> {
                  Path p = Files.createTempFile("martlet", ".txt");
                  Files.writeString(p, "written away\nsecond");
                  return p;
                })
            .get();
    try {
      List<String> lines = pool.submit(() -> Files.readAllLines(path)).get();
      File file = path.toFile();
      long size = pool.submit(() -> file.length()).get();
      boolean absolute = pool.submit(() -> path.isAbsolute() && file.exists()).get();
      return all(lines, size, absolute, Files.readString(path));
    } finally {
      Files.delete(path);
    }
  }

  @Runs(AWAY)
  static Object relativeFiles(ExecutorService pool) throws Exception {
    Path path = Path.of("target", "relative-by-task.txt");
    Files.createDirectories(path.getParent());
    pool.submit(() -> Files.writeString(Path.of("target", "relative-by-task.txt"), "rel")).get();
    try {
      String got = Files.readString(path);
      boolean same =
          pool.submit(() -> new File("x").getAbsolutePath())
              .get()
              .equals(new File("x").getAbsolutePath());
      try (BufferedWriter w = Files.newBufferedWriter(path)) {
        w.write("client");
      }
      return all(got, same, pool.submit(() -> Files.readString(path)).get());
    } finally {
      Files.delete(path);
    }
  }

  @Runs(AWAY)
  static Object missingFile(ExecutorService pool) throws Exception {
    Object o = outcome(pool.submit(() -> Files.readString(Path.of("no", "such", "file"))));
    Object u =
        outcome(
            pool.submit(
                () -> {
                  try (Stream<String> s = Files.lines(Path.of("nothing"))) {
                    return s.count();
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                }));
    return all(o.getClass(), ((Exception) o).getMessage(), u.getClass());
  }

  @Runs(AWAY)
  static Object processHandleAndEnvironment(ExecutorService pool) throws Exception {
    return all(
        pool.submit(() -> System.getenv("PATH")).get().equals(System.getenv("PATH")),
        pool.submit(() -> System.getenv("NO_SUCH_VARIABLE")).get(),
        pool.submit(() -> System.getProperty("user.dir")).get(),
        pool.submit(() -> System.getProperty("java.version")).get(),
        pool.submit(() -> System.lineSeparator()).get(),
        pool.submit(() -> Runtime.version().feature()).get(),
        pool.submit(() -> Runtime.getRuntime().availableProcessors() > 0).get(),
        pool.submit(() -> System.nanoTime() != 0 && System.currentTimeMillis() > 0).get());
  }

  // ---- functions ----

  @Runs(AWAY)
  static Object composedLibraryFunctions(ExecutorService pool) throws Exception {
    Function<Integer, Integer> f = x -> x + 1;
    Function<Integer, Integer> g = f.andThen(x -> x * 2).compose(x -> x - 3);
    Predicate<String> p = Predicate.not(String::isEmpty).and(Predicate.isEqual("a").negate());
    BinaryOperator<String> max = BinaryOperator.maxBy(Comparator.comparing(String::length));
    UnaryOperator<Integer> id = UnaryOperator.identity();
    Comparator<Point2> order =
        Comparator.comparingInt(Point2::x)
            .reversed()
            .thenComparing(Point2::y, Comparator.nullsLast(Comparator.reverseOrder()));
    List<Point2> points = List.of(new Point2(1, 2), new Point2(2, 1), new Point2(1, 3));
    return all(
        pool.submit(() -> g.apply(10)).get(),
        pool.submit(() -> Stream.of("", "a", "b").filter(p).toList()).get(),
        pool.submit(() -> max.apply("aa", "b")).get(),
        pool.submit(() -> id.apply(5)).get(),
        pool.submit(() -> points.stream().sorted(order).toList()).get(),
        pool.submit(
                () ->
                    Map.Entry.<String, Integer>comparingByValue()
                        .compare(Map.entry("a", 1), Map.entry("b", 2)))
            .get(),
        pool.submit(() -> Collections.max(points, order)).get() == points.get(2)
            || pool.submit(() -> Collections.max(points, order)).get() == points.get(0));
  }

  @Runs(AWAY)
  static Object entryOfMaximum(ExecutorService pool) throws Exception {
    Map<String, Integer> counts = new TreeMap<>(Map.of("a", 3, "b", 9, "c", 5));
    Map.Entry<String, Integer> top =
        pool.submit(
                () -> counts.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow())
            .get();
    return all(top.getKey(), top.getValue());
  }

  @Runs(AWAY)
  static Object inflatedText(ExecutorService pool) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeflaterOutputStream d = new DeflaterOutputStream(out)) {
      d.write(new byte[500]);
    }
    byte[] bytes = out.toByteArray();
    return pool.submit(
            () ->
                new InflaterInputStream(new ByteArrayInputStream(bytes)).readAllBytes().length
                    + new BufferedReader(new StringReader("x\ny")).lines().count())
        .get();
  }

  @Runs(HOME)
  static Object cacheSharedByTasks(ExecutorService pool) throws Exception {
    ConcurrentHashMap<Integer, BigInteger> cache = new ConcurrentHashMap<>();
    List<Future<BigInteger>> futures = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int n = i % 3 + 5;
      futures.add(pool.submit(() -> cache.computeIfAbsent(n, k -> BigInteger.valueOf(k).pow(k))));
    }
    List<Object> got = new ArrayList<>();
    for (Future<BigInteger> f : futures) {
      got.add(f.get());
    }
    return all(got, Set.copyOf(cache.keySet()).size(), DateFormat.SHORT);
  }
}
