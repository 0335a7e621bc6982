package dev.martlet.internal.effects;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/**
 * Hash tables that are changed at home and away by turns are iterated, then and later, as one that
 * always was at home.
 */
class HashTablesPropertyTest {
  private static final int KEYS = 40;

  /** Keys whose hash codes are the same, or differ where a table does not look. */
  private record Key(int n, int hash) implements Comparable<Key> {
    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public int compareTo(Key other) {
      return Integer.compare(n, other.n);
    }
  }

  private enum Act {
    PUT,
    REMOVE,
    PUT_BACK,
    GET
  }

  private record Step(Act act, int key) {}

  /** What a task has. */
  private static final class Held {
    final Map<Key, Integer> map;
    final Set<Key> set;
    final Key[] keys;

    Held(Map<Key, Integer> map, Set<Key> set, Key[] keys) {
      this.map = map;
      this.set = set;
      this.keys = keys;
    }

    void take(List<Step> steps) {
      int value = 0;
      for (Step s : steps) {
        Key key = keys[s.key];
        if (s.act == Act.GET) {
          Integer unused = map.get(key);
          continue;
        }
        Integer old = s.act == Act.PUT ? null : map.remove(key);
        boolean had = s.act != Act.PUT && set.remove(key);
        if (s.act == Act.PUT || (s.act == Act.PUT_BACK && had)) {
          set.add(key);
          map.put(key, old == null ? value : old);
        }
        value++;
      }
    }

    String order() {
      StringBuilder all = new StringBuilder();
      map.forEach((k, v) -> all.append(k.n).append('=').append(v).append(' '));
      set.forEach(k -> all.append(k.n).append(' '));
      return all.toString();
    }
  }

  private static Held held(int kind, int capacity, int spread) {
    Key[] keys = new Key[KEYS];
    for (int i = 0; i < KEYS; i++) {
      keys[i] = new Key(i, spread == 0 ? i % 2 : i % 2 + (i % 30) * spread);
    }
    Map<Key, Integer> map =
        switch (kind) {
          case 0 -> new HashMap<>(capacity);
          case 1 -> new LinkedHashMap<>(capacity);
          case 2 -> new WeakHashMap<>(capacity);
          case 3 -> new LinkedHashMap<>(capacity, 0.75f, true);
          case 4 -> new Hashtable<>(capacity);
          default -> new ConcurrentHashMap<>(capacity);
        };
    return new Held(map, new HashSet<>(capacity), keys);
  }

  @Provide
  Arbitrary<List<List<Step>>> turns() {
    Arbitrary<Step> step =
        Arbitraries.of(Act.PUT, Act.PUT, Act.PUT, Act.REMOVE, Act.PUT_BACK, Act.GET)
            .flatMap(act -> Arbitraries.integers().between(0, KEYS - 1).map(k -> new Step(act, k)));
    return step.list().ofMaxSize(40).list().ofMinSize(1).ofMaxSize(6);
  }

  @Property(tries = 1000)
  @Label("a table that was away is iterated as one that was not")
  void alike(@ForAll("turns") List<List<Step>> turns, @ForAll @IntRange(max = 3) int kind) {
    for (int capacity : new int[] {1, 16, 64}) {
      for (int spread : new int[] {0, 1 << 10}) {
        Held expected = held(kind, capacity, spread);
        Held actual = held(kind, capacity, spread);
        List<String> seen = new ArrayList<>();
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < turns.size(); i++) {
          List<Step> steps = turns.get(i);
          expected.take(steps);
          wanted.add(expected.order());
          if (i % 2 == 0) {
            actual.take(steps);
          } else {
            RoundTrip<Held> trip = new RoundTrip<>(actual);
            seen.add(trip.copy.order());
            wanted.add(wanted.size() - 1, wanted.get(wanted.size() - 2));
            trip.run(h -> h.take(steps)).commit();
          }
          seen.add(actual.order());
        }
        assertThat(seen).isEqualTo(wanted);
      }
    }
  }

  @Example
  @Label("a value that has changed is no access")
  void access() {
    Step first = new Step(Act.PUT, 0);
    Step second = new Step(Act.PUT, 5);
    Step again = new Step(Act.PUT_BACK, 5);
    alike(List.of(List.of(first, first, second), List.of(first, again)), 3);
  }

  @Property(tries = 300)
  @Label("a copy goes on as the original")
  void copies(@ForAll("turns") List<List<Step>> turns, @ForAll @IntRange(max = 5) int kind) {
    for (int capacity : new int[] {1, 16, 64}) {
      for (int spread : new int[] {0, 1 << 10}) {
        Held original = held(kind, capacity, spread);
        Held copy = original;
        for (List<Step> steps : turns) {
          copy = new RoundTrip<>(copy).copy;
          copy.take(steps);
          original.take(steps);
          assertThat(copy.order()).isEqualTo(original.order());
        }
      }
    }
  }

  @Property(tries = 300)
  @Label("of two tasks that change other keys of a table each has its changes")
  void both(
      @ForAll("turns") List<List<Step>> turns,
      @ForAll @IntRange(max = 1) int spread,
      @ForAll @IntRange(max = 2) int kind) {
    Held home = held(kind, 16, spread << 10);
    home.take(turns.get(0));
    Held odd = held(kind, 16, spread << 10);
    odd.take(turns.get(0));
    List<Step> all = new ArrayList<>();
    turns.subList(1, turns.size()).forEach(all::addAll);
    List<Step> ofOdd = all.stream().filter(s -> s.key % 2 == 1).toList();
    List<Step> ofEven = all.stream().filter(s -> s.key % 2 == 0).toList();
    RoundTrip<Held> one = new RoundTrip<>(home);
    RoundTrip<Held> other = new RoundTrip<>(home);
    one.run(h -> h.take(ofOdd)).commit();
    other.run(h -> h.take(ofEven)).commit();
    odd.take(ofOdd);
    odd.take(ofEven);
    assertThat(home.map).isEqualTo(odd.map);
    assertThat(home.set).isEqualTo(odd.set);
  }
}
