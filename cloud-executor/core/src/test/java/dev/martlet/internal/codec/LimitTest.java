package dev.martlet.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Messages that would be too long. */
class LimitTest {
  private final ObjectTable table = new ObjectTable();
  private final GraphEncoder encoder = new GraphEncoder(TestSpace.SPACE, Border.OPEN, table);

  @Test
  @DisplayName("an array that is too much is refused with its path, its length and the limit")
  void tooMuch() throws Exception {
    encoder.limit(1_000_000);
    encoder.write(new long[10]);
    long size = encoder.size();
    Object[] root = {new byte[10], new Object[] {new long[200_000]}};
    UntravelableException e =
        catchThrowableOfType(UntravelableException.class, () -> encoder.write(root));
    assertThat(e.path()).endsWith("[1] (java.lang.Object[]) → [0] (long[])");
    assertThat(e.reason()).contains("1,600,000").contains("1,000,000");
    assertThat(encoder.size()).isEqualTo(size);
    assertThat(table.size()).isEqualTo(1);
    encoder.write(new long[100_000]);
    assertThat(encoder.size()).isGreaterThan(size + 800_000);
  }

  @Test
  @DisplayName("arrays that are too much together are refused before they are written")
  void together() {
    encoder.limit(1_000_000);
    List<long[]> half = List.of(new long[65_000], new long[65_000]);
    UntravelableException e =
        catchThrowableOfType(UntravelableException.class, () -> encoder.write(half));
    assertThat(e.path()).endsWith("(long[])");
    assertThat(encoder.size()).isZero();
  }

  @Test
  @DisplayName("the content of an image does not count")
  void images() throws Exception {
    ArrayMirrors mirrors = new ArrayMirrors();
    mirrors.openStored();
    encoder.mirrors(mirrors);
    encoder.limit(1_000_000);
    encoder.write(new long[1_000_000]);
    assertThat(encoder.size()).isLessThan(1_000);
  }
}
