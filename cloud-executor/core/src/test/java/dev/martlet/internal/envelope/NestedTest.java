package dev.martlet.internal.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.internal.envelope.Briefing.Nesting;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NestedTest {
  private static final Request REQUEST =
      new Request(new byte[Request.SESSION], null, -7, false, 1, List.of(), List.of(), List.of());

  @Test
  @DisplayName("a nested request is read as it was written, and taken for no other")
  void travels() {
    Nested nested = new Nested(3, 1_000_000_007L, REQUEST.encode());
    ByteBuffer bytes = nested.encode();
    assertThat(Nested.is(bytes)).isTrue();
    assertThat(Nested.decode(bytes)).isEqualTo(nested);
    assertThat(Request.decode(nested.request()).invocation()).isEqualTo(-7);
    assertThat(Relay.is(bytes) || JobEvent.is(bytes)).isFalse();
    assertThat(Nested.is(REQUEST.encode())).isFalse();
  }

  @Test
  @DisplayName("what is cut off, or has no call above it, is no nested request")
  void refuses() {
    ByteBuffer bytes = new Nested(1, 1, REQUEST.encode()).encode();
    assertThatThrownBy(() -> Nested.decode(bytes.limit(bytes.limit() - 3)))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> Nested.decode(new Nested(0, 1, REQUEST.encode()).encode()))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  @DisplayName("a place tells how calls can make others, besides where the store is")
  void tells() {
    Nesting nesting = new Nesting("eu-west-1", "worker", 4, true);
    Map<String, String> place = nesting.in(Map.of("base", "here"));
    assertThat(place).containsEntry("base", "here");
    assertThat(Nesting.of(place)).isEqualTo(nesting);
    assertThat(Nesting.outOf(place)).isEqualTo(Map.of("base", "here"));
    assertThat(Nesting.of(Map.of("base", "here"))).isNull();
  }
}
