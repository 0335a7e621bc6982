package dev.martlet.internal.forkjoin.frontier;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.Frontier;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PolicyTest {
  private static final long CHEAP = 100_000;

  private final Fake clock = new Fake();
  private final Profile profile = new Profile();

  /** A clock that stands, but for what waits; something may happen meanwhile. */
  private static final class Fake implements Clock {
    long now = 1;
    final Deque<Runnable> events = new ArrayDeque<>();

    @Override
    public long nanos() {
      return now;
    }

    @Override
    public void pause(long nanos) {
      now += nanos;
      Runnable event = events.poll();
      if (event != null) {
        event.run();
      }
    }

    void pass(long millis) {
      now += MILLISECONDS.toNanos(millis);
    }
  }

  private Policy automatic(int parallelism) {
    return new Policy(Frontier.automatic(), parallelism, 2, 10, clock);
  }

  private Visit visit(Policy policy, int depth) {
    Visit visit = policy.decide(profile, depth, false, () -> CHEAP);
    if (!visit.isAway()) {
      visit.begin();
    }
    return visit;
  }

  /** One such computation has run. */
  private void ran(Policy policy, int depth, long millis) {
    Visit visit = visit(policy, depth);
    assertThat(visit.isAway()).isFalse();
    clock.pass(millis);
    visit.end();
  }

  @Test
  @DisplayName("heavy leaves that are known leave, but for those that keep the home busy")
  void heavy() {
    Policy policy = automatic(4);
    ran(policy, 2, 50);
    List<Boolean> away = new ArrayList<>();
    List<Visit> visits = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      visits.add(visit(policy, 2));
      away.add(visits.get(i).isAway());
    }
    assertThat(away).containsExactly(false, false, true, true);
    visits.get(0).end();
    assertThat(visit(policy, 2).isAway()).isFalse();
    assertThat(visit(policy, 2).isAway()).isTrue();
  }

  @Test
  @DisplayName("light leaves stay")
  void light() {
    Policy policy = automatic(4);
    ran(policy, 2, 1);
    for (int i = 0; i < 8; i++) {
      assertThat(visit(policy, 2).isAway()).isFalse();
    }
  }

  @Test
  @DisplayName("what takes long to ship, compared with its run, stays")
  void shipping() {
    Policy policy = automatic(4);
    ran(policy, 2, 50);
    visit(policy, 2);
    visit(policy, 2);
    long long0 = MILLISECONDS.toNanos(6);
    assertThat(policy.decide(profile, 2, false, () -> long0).isAway()).isFalse();
    assertThat(policy.decide(profile, 2, false, () -> CHEAP).isAway()).isTrue();
  }

  @Test
  @DisplayName("what was measured of shipping counts more than a guess")
  void measuredShipping() {
    Policy policy = automatic(4);
    ran(policy, 2, 50);
    visit(policy, 2);
    visit(policy, 2);
    for (int i = 0; i < 6; i++) {
      Visit visit = visit(policy, 2);
      if (visit.isAway()) {
        clock.pass(100);
        visit.returned(MILLISECONDS.toNanos(50));
      }
    }
    assertThat(policy.decide(profile, 2, false, () -> CHEAP).isAway()).isFalse();
  }

  @Test
  @DisplayName("calls that leave before any is back measure nothing: workers start meanwhile")
  void firstCalls() {
    Policy policy = automatic(16);
    ran(policy, 6, 100);
    visit(policy, 6);
    visit(policy, 6);
    List<Visit> first = new ArrayList<>();
    for (int i = 0; i < 14; i++) {
      first.add(visit(policy, 6));
      assertThat(first.get(i).isAway()).isTrue();
    }
    clock.pass(1200);
    first.forEach(v -> v.returned(MILLISECONDS.toNanos(100)));
    assertThat(profile.ship()).isNaN();
    assertThat(visit(policy, 6).isAway()).isTrue();
  }

  @Test
  @DisplayName("what was slow to ship is tried again, and leaves once it is faster")
  void fasterShipping() {
    Policy policy = automatic(4);
    slowlyShipped(policy);
    Visit again = null;
    for (int i = 0; i < 16 && again == null; i++) {
      Visit visit = visit(policy, 2);
      again = visit.isAway() ? visit : null;
    }
    assertThat(again).isNotNull();
    clock.pass(51);
    again.returned(MILLISECONDS.toNanos(50));
    for (int i = 0; i < 16; i++) {
      assertThat(visit(policy, 2).isAway()).isTrue();
    }
  }

  @Test
  @DisplayName("what was slow to ship is not tried again if it looks as slow")
  void heavyShipping() {
    Policy policy = automatic(4);
    slowlyShipped(policy);
    for (int i = 0; i < 64; i++) {
      long slow = MILLISECONDS.toNanos(6);
      assertThat(policy.decide(profile, 2, false, () -> slow).isAway()).isFalse();
    }
  }

  /** Both places are taken, and calls of 50 ms have taken as long again on their way. */
  private void slowlyShipped(Policy policy) {
    ran(policy, 2, 50);
    visit(policy, 2);
    visit(policy, 2);
    for (int i = 0; i < 3; i++) {
      Visit visit = visit(policy, 2);
      assertThat(visit.isAway()).isTrue();
      clock.pass(100);
      visit.returned(MILLISECONDS.toNanos(50));
    }
    assertThat(visit(policy, 2).isAway()).isFalse();
  }

  @Test
  @DisplayName("how long a decision took does not count as the computation's time")
  void waiting() {
    Policy policy = automatic(4);
    visit(policy, 2);
    visit(policy, 2);
    long long0 = MILLISECONDS.toNanos(6);
    Visit visit = policy.decide(profile, 2, false, () -> long0);
    assertThat(visit.isAway()).isFalse();
    assertThat(clock.now).isGreaterThan(MILLISECONDS.toNanos(10));
    visit.begin();
    clock.pass(1);
    assertThat(visit.end()).isEqualTo(MILLISECONDS.toNanos(1));
  }

  @Test
  @DisplayName("of unknown leaves some run at home, and others leave when the first prove heavy")
  void unknownHeavy() {
    Policy policy = automatic(4);
    assertThat(visit(policy, 2).isAway()).isFalse();
    assertThat(visit(policy, 2).isAway()).isFalse();
    long begin = clock.now;
    assertThat(visit(policy, 2).isAway()).isTrue();
    assertThat(clock.now - begin).isBetween(MILLISECONDS.toNanos(5), MILLISECONDS.toNanos(10));
    assertThat(visit(policy, 2).isAway()).isTrue();
  }

  @Test
  @DisplayName("unknown leaves stay when the first prove light")
  void unknownLight() {
    assertThat(leaves(2, Visit::end)).isFalse();
  }

  @Test
  @DisplayName("computations that fork unroll near the root")
  void nodes() {
    Policy policy = automatic(4);
    for (int i = 0; i < 6; i++) {
      Visit node = visit(policy, 1);
      assertThat(node.isAway()).isFalse();
      node.forked();
      assertThat(node.isAtWork()).isFalse();
      clock.pass(100);
      node.end();
    }
    assertThat(visit(policy, 1).isAway()).isFalse();
  }

  @Test
  @DisplayName("an unknown computation stays when the first fork")
  void unknownNode() {
    assertThat(leaves(1, Visit::forked)).isFalse();
  }

  /**
   * Whether the third unknown computation at a depth leaves; the first is running and does that.
   */
  private boolean leaves(int depth, Consumer<Visit> event) {
    Policy policy = automatic(4);
    Visit first = visit(policy, depth);
    visit(policy, depth);
    clock.events.add(() -> event.accept(first));
    return visit(policy, depth).isAway();
  }

  @Test
  @DisplayName("heavy subtrees leave where the tree is wide")
  void subtrees() {
    Policy policy = automatic(4);
    Visit first = visit(policy, 3);
    first.forked();
    clock.pass(100);
    first.end();
    visit(policy, 3);
    visit(policy, 3);
    assertThat(visit(policy, 3).isAway()).isTrue();
  }

  @Test
  @DisplayName("a part of what is at work at home stays")
  void within() {
    Policy policy = automatic(4);
    ran(policy, 4, 50);
    visit(policy, 4);
    visit(policy, 4);
    assertThat(policy.decide(profile, 4, /* within= */ true, () -> CHEAP).isAway()).isFalse();
  }

  @Test
  @DisplayName("while processors are free, nothing leaves that takes longer away")
  void slowAway() {
    Policy policy = automatic(2);
    ran(policy, 2, 50);
    Visit busy = visit(policy, 2);
    for (int i = 0; i < 3; i++) {
      Visit visit = visit(policy, 2);
      assertThat(visit.isAway()).isTrue();
      clock.pass(81);
      visit.returned(MILLISECONDS.toNanos(80));
    }
    assertThat(visit(policy, 2).isAway()).isFalse();
    assertThat(visit(policy, 2).isAway()).isTrue();
    busy.end();
  }

  @Test
  @DisplayName("a fixed depth sends what is there, and only that")
  void depth() {
    Policy policy = new Policy(Frontier.depth(2), 4, 2, 10, clock);
    assertThat(visit(policy, 1).isAway()).isFalse();
    assertThat(visit(policy, 2).isAway()).isTrue();
    assertThat(visit(policy, 3).isAway()).isFalse();
  }

  @Test
  @DisplayName("all remote sends what was submitted")
  void away() {
    Policy policy = new Policy(Frontier.allRemote(), 4, 2, 10, clock);
    assertThat(visit(policy, 0).isAway()).isTrue();
  }

  @Test
  @DisplayName("all local sends nothing")
  void home() {
    Policy policy = new Policy(Frontier.allLocal(), 4, 2, 10, clock);
    assertThat(visit(policy, 0).isAway()).isFalse();
  }

  @Test
  @DisplayName("a least work sends what is known to run so long, whatever shipping costs")
  void work() {
    Policy policy = new Policy(Frontier.minimumWork(Duration.ofMillis(20)), 4, 2, 10, clock);
    ran(policy, 3, 30);
    assertThat(policy.decide(profile, 3, false, () -> Long.MAX_VALUE).isAway()).isTrue();
    Policy longer = new Policy(Frontier.minimumWork(Duration.ofMillis(40)), 4, 2, 10, clock);
    assertThat(longer.decide(profile, 3, false, () -> 0).isAway()).isFalse();
  }

  @Test
  @DisplayName("what could not leave again and again is not tried any more")
  void obstacles() {
    Policy policy = new Policy(Frontier.allRemote(), 4, 2, 10, clock);
    for (int i = 0; i < 3; i++) {
      Visit visit = visit(policy, 0);
      assertThat(visit.isAway()).isTrue();
      visit.stays("it holds a socket", /* always= */ false);
    }
    assertThat(visit(policy, 0).isAway()).isFalse();
    assertThat(profile.obstacle()).isEqualTo("it holds a socket");
  }

  @Test
  @DisplayName(
      "tasks within a small computation are too fine, and deep ones of which nothing is known")
  void fine() {
    Policy policy = automatic(4);
    Visit root = visit(policy, 0);
    assertThat(policy.isFine(root)).isFalse();
    clock.pass(1);
    root.end();
    assertThat(policy.isFine(visit(policy, 0))).isTrue();
    Visit deep = policy.decide(new Profile(), policy.deepest(), true, () -> CHEAP);
    assertThat(policy.isFine(deep)).isTrue();
  }
}
