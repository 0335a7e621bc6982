package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Runs.Where.HOME;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.SimpleDateFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.slf4j.MDC;

/** Thread-locals: each thread of a pool has values of its own, which its tasks have in turn. */
final class ThreadLocals {
  private ThreadLocals() {}

  // ---- the idioms ----

  private static final ThreadLocal<SimpleDateFormat> DATE =
      ThreadLocal.withInitial(
          () -> {
            SimpleDateFormat f = new SimpleDateFormat("yyyy-MM-dd HH:mm", Locale.ROOT);
            f.setTimeZone(TimeZone.getTimeZone("UTC"));
            return f;
          });

  @Runs(AWAY)
  static Object dateFormat(ExecutorService pool) throws Exception {
    return collect(
        pool,
        12,
        i ->
            () -> {
              String text = DATE.get().format(new Date(i * 98_765_432_100L));
              return text + " " + DATE.get().parse(text).getTime();
            });
  }

  private static final ThreadLocal<DecimalFormat> DECIMAL =
      new ThreadLocal<>() {
        @Override
        protected DecimalFormat initialValue() {
          return new DecimalFormat("#,##0.00", DecimalFormatSymbols.getInstance(Locale.ROOT));
        }
      };

  @Runs(AWAY)
  static Object initialValueOfSubclass(ExecutorService pool) throws Exception {
    return collect(pool, 12, i -> () -> DECIMAL.get().format(i * 12345.678));
  }

  private static final ThreadLocal<StringBuilder> BUILDER =
      ThreadLocal.withInitial(() -> new StringBuilder(64));

  @Runs(AWAY)
  static Object reusedBuilder(ExecutorService pool) throws Exception {
    return collect(
        pool,
        12,
        i ->
            () -> {
              StringBuilder b = BUILDER.get();
              b.setLength(0);
              for (int k = 0; k < i; k++) {
                b.append(k).append(',');
              }
              return b.toString();
            });
  }

  private static final ThreadLocal<int[]> BUFFER = ThreadLocal.withInitial(() -> new int[40_000]);

  @Runs(AWAY)
  static Object reusedBuffer(ExecutorService pool) throws Exception {
    return collect(
        pool,
        12,
        i ->
            () -> {
              int[] buffer = BUFFER.get();
              Arrays.setAll(buffer, k -> k % (i + 1));
              return Arrays.stream(buffer).sum();
            });
  }

  private static final ThreadLocal<Map<Integer, Long>> MEMO = ThreadLocal.withInitial(HashMap::new);

  private static long fibonacci(int n) {
    if (n < 2) {
      return n;
    }
    Long known = MEMO.get().get(n);
    if (known == null) {
      known = fibonacci(n - 1) + fibonacci(n - 2);
      MEMO.get().put(n, known);
    }
    return known;
  }

  @Runs(AWAY)
  static Object memo(ExecutorService pool) throws Exception {
    return collect(pool, 20, i -> () -> fibonacci(3 * i));
  }

  private static final ThreadLocal<Random> RANDOM = ThreadLocal.withInitial(() -> new Random(42));

  @Sequential
  @OwnPool
  @Runs(AWAY)
  static Object randomOfOneThread(ExecutorService pool) throws Exception {
    return collect(pool, 10, i -> () -> RANDOM.get().nextInt(1000));
  }

  private static final ThreadLocal<MessageDigest> DIGEST =
      ThreadLocal.withInitial(
          () -> {
            try {
              return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
              throw new IllegalStateException(e);
            }
          });

  @Runs(AWAY)
  static Object digest(ExecutorService pool) throws Exception {
    return collect(
        pool,
        8,
        i ->
            () -> {
              MessageDigest digest = DIGEST.get();
              digest.reset();
              return Arrays.hashCode(digest.digest(new byte[] {(byte) i}));
            });
  }

  private static final class Parser {
    private final ThreadLocal<StringBuilder> token = ThreadLocal.withInitial(StringBuilder::new);
    private final ThreadLocal<Integer> depth = new ThreadLocal<>();

    int depth(String text) {
      depth.set(0);
      int deepest = 0;
      token.get().setLength(0);
      for (char c : text.toCharArray()) {
        if (c == '(') {
          depth.set(depth.get() + 1);
          deepest = Math.max(deepest, depth.get());
        } else if (c == ')') {
          depth.set(depth.get() - 1);
        } else {
          token.get().append(c);
        }
      }
      depth.remove();
      return 100 * deepest + token.get().length();
    }
  }

