package dev.martlet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Method references to the JDK's synchronising types, shipped and sent back. */
@Timeout(60)
class MethodReferenceTest {
  private static CloudExecutorService pool;

  @BeforeAll
  static void start() {
    pool = CloudExecutors.builder().parallelism(2).strict(true).build();
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  @Test
  @DisplayName("a task that is a bound method reference releases on the live object")
  void bound() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    pool.execute(latch::countDown);
    assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    LongAdder adder = new LongAdder();
    for (int i = 0; i < 10; i++) {
      pool.submit(adder::increment).get();
    }
    assertThat(adder.sum()).isEqualTo(10);
  }

  @Test
  @DisplayName("a captured bound method reference releases on the live object")
  void captured() throws Exception {
    AtomicLong number = new AtomicLong();
    Consumer<Long> set = number::set;
    pool.submit(
            () -> {
              set.accept(6L);
              set.accept(7L);
            })
        .get();
    assertThat(number).hasValue(7);
  }

  @Test
  @DisplayName("a captured unbound method reference releases on the live object")
  void unbound() throws Exception {
    List<LongAdder> adders = List.of(new LongAdder(), new LongAdder());
    BiConsumer<LongAdder, Long> add = LongAdder::add;
    pool.submit(() -> adders.forEach(a -> add.accept(a, 3L))).get();
    assertThat(adders).extracting(LongAdder::sum).containsExactly(3L, 3L);
  }

  @Test
  @DisplayName("a method reference that a task returns works at home and may leave again")
  void returned() throws Exception {
    Function<String, Integer> get =
        pool.submit(
                () -> {
                  ConcurrentMap<String, Integer> map = new ConcurrentHashMap<>();
                  map.put("a", 1);
                  Function<String, Integer> f = map::get;
                  return f;
                })
            .get();
    assertThat(get.apply("a")).isEqualTo(1);
    Function<ConcurrentLinkedQueue<String>, String> poll =
        pool.submit(
                () -> {
                  Function<ConcurrentLinkedQueue<String>, String> f = ConcurrentLinkedQueue::poll;
                  return f;
                })
            .get();
    assertThat(poll.apply(new ConcurrentLinkedQueue<>(List.of("x")))).isEqualTo("x");
  }
}
