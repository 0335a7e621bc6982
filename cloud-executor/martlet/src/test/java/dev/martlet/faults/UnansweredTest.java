package dev.martlet.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.WorkerLostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Attempts that ask the client something and get no answer: they do not count. */
class UnansweredTest {
  @RegisterExtension final Watchdog watchdog = new Watchdog();

  private final CloudExecutorService pool =
      CloudExecutors.builder()
          .platform(DeafPlatformProvider.NAME)
          .parallelism(1)
          .workers(1)
          .retries(1)
          .build();

  @AfterEach
  void close() {
    DeafPlatformProvider.ignore(0, question -> false);
    pool.close();
    Workers.awaitNone();
  }

  /** Tells questions in which a class is named. */
  private static Predicate<ByteBuffer> about(String name) {
    return question -> StandardCharsets.ISO_8859_1.decode(question).toString().contains(name);
  }

  /** Runs a task, of which questions about a class have no answer the first few times. */
  private int run(int times, String name, Callable<Integer> task) throws Exception {
    DeafPlatformProvider.ignore(times, about("UnansweredTest$" + name));
    try {
      return pool.submit(task).get();
    } finally {
      assertThat(DeafPlatformProvider.UNANSWERED).hasValue(0);
    }
  }

  private static final class Started {
    static final List<Integer> VALUE = List.of(7);
  }

  @Test
  @DisplayName("a class whose initialiser was left without an answer is initialised anew")
  void initialiser() throws Exception {
    assertThat(run(1, "Started", () -> Started.VALUE.get(0))).isEqualTo(7);
    assertThat(run(0, "Started", () -> Started.VALUE.get(0))).isEqualTo(7);
  }

  private static final class Caught {
    static final List<Integer> VALUE = List.of(8);
  }

  @Test
  @DisplayName("a task that catches whatever is thrown does not return what it makes of that")
  void caught() throws Exception {
    Callable<Integer> task = () -> valueOr(() -> Caught.VALUE.get(0));
    assertThat(run(1, "Caught", task)).isEqualTo(8);
  }

  private static int valueOr(IntSupplier value) {
    try {
      return value.getAsInt();
    } catch (Throwable e) {
      return -1;
    }
  }

  private static final class Absent {
    static int twice(int n) {
      return 2 * n;
    }
  }

  @Test
  @DisplayName("a class that could not be had is asked for again by another attempt")
  void code() throws Exception {
    Callable<Integer> task = () -> valueOr(() -> Absent.twice(9));
    assertThat(run(1, "Absent", task)).isEqualTo(18);
  }

  private static final class Never {
    static final List<Integer> VALUE = List.of(10);
  }

  @Test
  @DisplayName(
      "a task that never has its answers fails as one that no worker can run, and says why")
  void never() throws Exception {
    assertThatThrownBy(() -> run(2, "Never", () -> Never.VALUE.get(0)))
        .cause()
        .isInstanceOfSatisfying(
            WorkerLostException.class,
            e -> assertThat(e.reason()).isEqualTo(WorkerLostException.Reason.INCAPABLE))
        .hasMessageContaining("deaf on purpose")
        .hasMessageContaining("attempt 2 of 2");
    assertThat(run(0, "Never", () -> Never.VALUE.get(0))).isEqualTo(10);
  }

  private static final class NeverCode {
    static int twice(int n) {
      return 2 * n;
    }
  }

  @Test
  @DisplayName("a task whose class can never be had says why")
  void neverCode() {
    DeafPlatformProvider.ignore(Integer.MAX_VALUE, about("UnansweredTest$NeverCode"));
    assertThatThrownBy(() -> pool.submit(() -> NeverCode.twice(5)).get())
        .cause()
        .isInstanceOf(WorkerLostException.class)
        .hasMessageContaining("could not be asked for a class")
        .hasMessageContaining("deaf on purpose");
  }
}
