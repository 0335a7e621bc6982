package dev.martlet.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

class ScalarFormPropertyTest {

  private static Object copy(Object function) {
    ScalarForm form = ScalarForm.of(function);
    assertThat(form).isNotNull();
    ByteBuffer bytes = ByteBuffer.allocate(form.most());
    assertThat(form.write(function, bytes)).isTrue();
    bytes.flip();
    Object copy = form.read(bytes);
    assertThat(bytes.remaining()).isZero();
    return copy;
  }

  @Property(tries = 300)
  @Label("captured primitives arrive")
  void primitives(
      @ForAll boolean z,
      @ForAll byte b,
      @ForAll short s,
      @ForAll char c,
      @ForAll int i,
      @ForAll long j,
      @ForAll float f,
      @ForAll double d)
      throws Exception {
    Callable<List<Object>> task = () -> List.of(z, b, s, c, i, j, f, d);
    assertThat(((Callable<?>) copy(task)).call()).isEqualTo(task.call());
  }

  @Provide
  Arbitrary<Object> scalars() {
    return Arbitraries.oneOf(
        Arbitraries.just((Object) Boolean.TRUE).injectNull(0.5),
        Arbitraries.bytes().map(x -> (Object) x),
        Arbitraries.shorts().map(x -> (Object) x),
        Arbitraries.chars().map(x -> (Object) x),
        Arbitraries.integers().map(x -> (Object) x),
        Arbitraries.longs().map(x -> (Object) x),
        Arbitraries.floats().map(x -> (Object) x),
        Arbitraries.doubles().map(x -> (Object) x),
        Arbitraries.of(Float.NaN, Double.NaN, -0.0, Long.MIN_VALUE, Integer.MIN_VALUE, false));
  }

  @Property(tries = 500)
  @Label("captured boxes arrive, as in a graph")
  void boxes(@ForAll("scalars") @Nullable Object a, @ForAll("scalars") @Nullable Object b)
      throws Exception {
    Callable<Object[]> task = () -> new Object[] {a, b};
    assertThat((Object[]) ((Callable<?>) copy(task)).call()).containsExactly(a, b);
    ByteBuffer bytes = ByteBuffer.allocate(Scalars.MOST);
    assertThat(Scalars.write(a, bytes)).isTrue();
    bytes.flip();
    assertThat(Scalars.is(bytes, 0)).isTrue();
    byte[] written = Arrays.copyOf(bytes.array(), bytes.limit());
    assertThat(TestSpace.encode(a)).containsExactly(written);
  }

  @Property(tries = 50)
  @Label("what is no scalar is left to the graph")
  void others(@ForAll String text) {
    Callable<String> task = () -> text;
    ScalarForm form = ScalarForm.of(task);
    assertThat(form).isNotNull();
    assertThat(form.write(task, ByteBuffer.allocate(form.most()))).isFalse();
    assertThat(Scalars.write(text, ByteBuffer.allocate(Scalars.MOST))).isFalse();
  }

  @Property(tries = 300)
  @Label("any bytes give a value or are refused")
  void garbage(@ForAll byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      Object unused = Scalars.read(in);
    } catch (CodecException e) {
      assertThat(e).isNotNull();
    }
  }
}
