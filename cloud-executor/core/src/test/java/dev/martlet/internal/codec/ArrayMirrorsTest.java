package dev.martlet.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ArrayMirrorsTest {
  private static final int MB = 1 << 20;

  private final ArrayMirrors mirrors = opened(new ArrayMirrors(1 << 16, MB, 16 * MB));

  private static ArrayMirrors opened(ArrayMirrors m) {
    m.open();
    return m;
  }

  private ArrayImage image(Object array) {
    return Objects.requireNonNull(mirrors.image(array));
  }

  private static byte[] content(ArrayImage image, int bytes) {
    byte[] all = new byte[bytes];
    for (int i = 0; i < image.pieces().length; i++) {
      image.copy(i, all);
    }
    return all;
  }

  private static byte[] random(int bytes) {
    byte[] b = new byte[bytes];
    new Random(bytes).nextBytes(b);
    return b;
  }

  @Test
  @DisplayName("nothing travels as an image before it is known that workers can ask")
  void closed() {
    assertThat(new ArrayMirrors().image(new long[10_000_000])).isNull();
  }

  @Test
  @DisplayName(
      "a short array never travels as an image, a long one when met again, a longer at once")
  void bounds() {
    byte[] little = random((1 << 16) - 1);
    byte[] some = random(1 << 16);
    byte[] much = random(MB);
    byte[] tooMuch = random(8 * MB + 1);
    for (int i = 0; i < 3; i++) {
      assertThat(mirrors.image(little)).isNull();
      assertThat(mirrors.image(tooMuch)).isNull();
      assertThat(mirrors.image(some) != null).isEqualTo(i > 0);
      assertThat(mirrors.image(much)).isNotNull();
    }
  }

  @Test
  @DisplayName("an image is what the array held, whatever is written to it later")
  void immutable() {
    byte[] array = random(MB + 77);
    byte[] was = array.clone();
    ArrayImage image = image(array);
    Arrays.fill(array, (byte) 1);
    image(array);
    assertThat(content(image, array.length)).isEqualTo(was);
  }

  @Test
  @DisplayName("only pieces that changed have new versions, and versions never come back")
  void versions() {
    byte[] array = random(3 * MB);
    ArrayImage first = image(array);
    assertThat(image(array).versions()).isEqualTo(first.versions());
    byte former = array[2 * MB];
    array[2 * MB]++;
    ArrayImage second = image(array);
    array[2 * MB] = former;
    ArrayImage third = image(array);
    int changed = 2 * MB / ArrayImage.PIECE;
    for (int i = 0; i < first.versions().length; i++) {
      assertThat(second.versions()[i] == first.versions()[i]).isEqualTo(i != changed);
      assertThat(third.versions()[i] == second.versions()[i]).isEqualTo(i != changed);
      assertThat(third.versions()[i] == first.versions()[i]).isEqualTo(i != changed);
    }
  }

  @Test
  @DisplayName("floating point numbers are compared by their bits")
  void bits() {
    double[] array = new double[MB];
    long[] first = image(array).versions();
    array[0] = -0.0;
    assertThat(image(array).versions()).isNotEqualTo(first);
  }

  @Test
  @DisplayName(
      "what a committed task has written has the version of its call, except where others did")
  void written() {
    int[] array = new int[MB];
    ArrayImage before = image(array);
    int piece = ArrayImage.PIECE / 4;
    array[3 * piece] = 7;
    image(array);
    long version = mirrors.nextNumber();
    int[] values = new int[piece];
    Arrays.fill(values, 9);
    for (int from : new int[] {piece / 2, 3 * piece}) {
      System.arraycopy(values, 0, array, from, values.length);
    }
    mirrors.written(
        array,
        before,
        List.of(new ArrayRange(piece / 2, values), new ArrayRange(3 * piece, values)),
        version);
    ArrayImage after = image(array);
    assertThat(after.versions()[0]).isEqualTo(version);
    assertThat(after.versions()[1]).isEqualTo(version);
    assertThat(after.versions()[2]).isEqualTo(before.versions()[2]);
    assertThat(after.versions()[3]).isGreaterThan(version);
    int[] copy = new int[MB];
    for (int i = 0; i < after.pieces().length; i++) {
      after.copy(i, copy);
    }
    assertThat(copy).isEqualTo(array);
    mirrors.written(new int[MB], before, List.of(new ArrayRange(0, values)), 1);
    assertThat(image(array).versions()).isEqualTo(after.versions());
  }

  @Test
  @DisplayName("mirrors take no more room than they may, and none for arrays that are gone")
  void room() {
    List<byte[]> arrays = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      byte[] b = random(MB);
      arrays.add(b);
      image(b);
      image(b);
      assertThat(mirrors.held()).isLessThanOrEqualTo(16 * MB);
    }
    assertThat(mirrors.held()).isPositive();
    int size = arrays.size();
    arrays.clear();
    await()
        .until(
            () -> {
              System.gc();
              mirrors.image(new byte[1 << 16]);
              return mirrors.held() == 0;
            });
    assertThat(size).isEqualTo(30);
  }

  @Test
  @DisplayName("who looks sees what was written before, however many look at once")
  void concurrent() throws Exception {
    long[] array = new long[MB];
    AtomicInteger turn = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int at = t * (MB / 4);
        all.add(
            threads.submit(
                () -> {
                  for (int i = 1; i <= 50; i++) {
                    array[at] = i;
                    turn.incrementAndGet();
                    ByteArrays copy = new ByteArrays(image(array));
                    assertThat(copy.longAt(at)).isEqualTo(i);
                  }
                }));
      }
      for (Future<?> f : all) {
        f.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(turn).hasValue(200);
  }

  private record ByteArrays(ArrayImage image) {
    long longAt(int index) {
      long at = 8L * index;
      return java.nio.ByteBuffer.wrap(image.pieces()[(int) (at / ArrayImage.PIECE)])
          .order(java.nio.ByteOrder.nativeOrder())
          .getLong((int) (at % ArrayImage.PIECE));
    }
  }
}
