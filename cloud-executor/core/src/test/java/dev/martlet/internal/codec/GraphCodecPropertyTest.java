package dev.martlet.internal.codec;

import static dev.martlet.internal.codec.TestSpace.copy;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

@SuppressWarnings({"unchecked", "rawtypes", "JdkObsolete"})
class GraphCodecPropertyTest {

  /** A container of any kind, which knows how to take and list its parts in order. */
  private static Object node(int kind, Random r) {
    return switch (kind) {
      case 0 -> new ArrayList<>();
      case 1 -> new LinkedList<>();
      case 2 -> new Object[r.nextInt(4)];
      case 3 -> new HashMap<>();
      case 4 -> new LinkedHashMap<>(4, 0.5f, r.nextBoolean());
      case 5 -> new TreeMap<>();
      case 6 -> new AtomicReference<>();
      case 7 -> new ArrayDeque<>();
      case 8 -> new ConcurrentHashMap<>();
      case 9 -> new IdentityHashMap<>();
      case 10 -> new CopyOnWriteArrayList<>();
      case 11 -> new ConcurrentLinkedQueue<>();
      case 12 -> new Hashtable<>();
      case 13 -> new Vector<>();
      default -> new Holder();
    };
  }

  private static final class Holder {
    Object a;
    Object b;
    int n;
  }

  private static Object leaf(Random r) {
    return switch (r.nextInt(9)) {
      case 0 -> r.nextInt();
      case 1 -> r.nextLong();
      case 2 -> "s" + r.nextInt(50);
      case 3 -> r.nextDouble();
      case 4 -> Thread.State.values()[r.nextInt(6)];
      case 5 -> String.class;
      case 6 -> new int[] {r.nextInt(), 2};
      case 7 -> Optional.of("o" + r.nextInt(3));
      default -> List.of("l", r.nextInt());
    };
  }

  private static Object graph(long seed, int size) {
    Random r = new Random(seed);
    List<Object> nodes = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      nodes.add(node(r.nextInt(15), r));
    }
    for (Object n : nodes) {
      for (int k = r.nextInt(5); k > 0; k--) {
        Object part = r.nextInt(3) == 0 ? leaf(r) : nodes.get(r.nextInt(size));
        String key = ("k" + r.nextInt(100)).intern();
        if (n instanceof Map m) {
          m.put(key, part);
        } else if (n instanceof Collection c) {
          c.add(part);
        } else if (n instanceof Object[] a && a.length > 0) {
          a[r.nextInt(a.length)] = part;
        } else if (n instanceof AtomicReference ref) {
          ref.set(part);
        } else if (n instanceof Holder h) {
          h.n = r.nextInt();
          h.b = h.a;
          h.a = part;
        }
      }
    }
    return nodes.toArray();
  }

  private static List<Object> parts(Object o) {
    List<Object> parts = new ArrayList<>();
    if (o instanceof IdentityHashMap<?, ?> m) {
      Map<String, Object> sorted = new TreeMap<>();
      m.forEach((k, v) -> sorted.put(k.toString(), v));
      parts.addAll(sorted.keySet());
      parts.addAll(sorted.values());
    } else if (o instanceof Map<?, ?> m) {
      m.forEach(
          (k, v) -> {
            parts.add(k);
            parts.add(v);
          });
    } else if (o instanceof Collection<?> c) {
      parts.addAll(c);
    } else if (o instanceof Object[] a) {
      parts.addAll(Arrays.asList(a));
    } else if (o instanceof AtomicReference<?> ref) {
      parts.add(ref.get());
    } else if (o instanceof Holder h) {
      parts.addAll(Arrays.asList(h.a, h.b, h.n));
    }
    return parts;
  }

  /**
   * Two graphs are alike if a walk over both meets equal leaves, and the same object again alike.
   */
  private static void assertAlike(Object left, Object right) {
    Map<Object, Object> met = new IdentityHashMap<>();
    Map<Object, Object> back = new IdentityHashMap<>();
    Deque<Object[]> todo = new ArrayDeque<>();
    todo.push(new Object[] {left, right});
    while (!todo.isEmpty()) {
      Object[] pair = todo.pop();
      Object a = pair[0];
      Object b = pair[1];
      if (a == null || b == null) {
        assertThat(b).isSameAs(a);
        continue;
      }
      assertThat(b.getClass()).isSameAs(a.getClass());
      if (a instanceof Number || a instanceof Optional || a instanceof Enum || a instanceof Class) {
        assertThat(b).isEqualTo(a);
        continue;
      }
      if (met.containsKey(a) || back.containsKey(b)) {
        assertThat(met.get(a)).isSameAs(b);
        assertThat(back.get(b)).isSameAs(a);
        continue;
      }
      met.put(a, b);
      back.put(b, a);
      if (a instanceof int[] x) {
        assertThat((int[]) b).isEqualTo(x);
      } else if (a instanceof String) {
        assertThat(b).isEqualTo(a);
      } else {
        List<Object> p = parts(a);
        List<Object> q = parts(b);
        assertThat(q).hasSameSizeAs(p);
        for (int i = 0; i < p.size(); i++) {
          todo.push(new Object[] {p.get(i), q.get(i)});
        }
      }
    }
  }

  @Property(tries = 500)
  @Label("a copy of any graph has its values, its order, its sharing and its cycles")
  void alike(@ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int size) throws Exception {
    Object g = graph(seed, size);
    Object c = TestSpace.decode(TestSpace.encode(g), Trust.FULL);
    assertAlike(g, c);
    assertAlike(c, copy(c));
  }

  @Property(tries = 3000)
  @Label("any damaged bytes give a value or a CodecException")
  void damaged(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 12) int size,
      @ForAll @IntRange(min = 0, max = 5) int flips,
      @ForAll boolean cut)
      throws Exception {
    Random r = new Random(seed);
    Supplier<Object> lambda = () -> size;
    Object g =
        new Object[] {
          graph(seed, size),
          lambda,
          new IllegalStateException("x"),
          Set.of(1, 2, 3),
          new Random(1),
          Locale.US,
          java.time.LocalDate.of(2020, 1, 1),
          Thread.State.NEW
        };
    byte[] bytes = TestSpace.encode(g);
    for (int i = 0; i < flips; i++) {
      bytes[r.nextInt(bytes.length)] = (byte) r.nextInt();
    }
    if (cut) {
      bytes = Arrays.copyOf(bytes, r.nextInt(bytes.length));
    }
    for (Trust trust : new Trust[] {Trust.INBOUND, Trust.FULL}) {
      boolean intact = flips == 0 && !cut;
      try {
        Object c = TestSpace.decode(bytes, trust);
        assertThat(!intact || c instanceof Object[]).isTrue();
      } catch (CodecException e) {
        assertThat(intact).isFalse();
      }
    }
  }

  @Property(tries = 200)
  @Label("any captures at one call site arrive")
  boolean captures(
      @ForAll int i,
      @ForAll long l,
      @ForAll String s,
      @ForAll double d,
      @ForAll boolean z,
      @ForAll char c,
      @ForAll byte b,
      @ForAll short h,
      @ForAll float f,
      @ForAll List<String> list) {
    Supplier<List<Object>> all = () -> Arrays.asList(i, l, s, d, z, c, b, h, f, list);
    return copy(all).get().equals(all.get());
  }
}
