package dev.martlet.internal.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.WorkerLostException.Reason;
import dev.martlet.internal.worker.process.Probe.Heard;
import dev.martlet.internal.worker.process.Probe.Lost;
import dev.martlet.spi.Platform;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every platform promises, with a worker that runs {@link EchoHost}. */
public abstract class PlatformContractTest {
  /** Opens the platform under test; the world is the text {@code world}. */
  protected abstract Platform open(int workers, Map<String, Object> settings);

  /** Returns how many bytes are much for the platform under test. */
  protected abstract int much();

  @Test
  @DisplayName("an invocation is completed with the response to its payload")
  void completes() throws Exception {
    try (Platform p = open(1, Map.of())) {
      Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO, (byte) 7, (byte) 8));
      assertThat(h.bytes()).containsExactly(7, 8);
      assertThat(h.ends).hasValue(1);
    }
  }

  @Test
  @DisplayName("the parts of a payload arrive as one, empty ones included")
  void gathersParts() throws Exception {
    try (Platform p = open(1, Map.of())) {
      Heard h =
          Probe.invoke(
              p,
              0,
              ByteBuffer.allocate(0),
              ByteBuffer.wrap(new byte[] {9, 9, EchoHost.ECHO, 1, 9}, 2, 2).slice(),
              ByteBuffer.allocateDirect(3).put(new byte[] {2, 3, 4}).flip(),
              ByteBuffer.wrap(new byte[] {5}).asReadOnlyBuffer());
      assertThat(h.bytes()).containsExactly(1, 2, 3, 4, 5);
    }
  }

  @Test
  @DisplayName("sent is told once per invocation before its end, cold for the first of an instance")
  void tellsSent() throws Exception {
    try (Platform p = open(1, Map.of())) {
      Heard first = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO));
      first.response();
      assertThat(first.sent).isDone();
      assertThat(first.cold).isTrue();
      Heard second = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO));
      second.response();
      assertThat(second.cold).isFalse();
      assertThat(second.ranOn()).isEqualTo(first.ranOn());
      assertThat(second.sents).hasValue(1);
    }
  }

  @Test
  @DisplayName("a slot runs one call at a time, in order")
  void runsInOrder() throws Exception {
    try (Platform p = open(1, Map.of())) {
      Heard talk = Probe.invoke(p, 0, Probe.payload(EchoHost.TALK_HERE));
      Heard next = Probe.invoke(p, 0, Probe.payload(EchoHost.TALK_HERE));
      Heard last = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO));
      Probe.invoke(p, 1, Probe.number(EchoHost.SLEEP, 100)).response();
      assertThat(next.messages).isEmpty();
      assertThat(last.end).isNotDone();
      talk.invocation.send(ByteBuffer.allocate(0));
      talk.response();
      assertThat(last.end).isNotDone();
      next.invocation.send(ByteBuffer.allocate(0));
      next.response();
      last.response();
    }
  }

  @Test
  @DisplayName("a message to an invocation that has ended is dropped, and so is its kill")
  void dropsLateMessages() throws Exception {
    try (Platform p = open(1, Map.of())) {
      Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO));
      h.response();
      h.invocation.send(ByteBuffer.allocate(4));
      h.invocation.kill();
      Heard next = Probe.invoke(p, 0, Probe.payload(EchoHost.PID));
      next.response();
      assertThat(next.ranOn()).isEqualTo(h.ranOn());
      assertThat(h.ends).hasValue(1);
    }
  }

  @Test
  @DisplayName("kill loses an invocation, others go on, and the next one of its slot runs")
  void kills() throws Exception {
    try (Platform p = open(1, Map.of())) {
      Heard other = Probe.invoke(p, 1, Probe.payload(EchoHost.TALK));
      Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.BLOCK));
      Probe.invoke(p, 2, Probe.payload(EchoHost.ECHO)).response();
      h.sent.get(Probe.LONG_DELAY_SECONDS, TimeUnit.SECONDS);
      h.invocation.kill();
      assertThat(h.lost().reason).isEqualTo(Reason.KILLED);
      assertThat(h.lost().begun).isTrue();
      assertThat(Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO, (byte) 1)).bytes())
          .containsExactly(1);
      other.invocation.send(ByteBuffer.allocate(1));
      other.invocation.send(ByteBuffer.allocate(0));
      other.response();
      assertThat(other.messages).hasSize(1);
    }
  }

  @Test
  @DisplayName("an invocation that waits for its slot is killed and does not run")
  void killsWaiting() throws Exception {
    try (Platform p = open(1, Map.of())) {
      Heard talk = Probe.invoke(p, 0, Probe.payload(EchoHost.TALK_HERE));
      Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.TALK_HERE));
      Probe.invoke(p, 1, Probe.payload(EchoHost.ECHO)).response();
      h.invocation.kill();
      talk.invocation.kill();
      assertThat(h.lost().reason).isEqualTo(Reason.KILLED);
      assertThat(h.messages).isEmpty();
      assertThat(h.ends).hasValue(1);
    }
  }

  @Test
  @DisplayName("close loses what runs, what waits and what comes later, each once")
  void closes() throws Exception {
    List<Heard> all = new ArrayList<>();
    Platform p = open(2, Map.of());
    try (p) {
      for (int slot = 0; slot < 2; slot++) {
        all.add(Probe.invoke(p, slot, Probe.payload(EchoHost.BLOCK)));
        Probe.invoke(p, slot + 2, Probe.payload(EchoHost.ECHO)).response();
        all.add(Probe.invoke(p, slot, Probe.payload(EchoHost.ECHO)));
      }
    }
    all.add(Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO)));
    for (Heard h : all) {
      assertThat(h.lost().reason).isEqualTo(Reason.KILLED);
      assertThat(h.ends).hasValue(1);
    }
  }

  @Test
  @DisplayName("a host that throws loses that call alone")
  void losesOne() throws Exception {
    try (Platform p = open(1, Map.of())) {
      Heard other = Probe.invoke(p, 0, Probe.payload(EchoHost.TALK));
      Probe.invoke(p, 2, Probe.payload(EchoHost.ECHO)).response();
      Lost lost = Probe.invoke(p, 1, Probe.payload(EchoHost.THROW)).lost();
      assertThat(lost).hasMessageContaining("the host failed");
      assertThat(Probe.invoke(p, 1, Probe.payload(EchoHost.ECHO, (byte) 1)).bytes())
          .containsExactly(1);
      assertThat(other.end).isNotDone();
    }
  }

  @Test
  @DisplayName("calls of other slots run while a call of the same instance blocks")
  void runsSlotsAtOnce() throws Exception {
    try (Platform p = open(1, Map.of())) {
      List<Heard> blocked = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        blocked.add(Probe.invoke(p, i, Probe.payload(EchoHost.BLOCK)));
      }
      assertThat(Probe.invoke(p, 20, Probe.payload(EchoHost.ECHO, (byte) 1)).bytes())
          .containsExactly(1);
      assertThat(blocked).allMatch(h -> !h.end.isDone());
    }
  }

  @Test
  @DisplayName("messages of a running call arrive in order and before its end")
  void receivesInOrder() throws Exception {
    try (Platform p = open(1, Map.of())) {
      Heard h = Probe.invoke(p, 0, Probe.number(EchoHost.SEND, 5_000));
      h.response();
      assertThat(h.messages).hasSize(5_000);
      for (int i = 0; i < 5_000; i++) {
        assertThat(h.messages.get(i).getInt(0)).isEqualTo(i);
      }
      assertThat(h.late).hasValue(0);
    }
  }

  @Test
  @DisplayName("messages to a running call arrive in order, also those sent before it has begun")
  void sendsInOrder() throws Exception {
    try (Platform p = open(1, Map.of())) {
      Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.TALK));
      byte[] big = new byte[300_000];
      new Random(1).nextBytes(big);
      for (int i = 0; i < 100; i++) {
        h.invocation.send(i == 50 ? ByteBuffer.wrap(big) : ByteBuffer.allocate(4).putInt(i).flip());
      }
      h.invocation.send(ByteBuffer.allocate(0));
      h.response();
      assertThat(h.messages).hasSize(100);
      for (int i = 0; i < 100; i++) {
        if (i == 50) {
          assertThat(h.messages.get(i)).isEqualTo(ByteBuffer.wrap(big));
        } else {
          assertThat(h.messages.get(i).getInt(0)).isEqualTo(i);
        }
      }
    }
  }

  @Test
  @DisplayName("an instance is told the world before its first invocation")
  void tellsWorld() throws Exception {
    try (Platform p = open(1, Map.of())) {
      byte[] world = Probe.invoke(p, 0, Probe.payload(EchoHost.WORLD)).bytes();
      assertThat(world).isEqualTo("world".getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  @DisplayName("questions of instances are answered, several at a time")
  void answers() throws Exception {
    try (Platform p = open(1, Map.of())) {
      List<Heard> all = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        all.add(Probe.invoke(p, i, Probe.payload(EchoHost.ASK, (byte) i)));
      }
      for (int i = 0; i < 40; i++) {
        assertThat(all.get(i).bytes()).containsExactly(i);
      }
    }
  }

  @Test
  @DisplayName("large payloads travel both ways while small calls pass them")
  void carriesMuch() throws Exception {
    byte[] much = new byte[much()];
    new Random(2).nextBytes(much);
    try (Platform p = open(1, Map.of())) {
      Heard big = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO), ByteBuffer.wrap(much));
      assertThat(Probe.invoke(p, 1, Probe.payload(EchoHost.ECHO, (byte) 1)).bytes())
          .containsExactly(1);
      ByteBuffer back = big.response();
      assertThat(back.remaining()).isEqualTo(much.length);
      assertThat(back.mismatch(ByteBuffer.wrap(much))).isEqualTo(-1);
    }
  }

  @Test
  @DisplayName(
      "50,000 invocations from several threads are each completed once, with their own response")
  void carriesMany() throws Exception {
    int threads = 5;
    int each = 10_000;
    Heard[][] all = new Heard[threads][each];
    try (Platform p = open(2, Map.of())) {
      List<Thread> started = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int slot = t;
        Thread thread =
            new Thread(
                () -> {
                  for (int i = 0; i < each; i++) {
                    all[slot][i] =
                        Probe.invoke(
                            p,
                            slot,
                            Probe.payload(EchoHost.ECHO),
                            ByteBuffer.allocate(8).putInt(slot).putInt(i).flip());
                  }
                });
        thread.start();
        started.add(thread);
      }
      for (Thread t : started) {
        t.join();
      }
      for (int t = 0; t < threads; t++) {
        for (int i = 0; i < each; i++) {
          ByteBuffer b = all[t][i].response();
          assertThat(b.getInt(b.position())).isEqualTo(t);
          assertThat(b.getInt(b.position() + 4)).isEqualTo(i);
        }
      }
    }
    assertThat(Arrays.stream(all).flatMap(Arrays::stream)).allMatch(h -> h.ends.get() == 1);
  }

  @Test
  @DisplayName("payloads of every size around the limits of frames arrive whole")
  void carriesEverySize() throws Exception {
    int[] around = {0, 1, 17, 16_384, 32_767, 65_536, 131_072, 262_144};
    List<byte[]> payloads = new ArrayList<>();
    for (int n : around) {
      for (int d = -18; d <= 18; d++) {
        if (n + d >= 0) {
          byte[] b = new byte[n + d];
          new Random(n + d).nextBytes(b);
          payloads.add(b);
        }
      }
    }
    try (Platform p = open(1, Map.of())) {
      List<Heard> all = new ArrayList<>();
      for (byte[] b : payloads) {
        all.add(Probe.invoke(p, b.length, Probe.payload(EchoHost.ECHO), ByteBuffer.wrap(b)));
      }
      for (int i = 0; i < payloads.size(); i++) {
        assertThat(all.get(i).bytes()).isEqualTo(payloads.get(i));
      }
    }
  }

  @Test
  @DisplayName("an interrupted thread loses nothing and stays interrupted")
  void survivesInterrupts() throws Exception {
    try (Platform p = open(1, Map.of())) {
      byte[] big = new byte[1_000_000];
      List<Heard> all = new ArrayList<>();
      boolean wasInterrupted = true;
      for (int i = 0; i < 200; i++) {
        Thread.currentThread().interrupt();
        all.add(
            Probe.invoke(
                p,
                i % 4,
                Probe.payload(EchoHost.ECHO),
                ByteBuffer.wrap(i % 50 == 0 ? big : new byte[i])));
        wasInterrupted &= Thread.interrupted();
      }
      assertThat(wasInterrupted).isTrue();
      for (int i = 0; i < 200; i++) {
        assertThat(all.get(i).response().remaining()).isEqualTo(i % 50 == 0 ? big.length : i);
      }
      assertThat(all).allMatch(h -> h.sent.isDone());
    }
  }

  @Test
  @DisplayName("a listener that throws hears of that as the end, and disturbs no other invocation")
  void survivesListeners() throws Exception {
    try (Platform p = open(1, Map.of())) {
      Error thrown = new OutOfMemoryError("on purpose");
      CompletableFuture<Throwable> told = new CompletableFuture<>();
      p.invoke(
          0,
          List.of(Probe.payload(EchoHost.ECHO)),
          new Platform.InvocationListener() {
            @Override
            public void sent(String instance, boolean cold) {
              throw new IllegalStateException("on purpose");
            }

            @Override
            public void received(ByteBuffer message) {}

            @Override
            public void completed(ByteBuffer response) {
              throw thrown;
            }

            @Override
            public void failed(Throwable cause) {
              told.complete(cause);
            }

            @Override
            public void lost(Reason reason, String detail, boolean begun) {}
          });
      assertThat(told.get(60, TimeUnit.SECONDS)).isSameAs(thrown);
      assertThat(Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO, (byte) 1)).bytes())
          .containsExactly(1);
    }
  }
}
