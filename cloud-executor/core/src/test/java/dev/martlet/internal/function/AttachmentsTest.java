package dev.martlet.internal.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.spi.Platform.Attachment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AttachmentsTest {
  private final Slow place = new Slow();
  private final Attachments all = new Attachments(place, Runnable::run, 100, 2);

  /** A store that does what it is asked to when the test says so. */
  private static final class Slow implements Attachments.Place {
    final List<String> asked = new ArrayList<>();
    final ArrayDeque<CompletableFuture<Void>> open = new ArrayDeque<>();

    @Override
    public CompletableFuture<Void> put(String name, List<ByteBuffer> content) {
      return ask("+" + name);
    }

    @Override
    public CompletableFuture<Void> delete(List<String> names) {
      return ask("-" + String.join("-", names));
    }

    private CompletableFuture<Void> ask(String what) {
      asked.add(what);
      CompletableFuture<Void> done = new CompletableFuture<>();
      open.add(done);
      return done;
    }

    void done() {
      open.remove().complete(null);
    }
  }

  private static Attachment of(String name, long bytes) {
    return new Attachment(name, bytes, () -> List.of(ByteBuffer.allocate((int) bytes)));
  }

  private Attachments.Use use(String name, long bytes) {
    return all.use(List.of(of(name, bytes)));
  }

  @Test
  @DisplayName("what several calls need is brought once, and all wait for it")
  void once() {
    Attachments.Use a = use("x", 10);
    Attachments.Use b = use("x", 10);
    assertThat(place.asked).containsExactly("+x");
    assertThat(a.fresh()).isEqualTo(10);
    assertThat(b.fresh()).isZero();
    assertThat(b.there()).isNotDone();
    place.done();
    assertThat(a.there()).isCompleted();
    assertThat(b.there()).isCompleted();
    all.leave(a);
    all.leave(b);
    assertThat(use("x", 10).there()).isCompleted();
    assertThat(place.asked).containsExactly("+x");
  }

  @Test
  @DisplayName("few are brought at a time")
  void few() {
    Attachments.Use use = all.use(List.of(of("x", 1), of("y", 1), of("z", 1)));
    assertThat(place.asked).containsExactly("+x", "+y");
    place.done();
    assertThat(place.asked).containsExactly("+x", "+y", "+z");
    place.done();
    assertThat(use.there()).isNotDone();
    place.done();
    assertThat(use.there()).isCompleted();
  }

  @Test
  @DisplayName("what could not be brought fails those who wait, and the next one tries again")
  void failure() {
    Attachments.Use a = use("x", 10);
    place.open.remove().completeExceptionally(new IllegalStateException("no"));
    assertThatThrownBy(a.there()::join).hasRootCauseMessage("no");
    Attachments.Use b = use("x", 10);
    all.leave(a); // which is not the other's
    place.done();
    assertThat(b.there()).isCompleted();
    assertThat(place.asked).containsExactly("+x", "+x");
  }

  @Test
  @DisplayName("what has more under the same name is brought after what has less")
  void more() {
    Attachments.Use a = use("x", 10);
    Attachments.Use b = use("x", 11);
    assertThat(place.asked).containsExactly("+x");
    place.done();
    assertThat(a.there()).isCompleted();
    assertThat(b.there()).isNotDone();
    assertThat(place.asked).containsExactly("+x", "+x");
    place.done();
    assertThat(b.there()).isCompleted();
    assertThat(use("x", 10).there()).isCompleted();
  }

  @Test
  @DisplayName("of what nobody needs, what was needed longest ago goes, and comes back after that")
  void idle() {
    Attachments.Use a = use("x", 60);
    Attachments.Use b = use("y", 60);
    place.done();
    place.done();
    all.leave(a);
    assertThat(place.asked).containsExactly("+x", "+y");
    all.leave(b);
    assertThat(place.asked).containsExactly("+x", "+y", "-x");
    Attachments.Use again = use("x", 60);
    assertThat(again.there()).isNotDone();
    assertThat(place.asked).containsExactly("+x", "+y", "-x");
    place.done();
    assertThat(place.asked).containsExactly("+x", "+y", "-x", "+x");
    place.done();
    assertThat(again.there()).isCompleted();
    all.leave(again);
    assertThat(place.asked).containsExactly("+x", "+y", "-x", "+x", "-y");
  }

  @Test
  @DisplayName("what somebody needs stays, however much it is")
  void needed() {
    Attachments.Use a = use("x", 90);
    Attachments.Use b = use("y", 90);
    Attachments.Use c = use("x", 90);
    place.done();
    place.done();
    all.leave(a);
    all.leave(b);
    assertThat(place.asked).containsExactly("+x", "+y");
    all.leave(c);
    assertThat(place.asked).containsExactly("+x", "+y", "-y");
  }
}
