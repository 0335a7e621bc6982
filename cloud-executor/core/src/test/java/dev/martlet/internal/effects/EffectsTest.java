package dev.martlet.internal.effects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.martlet.graphs.Graphs;
import dev.martlet.internal.codec.CodecException;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EffectsTest {
  private static final String COUNTER = "java/util/concurrent/atomic/AtomicInteger";

  @Property(tries = 400)
  @Label("any change of any graph gives at home what it gives on the original")
  void sameAsOnTheOriginal(@ForAll long graph, @ForAll long change) {
    Graphs.Node[] expected = Graphs.build(graph);
    Graphs.Node[] home = Graphs.build(graph);
    RoundTrip<Graphs.Node[]> call = new RoundTrip<>(home);
    // Reading an access-ordered map for its text would change it, so texts are taken at the end.
    for (int segment = 0; segment < 3; segment++) {
      Graphs.change(expected, change + segment, 30);
      long seed = change + segment;
      call.run(copy -> Graphs.change(copy, seed, 30)).commit();
    }
    assertThat(Graphs.text(home)).isEqualTo(Graphs.text(expected));
  }

  @Test
  @DisplayName("writers of different slots, fields and keys all win")
  void writersOfDifferentParts() {
    int[] slots = new int[4];
    Graphs.Node node = new Graphs.Node();
    Map<String, String> map = new HashMap<>(Map.of("gone", "x", "stays", "y"));
    Map<String, String> linked = new LinkedHashMap<>(Map.of("a", "a"));
    TreeMap<String, String> tree = new TreeMap<>(Map.of("m", "m"));
    Object[] root = {slots, node, map, linked, tree};
    RoundTrip<Object[]> one = new RoundTrip<>(root);
    RoundTrip<Object[]> two = new RoundTrip<>(root);
    one.run(
        o -> {
          ((int[]) o[0])[1] = 1;
          ((Graphs.Node) o[1]).number = 5;
          map(o[2]).remove("gone");
          map(o[3]).put("one", "1");
          map(o[4]).put("a", "1");
        });
    two.run(
        o -> {
          ((int[]) o[0])[2] = 2;
          ((Graphs.Node) o[1]).real = 0.5;
          map(o[2]).put("new", "z");
          map(o[3]).put("two", "2");
          map(o[4]).put("z", "2");
        });
    one.commit();
    two.commit();
    assertThat(slots).containsExactly(0, 1, 2, 0);
    assertThat(node.number).isEqualTo(5);
    assertThat(node.real).isEqualTo(0.5);
    assertThat(map).isEqualTo(Map.of("stays", "y", "new", "z"));
    assertThat(linked.keySet()).containsExactly("a", "one", "two");
    assertThat(tree.keySet()).containsExactly("a", "m", "z");
  }

  @Test
  @DisplayName("a queue holds what it held away, wherever that lay in its array")
  void queuesByContents() {
    Graphs.Node one = new Graphs.Node();
    Graphs.Node two = new Graphs.Node();
    ArrayDeque<Object> moved = new ArrayDeque<>(List.of(one));
    ArrayDeque<Object> replaced = new ArrayDeque<>(List.of(one));
    PriorityQueue<Integer> least = new PriorityQueue<>(List.of(5, 3));
    RoundTrip<List<Object>> call =
        new RoundTrip<>(List.of(moved, replaced, least, List.of(one, two)));
    call.run(
            o -> {
              ArrayDeque<Object> first = deque(o.get(0));
              first.addLast(first.removeFirst());
              ArrayDeque<Object> second = deque(o.get(1));
              second.removeFirst();
              second.addLast(((List<?>) o.get(3)).get(1));
              ((PriorityQueue<?>) o.get(2)).poll();
            })
        .commit();
    assertThat(moved.pollFirst()).isSameAs(one);
    assertThat(moved.pollFirst()).isNull();
    assertThat(replaced.pollFirst()).isSameAs(two);
    assertThat(replaced.pollFirst()).isNull();
    assertThat(least).containsExactly(5);
  }

  @SuppressWarnings("unchecked")
  private static ArrayDeque<Object> deque(Object o) {
    return (ArrayDeque<Object>) o;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, String> map(Object o) {
    return (Map<String, String>) o;
  }

  @Test
  @DisplayName("logged operations are replayed in order, after the plain writes")
  void operationsAfterWrites() {
    int[] plain = new int[1];
    ConcurrentLinkedQueue<Object> home = new ConcurrentLinkedQueue<>();
    RoundTrip<Object[]> call = new RoundTrip<>(new Object[] {plain, home});
    call.run(
        o -> {
          int id = call.away.idOf(o[1]);
          for (int i = 0; i < 5; i++) {
            call.log.call(
                id,
                "java/util/Queue",
                "add",
                "(Ljava/lang/Object;)Z",
                new Object[] {i == 4 ? o[0] : i});
          }
          ((int[]) o[0])[0] = 9;
        });
    call.commit();
    assertThat(new ArrayList<Object>(home)).hasSize(5).startsWith(0, 1, 2, 3);
    assertThat(home.toArray()[4]).isSameAs(plain);
    assertThat(plain).containsExactly(9);
  }

  @Test
  @DisplayName("operations that do not release, or on what was not sent, are refused")
  void refusesForgedOperations() {
    assertRefused(0, COUNTER, "get", "()I");
    assertRefused(7, COUNTER, "incrementAndGet", "()I");
    assertRefused(-1, COUNTER, "incrementAndGet", "()I");
    assertRefused(0, "dev/martlet/graphs/Graphs", "build", "(J)V");
    assertRefused(0, "java/lang/Runtime", "exit", "(I)V");
    AtomicInteger counter = new AtomicInteger();
    RoundTrip<AtomicInteger> call = new RoundTrip<>(counter);
    call.log.call(0, COUNTER, "incrementAndGet", "()I", new Object[0]);
    call.commit();
    assertThat(counter).hasValue(1);
  }

  private static void assertRefused(int id, String owner, String name, String descriptor) {
    AtomicInteger counter = new AtomicInteger();
    RoundTrip<AtomicInteger> call = new RoundTrip<>(counter);
    call.log.call(id, owner, name, descriptor, new Object[0]);
    byte[] effects = call.effects();
    assertThatThrownBy(() -> call.read(effects)).isInstanceOf(CodecException.class);
    assertThat(counter).hasValue(0);
  }

  @Test
  @DisplayName("a position is not set while somebody else reads, and not if they have read since")
  void positionOfReader() throws Throwable {
    StringReader text = new StringReader("one\ntwo\nthree\n");
    BufferedReader lines = new BufferedReader(text);
    assertThat(lines.readLine()).isEqualTo("one");
    RoundTrip<BufferedReader> trip = new RoundTrip<>(lines);
    assertThat(trip.copy.readLine()).isEqualTo("two");
    Commit commit = trip.read(trip.effects());
    FutureTask<Throwable> applied = new FutureTask<>(() -> catchThrowable(commit::apply));
    Thread t = new Thread(applied);
    synchronized (text) { // as the JDK's reader of lines does
      t.start();
      await().until(() -> t.getState() == Thread.State.BLOCKED || applied.isDone());
      assertThat(lines.readLine()).isEqualTo("two");
    }
    assertThat(applied.get()).isInstanceOf(Commit.ConflictException.class);
    assertThat(lines.readLine()).isEqualTo("three");
  }

  private static final class Watched {
    static @Nullable Runnable watch;

    @Override
    public boolean equals(@Nullable Object o) {
      return o == this;
    }

    @Override
    public int hashCode() {
      Runnable w = watch;
      watch = null;
      if (w != null) {
        w.run();
      }
      return 1;
    }
  }

  @Test
  @DisplayName("nobody reads from a stream whose position is set and whose buffer is not yet")
  void wholeStream() throws Throwable {
    InputStream inner = new ByteArrayInputStream(new byte[] {1, 2, 3});
    InputStream outer = new BufferedInputStream(inner);
    Map<Watched, String> map = new HashMap<>(Map.of(new Watched(), "value"));
    RoundTrip<Object[]> trip = new RoundTrip<>(new Object[] {inner, outer, map});
    assertThat(((InputStream) trip.copy[1]).read()).isEqualTo(1);
    ((Map<?, ?>) trip.copy[2]).clear();
    Commit commit = trip.read(trip.effects());
    FutureTask<Integer> read = new FutureTask<>(outer::read);
    Thread t = new Thread(read);
    // While the map is emptied, which is between the two.
    Watched.watch =
        () -> {
          t.start();
          await().until(() -> t.getState() == Thread.State.BLOCKED || read.isDone());
        };
    commit.apply();
    assertThat(read.get()).isEqualTo(2);
    assertThat(Watched.watch).isNull();
  }

  @Test
  @DisplayName("a stream around another is told from that")
  void around() {
    InputStream inner = new ByteArrayInputStream(new byte[0]);
    InputStream between = new BufferedInputStream(inner);
    InputStream outer = new PushbackInputStream(between);
    assertThat(Contents.isAround(outer, inner)).isTrue();
    assertThat(Contents.isAround(between, inner)).isTrue();
    assertThat(Contents.isAround(inner, outer)).isFalse();
    assertThat(Contents.isAround(between, outer)).isFalse();
  }
}
