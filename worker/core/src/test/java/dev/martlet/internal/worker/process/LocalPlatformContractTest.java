package dev.martlet.internal.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.WorkerLostException.Reason;
import dev.martlet.internal.worker.process.Probe.Heard;
import dev.martlet.internal.worker.process.Probe.Lost;
import dev.martlet.spi.Platform;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the local platform promises besides: processes, and slots that stay with them. */
class LocalPlatformContractTest extends PlatformContractTest {
  @Override
  protected Platform open(int workers, Map<String, Object> settings) {
    return Probe.open(workers, settings, List.of());
  }

  @Override
  protected int much() {
    return 200_000_000;
  }

  @Test
  @DisplayName("invocations of one slot go to one instance while it lives")
  void keepsSlotsOnInstances() throws Exception {
    try (Platform p = open(2, Map.of())) {
      List<Heard> even = new ArrayList<>();
      List<Heard> odd = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        even.add(Probe.invoke(p, 2 * (i % 2), Probe.payload(EchoHost.PID)));
        odd.add(Probe.invoke(p, 1 + 2 * (i % 2), Probe.payload(EchoHost.PID)));
      }
      long evenPid = even.get(0).response().getLong(0);
      long oddPid = odd.get(0).response().getLong(0);
      assertThat(evenPid).isNotEqualTo(oddPid);
      for (int i = 0; i < 20; i++) {
        assertThat(even.get(i).response().getLong(0)).isEqualTo(evenPid);
        assertThat(odd.get(i).response().getLong(0)).isEqualTo(oddPid);
      }
    }
  }

  @Test
  @DisplayName("slots that are not used start no instance")
  void startsLazily() throws Exception {
    try (Platform p = open(8, Map.of())) {
      long before = children();
      Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO)).response();
      assertThat(children()).isEqualTo(before + 1);
    }
  }

  private static long children() {
    return ProcessHandle.current().children().filter(ProcessHandle::isAlive).count();
  }

  @Test
  @DisplayName(
      "kill loses those behind in the slot as not begun; the instance ends when others have ended")
  void killsWithSlot() throws Exception {
    try (Platform p = open(1, Map.of())) {
      Heard other = Probe.invoke(p, 1, Probe.payload(EchoHost.TALK));
      Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.BLOCK));
      Probe.invoke(p, 2, Probe.payload(EchoHost.ECHO)).response();
      Heard behind = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO));
      ProcessHandle process = h.process();
      h.invocation.kill();
      assertThat(h.lost().reason).isEqualTo(Reason.KILLED);
      assertThat(h.lost().begun).isTrue();
      assertThat(behind.lost().begun).isFalse();
      assertThat(Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO, (byte) 1)).bytes())
          .containsExactly(1);
      other.invocation.send(ByteBuffer.allocate(1));
      other.invocation.send(ByteBuffer.allocate(0));
      other.response();
      process.onExit().get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  @DisplayName("an invocation that is killed before it has begun is lost as not begun")
  void killsEarly() throws Exception {
    try (Platform p = open(1, Map.of())) {
      Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.BLOCK));
      h.invocation.kill();
      Lost lost = h.lost();
      assertThat(lost.reason).isEqualTo(Reason.KILLED);
      assertThat(lost.begun).isFalse();
    }
  }

  @Test
  @DisplayName("close loses what runs and what waits, each once, and leaves no process behind")
  void leavesNoProcess() throws Exception {
    List<Heard> all = new ArrayList<>();
    List<ProcessHandle> processes = new ArrayList<>();
    Platform p = open(2, Map.of());
    try (p) {
      for (int slot = 0; slot < 2; slot++) {
        all.add(Probe.invoke(p, slot, Probe.payload(EchoHost.BLOCK)));
        Probe.invoke(p, slot + 2, Probe.payload(EchoHost.ECHO)).response();
        processes.add(all.get(slot).process());
      }
    }
    assertThat(processes).noneMatch(ProcessHandle::isAlive);
    all.add(Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO)));
    for (Heard h : all) {
      assertThat(h.lost().reason).isEqualTo(Reason.KILLED);
      assertThat(h.ends).hasValue(1);
    }
  }

  @Test
  @DisplayName("close while instances start leaves no process behind")
  void closesEarly() throws Exception {
    long before = children();
    Heard h;
    try (Platform p = open(2, Map.of())) {
      h = Probe.invoke(p, 0, Probe.payload(EchoHost.BLOCK));
    }
    assertThat(h.lost().begun).isFalse();
    assertThat(children()).isEqualTo(before);
  }

  @Test
  @DisplayName(
      "an instance that is idle for idleTimeout ends, and the next invocation starts another")
  void stopsIdle() throws Exception {
    try (Platform p = open(1, Map.of("idleTimeout", java.time.Duration.ofMillis(100)))) {
      Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO));
      ProcessHandle process = h.process();
      h.response();
      process.onExit().get(60, TimeUnit.SECONDS);
      Heard again = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO, (byte) 1));
      assertThat(again.bytes()).containsExactly(1);
      assertThat(again.cold).isTrue();
    }
  }

  @Test
  @DisplayName("a call that releases its slot lets the next one begin")
  void releasesSlots() throws Exception {
    try (Platform p = open(1, Map.of())) {
      Heard talk = Probe.invoke(p, 0, Probe.payload(EchoHost.TALK_HERE));
      Heard next = Probe.invoke(p, 0, Probe.payload(EchoHost.TALK_HERE));
      Heard last = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO));
      Probe.invoke(p, 1, Probe.number(EchoHost.SLEEP, 100)).response();
      assertThat(next.messages).isEmpty();
      assertThat(last.end).isNotDone();
      talk.invocation.send(ByteBuffer.wrap(new byte[] {'r'}));
      next.invocation.send(ByteBuffer.allocate(0));
      next.response();
      last.response();
      assertThat(talk.end).isNotDone();
      talk.invocation.send(ByteBuffer.allocate(0));
      talk.response();
    }
  }
}
