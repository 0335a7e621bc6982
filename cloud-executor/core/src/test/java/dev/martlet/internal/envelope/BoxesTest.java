package dev.martlet.internal.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoxesTest {
  private static final String WHOLE = "s/x/data/o/1/2/0";

  private final Vault vault = new Vault(new byte[Vault.KEY]);

  private static byte[] random(int length) {
    byte[] b = new byte[length];
    new Random(length).nextBytes(b);
    return b;
  }

  /** Cuts bytes into buffers, at places that are no boxes' ends. */
  private static List<ByteBuffer> cut(byte[] all) {
    List<ByteBuffer> parts = new ArrayList<>();
    for (int at = 0, n = 1; at < all.length; at += n, n = Math.min(n * 3, 5_000_000)) {
      ByteBuffer b = ByteBuffer.wrap(all, at, Math.min(n, all.length - at));
      parts.add(parts.size() % 2 == 0 ? b.asReadOnlyBuffer() : b);
    }
    return parts;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, Boxes.LENGTH - 1, Boxes.LENGTH, Boxes.LENGTH + 1, 20_000_000})
  @DisplayName("what is put into boxes comes out of them, in whatever order they are opened")
  void whole(int length) {
    byte[] bytes = random(length);
    List<ByteBuffer> plain = cut(bytes);
    Boxes boxes = Boxes.of(plain);
    Boxes read = Boxes.read(boxes.told());
    assertThat(read).isEqualTo(boxes);
    assertThat(read.count()).isEqualTo(Math.max(1, (length + Boxes.LENGTH - 1) / Boxes.LENGTH));
    byte[] all = new byte[read.bytes()];
    for (int i = read.count() - 1; i >= 0; i--) {
      read.open(vault, WHOLE, i, boxes.seal(vault, WHOLE, i, plain), all);
    }
    assertThat(Arrays.mismatch(all, bytes)).isEqualTo(-1);
  }

  @Test
  @DisplayName("a box in the place of another, or of something else, is not taken")
  void others() {
    List<ByteBuffer> plain = cut(random(2 * Boxes.LENGTH + 5));
    Boxes boxes = Boxes.of(plain);
    byte[] all = new byte[boxes.bytes()];
    ByteBuffer first = boxes.seal(vault, WHOLE, 0, plain);
    ByteBuffer last = boxes.seal(vault, WHOLE, 2, plain);
    assertThatThrownBy(() -> boxes.open(vault, WHOLE, 1, first, all))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> boxes.open(vault, WHOLE + "0", 0, first, all))
        .isInstanceOf(MalformedException.class);
    Boxes longer = new Boxes(boxes.bytes() + 1);
    assertThatThrownBy(() -> longer.open(vault, WHOLE, 2, last, new byte[longer.bytes()]))
        .isInstanceOf(MalformedException.class);
    Boxes shorter = new Boxes(boxes.bytes() - 1);
    assertThatThrownBy(() -> shorter.open(vault, WHOLE, 2, last, new byte[shorter.bytes()]))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  @DisplayName("what tells of boxes is checked")
  void told() {
    assertThatThrownBy(() -> Boxes.read(ByteBuffer.allocate(3)))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> Boxes.read(ByteBuffer.allocate(4).putInt(0, -1)))
        .isInstanceOf(MalformedException.class);
  }
}
