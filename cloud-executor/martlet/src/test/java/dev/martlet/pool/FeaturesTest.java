package dev.martlet.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.martlet.CallListener;
import dev.martlet.CallStatistics;
import dev.martlet.CallStatistics.Place;
import dev.martlet.CloudContext;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.Effects;
import dev.martlet.PoolStatistics;
import dev.martlet.UncapturableException;
import dev.martlet.WorkerLocal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Martlet's pools can do that the JDK's cannot. */
@Timeout(60)
class FeaturesTest {
  private static CloudExecutorService pool;

  @BeforeAll
  static void start() {
    pool = CloudExecutors.builder().parallelism(4).workers(1).build();
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  private static final WorkerLocal<String> ID =
      WorkerLocal.of(() -> ProcessHandle.current().pid() + " " + UUID.randomUUID());

  @Test
  @DisplayName("a worker local's object is made on the worker, stays, and no slot makes a second")
  void workerLocal() throws Exception {
    Set<String> seen = new HashSet<>();
    for (int round = 0; round < 5; round++) {
      List<Future<String>> futures = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        futures.add(pool.submit(() -> ID.get()));
      }
      for (Future<String> f : futures) {
        seen.add(f.get());
      }
    }
    assertThat(seen).hasSizeBetween(1, pool.parallelism());
    String own = ProcessHandle.current().pid() + " ";
    assertThat(seen).noneMatch(s -> s.startsWith(own));
    assertThat(ID.get()).startsWith(own).isEqualTo(ID.get());
  }

  private static final WorkerLocal<ScheduledExecutorService> CLOCK =
      WorkerLocal.of(
          () -> {
            ScheduledExecutorService clock = Executors.newScheduledThreadPool(1);
            Future<?> unused = clock.scheduleAtFixedRate(() -> {}, 0, 1, TimeUnit.MILLISECONDS);
            return clock;
          });

  @Test
  @DisplayName("threads of a worker local's object may run on when a task ends")
  void threadsOfWorkerLocal() throws Exception {
    long home = pool.statistics().home();
    long own = ProcessHandle.current().pid();
    for (int i = 0; i < 5; i++) {
      int n = i;
      Callable<long[]> task =
          () -> {
            Future<Integer> f = CLOCK.get().submit(() -> n * 2);
            return new long[] {ProcessHandle.current().pid(), f.get()};
          };
      long[] seen = pool.submit(task).get();
      assertThat(seen[0]).isNotEqualTo(own);
      assertThat(seen[1]).isEqualTo(2L * n);
    }
    assertThat(pool.statistics().home()).isEqualTo(home);
  }

  @Test
  @DisplayName("tasks that run one after the other on a worker share a worker local's object")
  void workerLocalIsKept() throws Exception {
    try (CloudExecutorService one = CloudExecutors.builder().parallelism(2).workers(1).build()) {
      Set<String> seen = new HashSet<>();
      for (int i = 0; i < 10; i++) {
        seen.add(one.submit(() -> ID.get()).get());
      }
      assertThat(seen).hasSize(1);
    }
  }

