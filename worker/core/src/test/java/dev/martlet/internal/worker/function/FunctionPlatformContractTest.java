package dev.martlet.internal.worker.function;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.contract.MemoryStore;
import dev.martlet.internal.worker.process.EchoHost;
import dev.martlet.internal.worker.process.PlatformContractTest;
import dev.martlet.internal.worker.process.Probe;
import dev.martlet.internal.worker.process.Probe.Heard;
import dev.martlet.spi.Platform;
import dev.martlet.spi.Platform.Attachment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The platform of functions and a store, over a cloud in this JVM. */
class FunctionPlatformContractTest extends PlatformContractTest {
  private final MemoryStore store = new MemoryStore();

  @Override
  protected Platform open(int workers, Map<String, Object> settings) {
    return Clouds.open(store, Weather.fine(), settings);
  }

  @Override
  protected int much() {
    return 20_000_000;
  }

  private static Attachment attachment(String name, String... parts) {
    return new Attachment(
        name,
        String.join("", parts).length(),
        () -> Arrays.stream(parts).map(part -> ByteBuffer.wrap(part.getBytes(UTF_8))).toList());
  }

  private static Heard invoke(Platform p, int slot, String names, Attachment... attached) {
    Heard heard = new Heard();
    ByteBuffer payload = Probe.payload(EchoHost.ATTACHED, names.getBytes(UTF_8));
    heard.invocation = p.invoke(slot, List.of(payload), List.of(attached), heard);
    return heard;
  }

  @Test
  @DisplayName("what is attached is found where the call runs, and by others, and sealed")
  void attaches() throws Exception {
    try (Platform p = open(2, Map.of())) {
      Attachment a = attachment("a", "sec", "ret");
      Heard h = invoke(p, 0, "ab", a);
      assertThat(new String(h.bytes(), UTF_8)).isEqualTo("secret-");
      Heard both = invoke(p, 1, "ba", a, attachment("b", "more"));
      assertThat(new String(both.bytes(), UTF_8)).isEqualTo("moresecret");
      List<String> keys = store.keys().stream().filter(k -> k.contains("/data/a/")).toList();
      assertThat(keys).hasSize(2);
      for (String key : keys) {
        ByteBuffer box = Objects.requireNonNull(store.get(key).join());
        assertThat(ISO_8859_1.decode(box).toString()).doesNotContain("secret", "more");
      }
    }
  }

  @Test
  @DisplayName("what somebody else has put in the place of what is attached is not taken for it")
  void authenticates() throws Exception {
    try (Platform p = open(1, Map.of())) {
      Attachment[] attached = {attachment("a", "this"), attachment("b", "that")};
      Heard h = invoke(p, 0, "ab", attached);
      assertThat(new String(h.bytes(), UTF_8)).isEqualTo("thisthat");
      List<String> keys = store.keys().stream().filter(k -> k.contains("/data/a/")).toList();
      ByteBuffer other = Objects.requireNonNull(store.get(keys.get(1)).join());
      store.put(keys.get(0), List.of(other)).join();
      Heard swapped = invoke(p, 0, "a", attached);
      assertThatThrownBy(swapped::response).hasMessageContaining("sealed by somebody else");
    }
  }

  @AfterEach
  void leavesNothing() {
    List<String> left = store.keys().stream().filter(k -> k.startsWith("s/")).toList();
    assertThat(left)
        .as("what is left but orders to stop, and the last words of those who heed them")
        .allMatch(k -> k.contains("/out/m/") || k.contains("/in/"));
    assertThat(store.keys())
        .as("with whose that is, and who has begun before")
        .allMatch(
            k ->
                k.startsWith("s/")
                    || k.startsWith("code/")
                    || ((k.startsWith("live/") || k.startsWith("run/")) && !left.isEmpty()));
  }
}
