package dev.martlet.internal.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.internal.worker.process.Probe.Heard;
import dev.martlet.spi.Platform;
import dev.martlet.spi.ReadLeader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ReadLeaderTest {
  private static final long LONG_DELAY = TimeUnit.SECONDS.toNanos(Probe.LONG_DELAY_SECONDS);

  private static boolean helpUntilDone(Platform p, Heard h) {
    long deadline = System.nanoTime() + LONG_DELAY;
    boolean done = false;
    while (!done && System.nanoTime() - deadline < 0) {
      done = ((ReadLeader) p).help(LONG_DELAY, h.end::isDone);
    }
    return done;
  }

  @Test
  @DisplayName("threads that help while they wait all get their responses")
  void helpTogether() throws Exception {
    int threads = 6;
    int each = 500;
    AtomicInteger right = new AtomicInteger();
    try (Platform p = Probe.open(2)) {
      List<Thread> all = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int slot = t;
        all.add(
            new Thread(
                () -> {
                  Thread me = Thread.currentThread();
                  for (int i = 0; i < each; i++) {
                    byte b = (byte) (slot + i);
                    Heard h = Probe.invoke(p, slot, Probe.payload(EchoHost.ECHO, b));
                    h.end.whenComplete((r, e) -> java.util.concurrent.locks.LockSupport.unpark(me));
                    if (helpUntilDone(p, h) && h.end.join().get() == b) {
                      right.incrementAndGet();
                    }
                  }
                }));
      }
      all.forEach(Thread::start);
      for (Thread t : all) {
        t.join();
      }
    }
    assertThat(right).hasValue(threads * each);
  }

  @Test
  @DisplayName("helping returns false when the time is up")
  void timesOut() throws Exception {
    try (Platform p = Probe.open(1)) {
      Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.BLOCK));
      assertThat(((ReadLeader) p).help(1_000_000, h.end::isDone)).isFalse();
      Probe.invoke(p, 1, Probe.payload(EchoHost.ECHO)).response();
      assertThat(((ReadLeader) p).help(1_000_000, h.end::isDone)).isFalse();
    }
  }

  @Test
  @DisplayName("an interrupted helper returns, stays interrupted, and the line goes on")
  void isInterrupted() throws Exception {
    try (Platform p = Probe.open(1)) {
      Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.TALK));
      Probe.invoke(p, 1, Probe.payload(EchoHost.ECHO)).response();
      Thread me = Thread.currentThread();
      Thread other =
          new Thread(
              () -> {
                java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
                me.interrupt();
              });
      other.start();
      assertThat(((ReadLeader) p).help(LONG_DELAY, h.end::isDone)).isFalse();
      assertThat(Thread.interrupted()).isTrue();
      other.join();
      h.invocation.send(java.nio.ByteBuffer.allocate(0));
      assertThat(helpUntilDone(p, h)).isTrue();
    }
  }

  @Test
  @DisplayName("a helper of a closed pool returns")
  void closes() throws Exception {
    Platform p = Probe.open(1);
    Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.BLOCK));
    Thread closer = new Thread(p::close);
    closer.start();
    assertThat(helpUntilDone(p, h)).isTrue();
    closer.join();
    h.lost();
  }
}
