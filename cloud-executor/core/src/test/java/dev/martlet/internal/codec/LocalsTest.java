package dev.martlet.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.internal.agent.LocalMap;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Thread-locals travel with the values that they have for one thread. */
class LocalsTest {
  /** The values of a thread that there is not. */
  private static final class Values implements Locals {
    private Object map;

    @Override
    public boolean isSet(ThreadLocal<?> local) {
      return LocalMap.isSet(map, local);
    }

    @Override
    public Object get(ThreadLocal<?> local) {
      return LocalMap.get(map, local);
    }

    @Override
    public void set(ThreadLocal<?> local, Object value) {
      map = LocalMap.set(map, local, value);
    }

    @Override
    public void remove(ThreadLocal<?> local) {
      LocalMap.remove(map, local);
    }
  }

  private final Values here = new Values();
  private final Values there = new Values();

  private Object[] copy(Object... all) throws UntravelableException {
    GraphEncoder encoder = new GraphEncoder(TestSpace.SPACE, Border.OPEN, new ObjectTable());
    encoder.locals(here);
    encoder.write(all);
    GraphDecoder decoder =
        new GraphDecoder(
            TestSpace.SPACE,
            Border.OPEN,
            new ObjectTable(),
            ByteBuffer.wrap(encoder.toByteArray()),
            Trust.FULL);
    decoder.locals(there);
    return (Object[]) Objects.requireNonNull(decoder.read());
  }

  @Test
  @DisplayName("a thread-local arrives with its value, which is the object that others refer to")
  void value() throws Exception {
    ThreadLocal<List<Object>> first = new ThreadLocal<>();
    ThreadLocal<List<Object>> second = ThreadLocal.withInitial(() -> null);
    List<Object> list = new ArrayList<>(List.of("a"));
    list.add(first);
    here.set(first, list);
    here.set(second, list);
    Object[] copy = copy(first, second, list, first);
    assertThat(copy[0]).isSameAs(copy[3]).isNotSameAs(first);
    assertThat(there.get((ThreadLocal<?>) copy[0])).isSameAs(copy[2]);
    assertThat(there.get((ThreadLocal<?>) copy[1])).isSameAs(copy[2]);
    assertThat(((List<?>) copy[2]).get(1)).isSameAs(copy[0]);
    assertThat(((ThreadLocal<?>) copy[0]).get()).isNull();
  }

  @Test
  @DisplayName("no value stays none, and null a value; the initial one is made where it is used")
  void initial() throws Exception {
    ThreadLocal<String> none = ThreadLocal.withInitial(() -> "initial");
    ThreadLocal<String> nothing = ThreadLocal.withInitial(() -> "initial");
    here.set(nothing, null);
    Object[] copy = copy(none, nothing);
    assertThat(there.isSet((ThreadLocal<?>) copy[0])).isFalse();
    assertThat(there.isSet((ThreadLocal<?>) copy[1])).isTrue();
    assertThat(there.get((ThreadLocal<?>) copy[1])).isNull();
    assertThat(((ThreadLocal<?>) copy[0]).get()).isEqualTo("initial");
    ((ThreadLocal<?>) copy[0]).remove();
  }

  @Test
  @DisplayName("a value that does not travel keeps its thread-local from travelling, and is named")
  void refusedValue() {
    ThreadLocal<Object> local = new ThreadLocal<>();
    here.set(local, Thread.currentThread());
    assertThatThrownBy(() -> copy(local))
        .isInstanceOf(UntravelableException.class)
        .hasMessageContaining("value (java.lang.Thread)");
  }

  @Test
  @DisplayName("a thread-local is refused by a reader that has no thread for it")
  void refusedReader() throws Exception {
    GraphEncoder encoder = new GraphEncoder(TestSpace.SPACE, Border.OPEN, new ObjectTable());
    encoder.locals(here);
    encoder.write(new ThreadLocal<>());
    GraphDecoder decoder =
        new GraphDecoder(
            TestSpace.SPACE,
            Border.OPEN,
            new ObjectTable(),
            ByteBuffer.wrap(encoder.toByteArray()),
            Trust.INBOUND);
    assertThatThrownBy(decoder::read).isInstanceOf(CodecException.class);
  }
}
