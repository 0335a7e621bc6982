package dev.martlet.internal.executor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.internal.dispatch.Body;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The slot's word under concurrency. */
@Timeout(60)
class SlotTest {
  private final CloudPool pool =
      new CloudPool(new PoolConfig("slot", 1, false, null, new StayHome("home")));

  private Call call() {
    return new FutureCall<>(pool, Body.of(Body.Kind.RUN, (Runnable) () -> {}), null);
  }

  @Test
  @DisplayName(
      "a call that shares a slot with nobody is alone in it, others are as many as allowed")
  void exclusion() throws Exception {
    Slot slot = new Slot(pool, 0);
    AtomicInteger alone = new AtomicInteger();
    AtomicInteger fed = new AtomicInteger();
    AtomicInteger aloneCount = new AtomicInteger();
    AtomicInteger fedCount = new AtomicInteger();
    AtomicInteger sending = new AtomicInteger();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < 20_000; i++) {
                    int ahead = ThreadLocalRandom.current().nextInt(3);
                    if (!slot.reserve(ahead)) {
                      Thread.yield();
                      continue;
                    }
                    Call call = call();
                    if (ahead == 0) {
                      assertThat(alone.incrementAndGet()).isEqualTo(1);
                      assertThat(fed.get()).isZero();
                      slot.bind(call, 0);
                      aloneCount.incrementAndGet();
                      alone.decrementAndGet();
                    } else {
                      assertThat(sending.incrementAndGet()).isEqualTo(1);
                      assertThat(fed.incrementAndGet()).isBetween(1, 3);
                      assertThat(alone.get()).isZero();
                      slot.bind(call, ahead);
                      fedCount.incrementAndGet();
                      sending.decrementAndGet();
                      slot.sent();
                      if (i % 3 == 0) {
                        Thread.yield();
                      }
                      fed.decrementAndGet();
                    }
                    slot.release(call);
                  }
                } catch (Throwable e) {
                  failure.compareAndSet(null, e);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failure.get()).isNull();
    assertThat(slot.isFree()).isTrue();
    assertThat(aloneCount.get()).isPositive();
    assertThat(fedCount.get()).isPositive();
  }

  @Test
  @DisplayName("a place beside a call is given only while the call holds the slot")
  void beside() {
    Slot slot = new Slot(pool, 0);
    Call holder = call();
    assertThat(slot.reserve(0)).isTrue();
    slot.bind(holder, 0);
    assertThat(slot.reserve(0)).isFalse();
    assertThat(slot.reserve(5)).isFalse();
    assertThat(slot.reserveBeside(holder)).isTrue();
    Call inner = call();
    slot.bind(inner, 0);
    slot.release(holder);
    assertThat(slot.isFree()).as("the loan outlives the lender").isFalse();
    assertThat(slot.reserveBeside(holder)).isFalse();
    slot.release(inner);
    assertThat(slot.isFree()).isTrue();
  }

  @Test
  @DisplayName("a reservation given back leaves the slot as it was")
  void cancel() {
    Slot slot = new Slot(pool, 0);
    for (int ahead : new int[] {0, 1, 100, Slot.MOST_AHEAD}) {
      assertThat(slot.reserve(ahead)).isTrue();
      slot.cancel(ahead);
      assertThat(slot.isFree()).isTrue();
    }
  }
}
