package dev.martlet.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.PoolStatistics;
import dev.martlet.WorkerLostException;
import dev.martlet.WorkerLostException.Reason;
import dev.martlet.internal.agent.Jvms;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks that use up other memory of a worker than its heap. */
class ExhaustionTest {
  @RegisterExtension final Watchdog watchdog = new Watchdog();

  @AfterEach
  void nothingIsLeft() {
    Workers.awaitNone();
  }

  private static void exhausts(Callable<Object> task, String says, String... options)
      throws Exception {
    try (CloudExecutorService pool =
        CloudExecutors.builder()
            .parallelism(2)
            .workers(1)
            .retries(1)
            .strict(true)
            .jvmOptions(options)
            .build()) {
      Future<Object> future = pool.submit(task);
      ExecutionException e = catchThrowableOfType(ExecutionException.class, future::get);
      assertThat(e).hasCauseInstanceOf(WorkerLostException.class);
      WorkerLostException lost = (WorkerLostException) e.getCause();
      assertThat(lost.reason()).as(lost.getMessage()).isEqualTo(Reason.OUT_OF_MEMORY);
      assertThat(lost).hasMessageContaining("attempt 2 of 2").hasMessageContaining(says);
      assertThat(pool.submit(() -> Tasks.spin(7)).get()).isEqualTo(Tasks.spin(7));
      assertThat(pool.statistics().retried()).isEqualTo(1);
    }
  }

  /** Loads one class again and again. */
  private static final class Own extends ClassLoader {
    private final byte[] code;

    Own(byte[] code) {
      super(null);
      this.code = code;
    }

    Class<?> define() {
      return defineClass("dev.martlet.faults.Tasks", code, 0, code.length);
    }
  }

  private static Object exhaustMetaspace() throws IOException {
    try (InputStream in = Tasks.class.getResourceAsStream("Tasks.class")) {
      byte[] code = Objects.requireNonNull(in).readAllBytes();
      List<Class<?>> all = new ArrayList<>();
      for (; ; ) {
        all.add(new Own(code).define());
        if (all.size() < 0) {
          return all.size();
        }
      }
    }
  }

  @Test
  @DisplayName("a task that fills the worker's space for classes is told as out of memory")
  void metaspace() throws Exception {
    exhausts(ExhaustionTest::exhaustMetaspace, "Metaspace", "-XX:MaxMetaspaceSize=48m");
  }

  @Test
  @DisplayName("a task for whose thread the worker has no memory is told as out of memory")
  void threads() throws Exception {
    exhausts(
        () -> {
          Thread t = new Thread(null, () -> {}, "huge", 1L << 46);
          t.start();
          t.join();
          return "started";
        },
        "native thread");
  }

  /** A client without the memory for what one of its tasks returns. */
  static final class SmallClient {
    private SmallClient() {}

    public static void main(String[] args) throws Exception {
      int megabytes = Integer.parseInt(args[0]);
      try (CloudExecutorService pool =
          CloudExecutors.builder().parallelism(2).workers(1).jvmOptions("-Xmx1g").build()) {
        Future<Integer> other =
            pool.submit(
                () -> {
                  Thread.sleep(1_000);
                  return megabytes;
                });
        for (boolean shares : new boolean[] {false, true}) {
          int[] shared = new int[1];
          Future<byte[]> big =
              shares
                  ? pool.submit(
                      () -> {
                        shared[0] = 1;
                        return new byte[megabytes << 20];
                      })
                  : pool.submit(() -> new byte[megabytes << 20]);
          try {
            System.out.println(big.get().length);
          } catch (ExecutionException e) {
            System.out.println(e.getCause());
          }
        }
        System.out.println(other.get());
        PoolStatistics s = pool.statistics();
        System.out.println(s.retried() + " retried, " + s.coldStarts() + " started");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 200})
  @DisplayName("a result for which the client has no memory fails its future, and no other")
  void client(int megabytes) throws Exception {
    String classPath = System.getProperty("java.class.path");
    Jvms.Result r =
        Jvms.run(
            Path.of(System.getProperty("java.home")),
            List.of("-Xmx64m"),
            classPath,
            SmallClient.class.getName(),
            Integer.toString(megabytes));
    assertThat(r.exit()).as(r.err()).isZero();
    String big =
        megabytes == 1
            ? "1048576"
            : "java.lang.OutOfMemoryError: this JVM has no memory for an answer of N bytes: Java"
                + " heap space";
    assertThat(r.out().lines().map(line -> line.replaceAll("\\d[\\d,.]+(?= bytes)", "N")))
        .containsExactly(big, big, Integer.toString(megabytes), "0 retried, 1 started");
  }

  @Test
  @DisplayName("a task that fills the worker's direct memory is told as out of memory")
  void directMemory() throws Exception {
    exhausts(
        () -> {
          List<ByteBuffer> all = new ArrayList<>();
          for (int i = 0; i < 1_000; i++) {
            all.add(ByteBuffer.allocateDirect(1 << 20));
          }
          return all.size();
        },
        "direct buffer memory",
        "-XX:MaxDirectMemorySize=64m");
  }
}