  @Test
  @DisplayName("a captured worker local gives the same object in each task of a slot")
  void capturedWorkerLocal() throws Exception {
    int factor = 3;
    WorkerLocal<AtomicInteger> counter = WorkerLocal.of(() -> new AtomicInteger(factor));
    Set<Integer> values = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      values.add(pool.submit(() -> counter.get().incrementAndGet()).get());
    }
    assertThat(values).contains(4).hasSizeGreaterThan(2);
    assertThat(counter.get()).hasValue(3);
  }

  @Test
  @DisplayName("a task away knows its pool, call, attempt and worker")
  void contextAway() throws Exception {
    Callable<Object[]> task =
        () -> {
          CloudContext c = CloudContext.current();
          Future<Integer> nested = c.pool().submit(() -> 5);
          return new Object[] {
            c.callId(), c.attempt(), c.instance(), ProcessHandle.current().pid(), nested.get()
          };
        };
    Object[] seen = pool.submit(task).get();
    assertThat((long) seen[0]).isPositive();
    assertThat(seen[1]).isEqualTo(1);
    assertThat((String) seen[2]).contains(seen[3].toString());
    assertThat(seen[3]).isNotEqualTo(ProcessHandle.current().pid());
    assertThat(seen[4]).isEqualTo(5);
    long id = (long) seen[0];
    await()
        .untilAsserted(
            () ->
                assertThat(pool.statistics().recent())
                    .anyMatch(c -> c.id() == id && c.place() == Place.AWAY));
  }

  @Test
  @DisplayName("a task at home knows its pool and call, and that it has no worker")
  void contextHome() throws Exception {
    BlockingQueue<Object> live = new ArrayBlockingQueue<>(1);
    Future<?> f =
        pool.submit(
            () -> {
              live.take();
              CloudContext c = CloudContext.current();
              assertThat(c.pool()).isSameAs(pool);
              assertThat(c.callId()).isPositive();
              assertThat(c.attempt()).isGreaterThanOrEqualTo(0);
              assertThat(c.instance()).isNull();
              return null;
            });
    live.put("go");
    f.get();
    assertThatThrownBy(CloudContext::current).isInstanceOf(IllegalStateException.class);
  }

  @Test
  @DisplayName("a nested task on a worker knows that worker and the same pool")
  void contextNested() throws Exception {
    Callable<Object[]> task =
        () -> {
          CloudContext outer = CloudContext.current();
          return pool.submit(
                  () -> {
                    CloudContext inner = CloudContext.current();
                    return new Object[] {
                      inner.instance(), outer.instance(), inner.pool() == outer.pool()
                    };
                  })
              .get();
        };
    Object[] seen = pool.submit(task).get();
    assertThat(seen[0]).isNotNull().isEqualTo(seen[1]);
    assertThat(seen[2]).isEqualTo(true);
  }

  private static int depth(CloudExecutorService p, int n) throws Exception {
    return n == 0 ? 0 : 1 + p.submit(() -> depth(p, n - 1)).get();
  }

  private static int fib(CloudExecutorService p, int n) throws Exception {
    if (n < 2) {
      return n;
    }
    Future<Integer> a = p.submit(() -> fib(p, n - 1));
    return fib(p, n - 2) + a.get();
  }

  @Test
  @DisplayName("nested calls finish on one slot of one worker, however deep")
  void nested() throws Exception {
    try (CloudExecutorService one = CloudExecutors.builder().parallelism(1).workers(1).build()) {
      assertThat(depth(one, 20)).isEqualTo(20);
      assertThat(fib(one, 12)).isEqualTo(144);
      List<Callable<Integer>> tasks = List.of(() -> 1, () -> 2, () -> depth(one, 3));
      int sum =
          one.submit(
                  () -> {
                    int s = 0;
                    for (Future<Integer> f : one.invokeAll(tasks)) {
                      s += f.get();
                    }
                    return s;
                  })
              .get();
      assertThat(sum).isEqualTo(6);
      assertThat(one.submit(() -> one.invokeAny(tasks)).get()).isBetween(1, 3);
    }
  }

  @Test
  @DisplayName("in strict mode, here by system property, what cannot leave is refused by its path")
  void strict() throws Exception {
    System.setProperty("martlet.strict", "true");
    try (CloudExecutorService p = CloudExecutors.newCloudPool(1)) {
      Thread thread = new Thread(() -> {});
      assertThatThrownBy(() -> p.submit(() -> thread.getName()))
          .isInstanceOfSatisfying(
              UncapturableException.class,
              e -> assertThat(e.path()).contains("java.lang.Thread").startsWith("lambda"));
      assertThat(p.submit(() -> 1).get()).isEqualTo(1);
      assertThat(p.statistics().home()).isZero();
    } finally {
      System.clearProperty("martlet.strict");
    }
  }

  @Test
  @DisplayName("with effects off tasks work on copies")
  void effectsOff() throws Exception {
    try (CloudExecutorService p =
        CloudExecutors.builder().parallelism(1).effects(Effects.OFF).strict(true).build()) {
      int[] shared = {1};
      assertThat(
              p.submit(
                      () -> {
                        shared[0] = 2;
                        return shared;
                      })
                  .get()[0])
          .isBetween(1, 2);
      assertThat(shared[0]).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("a listener hears of every call, and takes the lines that tasks print")
  void listener() throws Exception {
    Queue<CallStatistics> calls = new ConcurrentLinkedQueue<>();
    Queue<String> lines = new ConcurrentLinkedQueue<>();
    CallListener listener =
        new CallListener() {
          @Override
          public void ended(CallStatistics call) {
            calls.add(call);
          }

          @Override
          public boolean printed(String line, boolean error) {
            lines.add((error ? "err " : "out ") + line);
            return true;
          }
        };
    try (CloudExecutorService p =
        CloudExecutors.builder().parallelism(2).workers(1).listener(listener).build()) {
      for (int i = 0; i < 5; i++) {
        int n = i;
        p.submit(
                () -> {
                  System.out.println("line " + n);
                  System.err.print("rest " + n);
                })
            .get();
      }
    }
    await().until(() -> calls.size() == 5);
    for (int i = 0; i < 5; i++) {
      assertThat(lines).contains("out line " + i, "err rest " + i);
    }
    assertThat(calls)
        .allSatisfy(
            c -> {
              assertThat(c.place()).isEqualTo(Place.AWAY);
              assertThat(c.reason()).isNull();
              assertThat(c.instance()).contains("pid");
              assertThat(c.attempts()).isEqualTo(1);
              assertThat(c.bytesOut()).isPositive();
              assertThat(c.bytesIn()).isPositive();
              assertThat(c.sent()).isAfterOrEqualTo(c.queued());
              assertThat(c.ended()).isAfterOrEqualTo(c.sent());
            });
    assertThat(calls.stream().filter(CallStatistics::coldStart).count()).isBetween(1L, 2L);
  }

  @Test
  @DisplayName("totals add up over calls away, at home, failed and cancelled")
  void statistics() throws Exception {
    BlockingQueue<Object> live = new ArrayBlockingQueue<>(1);
    try (CloudExecutorService p = CloudExecutors.builder().parallelism(1).workers(1).build()) {
      for (int i = 0; i < 3; i++) {
        p.submit(() -> "away").get();
      }
      Future<?> failed =
          p.submit(
              () -> {
                throw new IllegalStateException("on purpose");
              });
      assertThatThrownBy(failed::get).isInstanceOf(ExecutionException.class);
      Future<?> home = p.submit(live::take);
      Future<?> cancelled = p.submit(() -> "never");
      cancelled.cancel(true);
      live.put("go");
      home.get();
      await().until(() -> p.statistics().recent().size() == 6);
      PoolStatistics s = p.statistics();
      assertThat(s.submitted()).isEqualTo(6);
      assertThat(s.away()).isEqualTo(4);
      assertThat(s.home()).isEqualTo(1);
      assertThat(s.failed()).isEqualTo(1);
      assertThat(s.cancelled()).isEqualTo(1);
      assertThat(s.retried()).isZero();
      assertThat(s.coldStarts()).isEqualTo(1);
      assertThat(s.bytesOut()).isEqualTo(sum(s, true)).isPositive();
      assertThat(s.bytesIn()).isEqualTo(sum(s, false)).isPositive();
    }
  }

  private static long sum(PoolStatistics s, boolean out) {
    return s.recent().stream().mapToLong(c -> out ? c.bytesOut() : c.bytesIn()).sum();
  }
}
