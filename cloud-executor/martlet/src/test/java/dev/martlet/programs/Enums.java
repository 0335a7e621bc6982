package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;

import java.math.RoundingMode;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
    Mut.A.n = 0;
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

  enum Town {
    AKITA,
    BERN,
    CADIZ,
    DELFT,
    ESSEN,
    FARO,
    GENT,
    HULL,
    IZMIR,
    JENA,
    KIEL,
    LINZ
  }

  /** Whose constructor is not the compiler's. */
  enum Planet {
    MERCURY(1),
    VENUS(2),
    EARTH(3) {
      @Override
      String letter() {
        return "e";
      }
    },
    MARS(4),
    JUPITER(5),
    SATURN(6),
    URANUS(7),
    NEPTUNE(8);

    final int place;

    Planet(int place) {
      this.place = place * 2 / 2;
    }

    String letter() {
      return name().substring(0, 1);
    }
  }

  static final class Key {
    final Enum<?> of;
    final int n;
    private final int hash;

    Key(Enum<?> of, int n) {
      this.of = of;
      this.n = n;
      hash = Objects.hash(of, n);
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Key k && k.of == of && k.n == n;
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  @Runs(AWAY)
  static Object hashCodesOfConstantsThatKeysKeep(ExecutorService pool) throws Exception {
    List<Enum<?>> constants = new ArrayList<>(List.of(Town.values()));
    constants.addAll(List.of(Planet.values()));
    constants.addAll(List.of(ChronoUnit.values()));
    Map<Key, String> atHome = new HashMap<>();
    for (Enum<?> e : constants) {
      atHome.put(new Key(e, 3), e.name());
    }
    int found = pool.submit(() -> lookUp(atHome)).get();
    Map<Key, String> away =
        pool.submit(
                () -> {
                  Map<Key, String> made = new HashMap<>();
                  for (Town t : Town.values()) made.put(new Key(t, 1), t.name());
                  for (Planet p : Planet.values()) made.put(new Key(p, 1), p.letter());
                  for (DayOfWeek d : DayOfWeek.values()) made.put(new Key(d, 1), d.name());
                  return made;
                })
            .get();
    List<String> seen = new ArrayList<>();
    for (Town t : Town.values()) seen.add(away.get(new Key(t, 1)));
    for (Planet p : Planet.values()) seen.add(away.get(new Key(p, 1)));
    for (DayOfWeek d : DayOfWeek.values()) seen.add(away.get(new Key(d, 1)));
    return List.of(found, seen);
  }

  private static int lookUp(Map<Key, String> map) {
    int found = 0;
    for (Town t : Town.values()) {
      if (t.name().equals(map.get(new Key(t, 3)))) found++;
    }
    for (Planet p : Planet.values()) {
      if (p.name().equals(map.get(new Key(p, 3)))) found++;
    }
    for (ChronoUnit u : ChronoUnit.values()) {
      if (u.name().equals(map.get(new Key(u, 3)))) found++;
    }
    return found;
  }

  @Runs(AWAY)
  static Object orderOfConstantsInHashTables(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              Map<Town, Integer> map = new HashMap<>();
              Set<Planet> set = new HashSet<>();
              for (Town t : Town.values()) map.put(t, t.ordinal());
              for (Planet p : Planet.values()) set.add(p);
              return map.toString() + set + EnumSet.allOf(Town.class) + map.hashCode();
            })
        .get();
  }

  @Runs(AWAY)
  static Object groupsByConstantsPrintedAway(ExecutorService pool) throws Exception {
    List<String> words = List.of("ay", "bee", "cue", "dee", "e", "eff", "gee", "aitch", "i", "jay");
    LocalDate day = LocalDate.of(2024, 2, 26);
    String towns =
        pool.submit(
                () ->
                    words.stream()
                        .collect(
                            Collectors.groupingBy(
                                w -> Town.values()[Math.floorMod(w.hashCode(), 12)],
                                Collectors.counting()))
                        .toString())
            .get();
    String days =
        pool.submit(
                () ->
                    Stream.iterate(day, d -> d.plusDays(1))
                        .limit(7)
                        .collect(Collectors.groupingBy(LocalDate::getDayOfWeek))
                        .toString())
            .get();
    String months =
        pool.submit(
                () -> {
                  Map<Object, Integer> counts = new HashMap<>();
                  for (int i = 0; i < 400; i++) {
                    counts.merge(day.plusDays(i).getMonth(), 1, Integer::sum);
                  }
                  return counts.toString();
                })
            .get();
    return List.of(towns, days, months);
  }

  @Runs(AWAY)
  static Object constantsOfTheJdkInHashTables(ExecutorService pool) throws Exception {
    List<Object> captured = new ArrayList<>(List.of(RoundingMode.values()));
    return List.of(
        pool.submit(() -> new HashSet<>(List.of(TimeUnit.values())).toString()).get(),
        pool.submit(() -> new HashSet<>(captured).toString()).get(),
        pool.submit(() -> new HashMap<>(Map.of(Thread.currentThread().getState(), 1)).toString())
            .get());
  }

  @Runs(AWAY)
  static Object identityHashCodesOfConstants(ExecutorService pool) throws Exception {
    Town captured = Town.FARO;
    int a = pool.submit(() -> captured.hashCode() ^ System.identityHashCode(captured)).get();
    int b = pool.submit(() -> Objects.hash(Town.GENT, captured, Planet.EARTH)).get();
    return List.of(
        a,
        b == Objects.hash(Town.GENT, captured, Planet.EARTH),
        pool.submit(() -> System.identityHashCode(Planet.MARS)).get()
            == System.identityHashCode(Planet.MARS));
  }

  static class Early {
    static ExecutorService pool;
    static int runs;

    static String run(Enum<?> e) {
      try {
        return pool.submit(() -> e.name() + e.ordinal()).get();
      } catch (Exception x) {
        return x.toString();
      }
    }
  }

  enum Early1 {
    A,
    B;
    static final String RESULT = Early.run(B);
  }

  enum Early2 {
    A,
    B;
    static final String RESULT = Early.run(B);
  }

  enum Early3 {
    A,
    B;
    static final String RESULT = Early.run(B);
  }

  enum Early4 {
    A,
    B;
    static final String RESULT = Early.run(B);
  }

  /** An initialiser runs once, so each run of the program has one of its own. */
  @Runs(EITHER)
  static Object taskOfAnInitialiserTakesAConstant(ExecutorService pool) throws Exception {
    Early.pool = pool;
    return switch (Early.runs++) {
      case 0 -> Early1.RESULT;
      case 1 -> Early2.RESULT;
      case 2 -> Early3.RESULT;
      default -> Early4.RESULT;
    };
  }
}
