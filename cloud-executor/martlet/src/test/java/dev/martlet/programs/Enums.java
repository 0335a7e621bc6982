package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Enums whose constants have state, or whose constructors do more than keep it. */
final class Enums {
  private Enums() {}

  enum Reg {
    A,
    B;
    final int id;
    int n;
    static int next = 100;
    static final List<String> LOG = new ArrayList<>();

    Reg() {
      id = Counter.next();
    }

    void inc() {
      n++;
    }

    int get() {
      return n;
    }
  }

  static class Counter {
    static int c;

    static int next() {
      return ++c;
    }
  }

  enum Late {
    X("x"),
    Y("y");
    final String s;

    Late(String s) {
      this.s = s;
      Counter2.made++;
    }
  }

  static class Counter2 {
    static int made;
  }

  enum Mut {
    A,
    B,
    C {
      @Override
      int f() {
        return n * 10;
      }
    };
    int n;

    int f() {
      return n;
    }
  }

  @Runs(AWAY)
  static Object enumConstructorCountsAtHome(ExecutorService pool) throws Exception {
    Reg r = Reg.A;
    int c = Counter.c;
    int a = pool.submit(() -> Reg.A.id * 10 + Reg.B.id).get();
    int b = pool.submit(() -> r.id + Reg.values().length).get();
    return List.of(a, b, Counter.c - c, pool.submit(() -> Counter.c).get() - c);
  }

  @Runs(AWAY)
  static Object enumFirstUsedByTasks(ExecutorService pool) throws Exception {
    List<Future<String>> l = new ArrayList<>();
    for (int i = 0; i < 6; i++) l.add(pool.submit(() -> Late.X.s + Late.valueOf("Y").s));
    StringBuilder sb = new StringBuilder();
    for (Future<String> f : l) sb.append(f.get());
    return sb + " " + Counter2.made;
  }

  @Runs(AWAY)
  static Object mutableEnumByName(ExecutorService pool) throws Exception {
    List<Object> r = new ArrayList<>();
    for (Mut m : Mut.values()) m.n = 0;
    for (int i = 1; i <= 3; i++) {
      Mut.A.n = i;
      Mut.C.n = i * 7;
      r.add(pool.submit(() -> Mut.valueOf("A").f() + Mut.valueOf("C").f()).get());
      r.add(
          pool.submit(
                  () -> {
                    int s = 0;
                    for (Mut m : EnumSet.allOf(Mut.class)) {
                      s += m.f();
                      m.n++;
                    }
                    return s;
                  })
              .get());
      r.add(Mut.A.n + Mut.B.n * 100 + Mut.C.n * 10000);
      r.add(
          pool.submit(
                  () -> {
                    int s = 0;
                    for (Mut m : Mut.class.getEnumConstants()) s += m.f();
                    return s;
                  })
              .get());
      EnumSet<Mut> none = EnumSet.noneOf(Mut.class);
      r.add(
          pool.submit(
                  () -> {
                    int s = 0;
                    for (Mut m : EnumSet.complementOf(none)) {
                      s += m.f();
                      m.n++;
                    }
                    return s;
                  })
              .get());
      r.add(
          pool.submit(
                  () -> {
                    EnumMap<Mut, Integer> em = new EnumMap<>(Mut.class);
                    for (Mut m : EnumSet.range(Mut.A, Mut.C)) em.put(m, m.n);
                    return em;
                  })
              .get());
    }
    return r;
  }

  @Runs(AWAY)
  static Object enumMapsTravel(ExecutorService pool) throws Exception {
    EnumMap<Mut, List<String>> m = new EnumMap<>(Mut.class);
    m.put(Mut.B, new ArrayList<>(List.of("b")));
    Mut.B.n = 5;
    pool.submit(
            () -> {
              m.computeIfAbsent(Mut.C, k -> new ArrayList<>()).add("c" + Mut.B.n);
              m.get(Mut.B).add("bb");
            })
        .get();
    Set<Mut> s = EnumSet.of(Mut.A);
    pool.submit(() -> s.add(Mut.C)).get();
    Map<Mut, Integer> h = new HashMap<>(Map.of(Mut.A, 1));
    pool.submit(() -> h.merge(Mut.A, 5, Integer::sum)).get();
    TreeMap<Mut, String> t = new TreeMap<>(Map.of(Mut.C, "c", Mut.A, "a"));
    return List.of(
        m.toString(),
        s.toString(),
        h.toString(),
        pool.submit(() -> t.firstKey().n + t.toString()).get());
  }
}