  @Runs(AWAY)
  static Object fieldOfSharedObject(ExecutorService pool) throws Exception {
    Parser parser = new Parser();
    return collect(pool, 10, i -> () -> parser.depth("(".repeat(i) + "ab" + ")".repeat(i)));
  }

  @Runs(AWAY)
  static Object capturedByItself(ExecutorService pool) throws Exception {
    ThreadLocal<String> name = ThreadLocal.withInitial(() -> "initial");
    Future<String> got = pool.submit(name::get);
    return all(got.get(), pool.submit(() -> name).get() == name);
  }

  // ---- values stay with their thread ----

  private static final ThreadLocal<Integer> COUNT = ThreadLocal.withInitial(() -> 0);

  @Sequential
  @OwnPool
  @Runs(AWAY)
  static Object valueStays(ExecutorService pool) throws Exception {
    List<Object> seen = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      int n = i;
      pool.submit(() -> COUNT.set(COUNT.get() + n)).get();
      seen.add(pool.submit(() -> COUNT.get()).get());
    }
    return all(seen, COUNT.get());
  }

  private static final ThreadLocal<List<Integer>> TASKS = ThreadLocal.withInitial(ArrayList::new);

  @OwnPool
  @Runs(AWAY)
  static Object oneValueForEachThread(ExecutorService pool) throws Exception {
    List<Integer> sizes =
        collect(
            pool,
            40,
            i ->
                () -> {
                  TASKS.get().add(i);
                  return TASKS.get().size();
                });
    long threads = sizes.stream().filter(s -> s == 1).count();
    long last =
        IntStream.rangeClosed(1, 40)
            .filter(s -> sizes.contains(s) && !sizes.contains(s + 1))
            .count();
    return all(threads >= 1 && threads <= 4, last >= 1, TASKS.get());
  }

  private static int made;
  private static final ThreadLocal<int[]> MADE = ThreadLocal.withInitial(() -> new int[] {++made});

  @Sequential
  @OwnPool
  @Runs(AWAY)
  static Object madeOnceUntilRemoved(ExecutorService pool) throws Exception {
    made = 0;
    List<Object> seen = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      seen.add(pool.submit(() -> MADE.get()[0]).get());
    }
    pool.submit(MADE::remove).get();
    seen.add(pool.submit(() -> MADE.get()[0]).get());
    pool.submit(
            () -> {
              MADE.remove();
              MADE.get()[0] += 100;
            })
        .get();
    seen.add(pool.submit(() -> MADE.get()[0]).get());
    return all(seen, made);
  }

  private static final ThreadLocal<String> NULLABLE = ThreadLocal.withInitial(() -> "initial");

  @Sequential
  @OwnPool
  @Runs(AWAY)
  static Object nullIsAValue(ExecutorService pool) throws Exception {
    pool.submit(() -> NULLABLE.set(null)).get();
    String set = pool.submit(() -> NULLABLE.get()).get();
    pool.submit(() -> NULLABLE.remove()).get();
    return all(set, pool.submit(() -> NULLABLE.get()).get());
  }

  private static final ThreadLocal<List<String>> TRACE = ThreadLocal.withInitial(ArrayList::new);

  @Sequential
  @OwnPool
  @Runs(AWAY)
  static Object valueOfTaskThatThrew(ExecutorService pool) throws Exception {
    Future<?> failing =
        pool.submit(
            () -> {
              TRACE.get().add("failing");
              throw new IllegalStateException("as it must");
            });
    String thrown = "";
    try {
      failing.get();
    } catch (ExecutionException e) {
      thrown = String.valueOf(e.getCause());
    }
    pool.submit(() -> TRACE.get().add("next")).get();
    return all(thrown, pool.submit(() -> new ArrayList<>(TRACE.get())).get());
  }

  private static boolean refuses;
  private static final ThreadLocal<String> REFUSING =
      ThreadLocal.withInitial(
          () -> {
            if (refuses) {
              throw new IllegalArgumentException("not yet");
            }
            return "made";
          });

  @Sequential
  @OwnPool
  @Runs(AWAY)
  static Object initialValueThatThrows(ExecutorService pool) throws Exception {
    refuses = true;
    String thrown = "";
    try {
      pool.submit(() -> REFUSING.get()).get();
    } catch (ExecutionException e) {
      thrown = String.valueOf(e.getCause());
    }
    refuses = false;
    return all(thrown, pool.submit(() -> REFUSING.get()).get());
  }

  @Sequential
  @OwnPool
  @Runs(AWAY)
  static Object stages(ExecutorService pool) throws Exception {
    ThreadLocal<List<String>> steps = ThreadLocal.withInitial(ArrayList::new);
    return CompletableFuture.supplyAsync(() -> steps.get().add("a"), pool)
        .thenApplyAsync(x -> steps.get().add("b"), pool)
        .thenApplyAsync(x -> String.join(",", steps.get()), pool)
        .get();
  }

  // ---- identity ----

  private static final ThreadLocal<List<Integer>> FIRST = new ThreadLocal<>();
  private static final ThreadLocal<List<Integer>> SECOND = new ThreadLocal<>();
  private static List<Integer> third;

  @Sequential
  @OwnPool
  @Runs(AWAY)
  static Object oneObjectInManyPlaces(ExecutorService pool) throws Exception {
    List<Integer> mine = new ArrayList<>();
    pool.submit(() -> FIRST.set(mine)).get();
    pool.submit(() -> SECOND.set(FIRST.get())).get();
    pool.submit(() -> third = SECOND.get()).get();
    boolean same = pool.submit(() -> FIRST.get() == third && SECOND.get() == third).get();
    pool.submit(() -> FIRST.get().add(1)).get();
    pool.submit(() -> mine.add(SECOND.get().size() + 1)).get();
    return all(same, third == mine, mine, FIRST.get());
  }

  private static final class Context {
    final ThreadLocal<Context> own;
    int uses;

    Context(ThreadLocal<Context> own) {
      this.own = own;
    }
  }

  @Sequential
  @OwnPool
  @Runs(AWAY)
  static Object valueThatKnowsItsPlace(ExecutorService pool) throws Exception {
    ThreadLocal<Context> own = new ThreadLocal<>();
    pool.submit(() -> own.set(new Context(own))).get();
    List<Object> seen = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      seen.add(pool.submit(() -> own.get().own.get().own == own ? own.get().uses++ : -1).get());
    }
    return all(seen, own.get());
  }

  private static class Counting extends ThreadLocal<Integer> {
    int gets;

    @Override
    public Integer get() {
      gets++;
      return super.get();
    }

    @Override
    protected Integer initialValue() {
      return 7;
    }
  }

  private static final Counting COUNTING = new Counting();

  @Sequential
  @OwnPool
  @Runs(AWAY)
  static Object subclassWithState(ExecutorService pool) throws Exception {
    COUNTING.gets = 0;
    int first = pool.submit(() -> COUNTING.get()).get();
    pool.submit(() -> COUNTING.set(COUNTING.get() + 1)).get();
    return all(first, pool.submit(() -> COUNTING.get()).get(), COUNTING.gets);
  }

  // ---- tasks at home, and attempts that do not count ----

  @Sequential
  @OwnPool
  @Runs(HOME)
  static Object homeAndAway(ExecutorService pool) throws Exception {
    AtomicInteger ids = new AtomicInteger();
    ThreadLocal<List<Integer>> log = ThreadLocal.withInitial(ArrayList::new);
    List<Object> seen = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int n = i;
      pool.submit(() -> log.get().add(n)).get();
      pool.submit(() -> log.get().add(100 + ids.incrementAndGet())).get();
      seen.add(pool.submit(() -> List.copyOf(log.get())).get());
    }
    return all(seen, log.get());
  }

  @Sequential
  @OwnPool
  @Runs(HOME)
  static Object droppedAttempt(ExecutorService pool) throws Exception {
    List<Object> locks = List.of(new int[1], "no lock");
    ThreadLocal<Integer> count = ThreadLocal.withInitial(() -> 0);
    ThreadLocal<List<Integer>> log = ThreadLocal.withInitial(ArrayList::new);
    List<Object> seen = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      seen.add(
          pool.submit(
                  () -> {
                    count.set(count.get() + 1);
                    log.get().add(count.get());
                    synchronized (locks.get(0)) {
                      return count.get();
                    }
                  })
              .get());
      seen.add(pool.submit(() -> List.copyOf(log.get())).get());
    }
    return seen;
  }

  private static String step(
      int kind, int n, List<ThreadLocal<List<Integer>>> all, int from, int to) {
    ThreadLocal<List<Integer>> a = all.get(from);
    ThreadLocal<List<Integer>> b = all.get(to);
    switch (kind) {
      case 0 -> a.remove();
      case 1 -> a.set(b.get());
      case 2 -> a.set(new ArrayList<>(b.get()));
      case 3 -> a.get().clear();
      case 4 -> {
        List<Integer> former = a.get();
        a.set(b.get());
        b.set(former);
      }
      default -> a.get().add(n);
    }
    StringBuilder text = new StringBuilder();
    for (ThreadLocal<List<Integer>> local : all) {
      text.append(local.get()).append(local.get() == a.get() ? "a" : "");
    }
    return text.toString();
  }

  @Sequential
  @OwnPool
  @Runs(HOME)
  static Object randomSteps(ExecutorService pool) throws Exception {
    List<ThreadLocal<List<Integer>>> locals = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int first = -i;
      locals.add(ThreadLocal.withInitial(() -> new ArrayList<>(List.of(first))));
    }
    AtomicInteger ids = new AtomicInteger();
    Random random = new Random(11);
    List<Object> seen = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      int n = i;
      int kind = random.nextInt(8);
      int from = random.nextInt(3);
      int to = random.nextInt(3);
      Callable<String> away = () -> step(kind, n, locals, from, to);
      Callable<String> home = () -> ids.incrementAndGet() + step(kind, n, locals, from, to);
      seen.add(pool.submit(random.nextInt(4) == 0 ? home : away).get());
    }
    return seen;
  }

  private static ThreadLocal<String> replaced = ThreadLocal.withInitial(() -> "old");

  @Sequential
  @OwnPool
  @Runs(HOME)
  static Object madeByTask(ExecutorService pool) throws Exception {
    pool.submit(
            () -> {
              replaced = ThreadLocal.withInitial(() -> "new");
              replaced.set("set");
            })
        .get();
    return all(pool.submit(() -> replaced.get()).get(), replaced.get());
  }

  private static final ThreadLocal<Thread> THREAD = ThreadLocal.withInitial(Thread::currentThread);

  @Runs(HOME)
  static Object valueThatCannotTravel(ExecutorService pool) throws Exception {
    return collect(pool, 4, i -> () -> THREAD.get() == Thread.currentThread());
  }

  private static final InheritableThreadLocal<String> INHERITED = new InheritableThreadLocal<>();

  @Sequential
  @OwnPool
  @Runs(HOME)
  static Object inheritable(ExecutorService pool) throws Exception {
    pool.submit(() -> INHERITED.set("set")).get();
    return all(pool.submit(() -> INHERITED.get()).get(), INHERITED.get());
  }

  // ---- of libraries ----

  @OwnPool
  @Runs(AWAY)
  static Object ofLibrary(ExecutorService pool) throws Exception {
    return collect(
        pool,
        60,
        i ->
            () -> {
              String mine = Thread.currentThread().getName();
              String known = MDC.get("thread");
              MDC.put("thread", mine);
              return known == null || known.equals(mine);
            });
  }

  @Sequential
  @OwnPool
  @Runs(AWAY)
  static Object ofLibraryInOneThread(ExecutorService pool) throws Exception {
    pool.submit(() -> MDC.put("user", "u1")).get();
    return all(pool.submit(() -> MDC.get("user")).get(), MDC.get("user"));
  }

  // ---- other threads ----

  @Runs(AWAY)
  static Object threadsOfTask(ExecutorService pool) throws Exception {
    return collect(
        pool,
        4,
        i ->
            () -> {
              COUNT.set(i);
              int[] others = new int[1];
              Thread t =
                  new Thread(
                      () -> {
                        others[0] = COUNT.get() - 1;
                        COUNT.set(99);
                      });
              t.start();
              t.join();
              int mine = COUNT.get();
              COUNT.remove();
              return List.of(mine, others[0]);
            });
  }

  @Runs(EITHER)
  static Object usedByAnotherThreadFirst(ExecutorService pool) throws Exception {
    return collect(
        pool,
        4,
        i ->
            () -> {
              Thread t = new Thread(() -> TRACE.get().add("other"));
              t.start();
              t.join();
              TRACE.remove();
              TRACE.get().add("own" + i);
              return List.copyOf(TRACE.get());
            });
  }

  @Nested
  @Runs(HOME)
  static Object nested(ExecutorService pool) throws Exception {
    ThreadLocal<List<Integer>> log = ThreadLocal.withInitial(ArrayList::new);
    return pool.submit(
            () -> {
              log.get().add(1);
              List<Integer> other =
                  pool.submit(
                          () -> {
                            log.get().add(2);
                            return List.copyOf(log.get());
                          })
                      .get();
              return List.of(List.copyOf(log.get()), other);
            })
        .get();
  }

  @Runs(EITHER)
  static Object parallelStream(ExecutorService pool) throws Exception {
    ThreadLocal<StringBuilder> builder = ThreadLocal.withInitial(StringBuilder::new);
    return collect(
        pool,
        4,
        i ->
            () ->
                IntStream.range(0, 50)
                    .parallel()
                    .mapToObj(
                        k -> {
                          builder.get().setLength(0);
                          return builder.get().append(k * i).toString();
                        })
                    .toList());
  }
}
