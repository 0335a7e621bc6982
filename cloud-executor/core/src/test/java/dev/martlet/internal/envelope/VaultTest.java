package dev.martlet.internal.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Boxes of one record and of several. */
class VaultTest {
  private static final int SEALED = 12 + Vault.RECORD + 16;

  private final Random random = new Random(4);
  private final Vault vault = new Vault(new byte[Vault.KEY]);

  private byte[] random(int length) {
    byte[] b = new byte[length];
    random.nextBytes(b);
    return b;
  }

  private static byte[] bytes(ByteBuffer b) {
    byte[] all = new byte[b.remaining()];
    b.duplicate().get(all);
    return all;
  }

  private void refused(byte[] box) {
    assertThatThrownBy(() -> vault.open("a", ByteBuffer.wrap(box)))
        .isInstanceOf(MalformedException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4095, 4096, 4097, 8192, 8193, 100_000})
  @DisplayName("what is sealed is opened, from buffers of every kind, and by its own name only")
  void opens(int length) {
    byte[] plain = random(length);
    int third = length / 3;
    List<ByteBuffer> parts =
        List.of(
            ByteBuffer.wrap(plain, 0, third).asReadOnlyBuffer(),
            ByteBuffer.allocate(0),
            ByteBuffer.allocateDirect(third).put(plain, third, third).flip(),
            ByteBuffer.wrap(plain, 2 * third, length - 2 * third));
    ByteBuffer box = vault.seal("a", parts);
    assertThat(parts.get(0).remaining()).isEqualTo(third);
    assertThat(bytes(vault.open("a", box))).isEqualTo(plain);
    assertThat(bytes(vault.open("a", box.asReadOnlyBuffer()))).isEqualTo(plain);
    ByteBuffer direct = ByteBuffer.allocateDirect(box.remaining()).put(box.duplicate()).flip();
    assertThat(bytes(vault.open("a", direct))).isEqualTo(plain);
    assertThatThrownBy(() -> vault.open("b", box)).isInstanceOf(MalformedException.class);
    byte[] other = bytes(box);
    other[random.nextInt(other.length)]++;
    refused(other);
  }

  @Test
  @DisplayName("records that are swapped, repeated, left out or of another box are not taken")
  void records() {
    byte[] box = bytes(vault.seal("a", List.of(ByteBuffer.wrap(random(3 * Vault.RECORD)))));
    byte[] another = bytes(vault.seal("a", List.of(ByteBuffer.wrap(random(4 * Vault.RECORD)))));
    assertThat(box).hasSize(3 * SEALED);
    byte[] swapped = box.clone();
    System.arraycopy(box, 0, swapped, SEALED, SEALED);
    System.arraycopy(box, SEALED, swapped, 0, SEALED);
    refused(swapped);
    byte[] repeated = box.clone();
    System.arraycopy(box, 0, repeated, SEALED, SEALED);
    refused(repeated);
    refused(Arrays.copyOf(box, 2 * SEALED));
    refused(Arrays.copyOf(box, SEALED));
    refused(Arrays.copyOfRange(box, SEALED, box.length));
    byte[] mixed = box.clone();
    System.arraycopy(another, SEALED, mixed, SEALED, SEALED);
    refused(mixed);
    refused(Arrays.copyOf(box, box.length - 1));
    refused(Arrays.copyOf(box, box.length + 5));
    refused(new byte[0]);
  }
}
