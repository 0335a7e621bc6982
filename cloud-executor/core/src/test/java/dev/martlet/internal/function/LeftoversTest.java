package dev.martlet.internal.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.contract.MemoryStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is left in a store, and whose it is. */
class LeftoversTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final MemoryStore store = new MemoryStore();

  private void put(String key, String text) {
    store.put(key, List.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)))).join();
  }

  private void session(String name, String user) {
    put("run/" + name + "/1", "a run");
    put("live/" + name, user + "\n7");
    put("s/" + name + "/in/q/1", "letter");
    put("s/" + name + "/data/p/1", "request");
  }

  private Leftovers after(Duration time) {
    return new Leftovers(store, Instant.now().plus(time));
  }

  @Test
  @DisplayName("sessions that nobody writes any more are left, each with its sign of life")
  void sessions() {
    session("aa", "ada");
    put("s/bb/out/m/1/0", "order");
    put("jobs/night/job", "job");
    assertThat(after(Duration.ZERO).ofSessions(null, Duration.ZERO)).isEmpty();
    assertThat(after(HOUR).ofSessions(null, HOUR.plusMinutes(1))).isEmpty();
    Leftovers left = after(HOUR);
    List<Leftovers.Owner> owners = left.ofSessions(null, Duration.ofMinutes(30));
    assertThat(owners).hasSize(2);
    assertThat(owners.get(0).toString()).startsWith("session of ada, last written ");
    assertThat(owners.get(0).objects()).isEqualTo(4);
    assertThat(owners.get(1).toString()).startsWith("session of an unknown user");
    left.delete(owners);
    assertThat(store.keys()).containsExactly("jobs/night/job");
  }

  @Test
  @DisplayName("a user's leftovers are no other user's, nor jobs, nor code")
  void users() {
    session("aa", "ada");
    session("bb", "bob");
    put("code/11", "code");
    Leftovers left = after(HOUR);
    left.delete(left.ofSessions("ada", HOUR.dividedBy(2)));
    assertThat(store.keys())
        .containsExactly("code/11", "live/bb", "run/bb/1", "s/bb/data/p/1", "s/bb/in/q/1");
  }

  @Test
  @DisplayName("a job is deleted by its name, and no job of a longer one")
  void jobs() {
    put("jobs/night/job", "job");
    put("jobs/night/id/g/1", "tasks");
    put("jobs/night2/job", "job");
    Leftovers left = after(Duration.ZERO);
    assertThat(left.ofJob("night")).extracting(Leftovers.Owner::objects).containsExactly(2L);
    left.delete(left.ofJob("night"));
    assertThat(store.keys()).containsExactly("jobs/night2/job");
    assertThat(left.ofJob("day")).isEmpty();
  }

  @Test
  @DisplayName("code is left when there is no job, and no session that lives")
  void code() {
    put("code/11", "code");
    put("code/b/22-0", "a piece");
    assertThat(after(HOUR).ofNobody(HOUR.plusMinutes(1))).isEmpty();
    assertThat(after(HOUR).ofNobody(Duration.ofMinutes(30))).hasSize(2);
    put("jobs/night/job", "job");
    assertThat(after(HOUR).ofNobody(Duration.ofMinutes(30))).isEmpty();
    store.delete(List.of("jobs/night/job")).join();
    session("aa", "ada");
    assertThat(after(Duration.ZERO).ofNobody(Duration.ZERO)).isEmpty();
    Leftovers left = after(HOUR);
    left.delete(left.ofNobody(Duration.ZERO));
    assertThat(store.keys()).noneMatch(k -> k.startsWith("code/")).hasSize(4);
  }

  @Test
  @DisplayName("all is all")
  void all() {
    session("aa", "ada");
    put("jobs/night/job", "job");
    put("code/11", "code");
    put("something/else", "other");
    Leftovers left = after(Duration.ZERO);
    left.delete(left.all());
    assertThat(store.keys()).isEmpty();
  }
}
