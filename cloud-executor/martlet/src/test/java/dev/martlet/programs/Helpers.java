package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.HOME;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Helpers that submit what they are given: one site, many users. */
final class Helpers {
  private Helpers() {}

  static <T> List<T> n(ExecutorService pool, int n, IntFunction<T> f) throws Exception {
    List<Future<T>> fs = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int k = i;
      fs.add(pool.submit(() -> f.apply(k)));
    }
    List<T> r = new ArrayList<>();
    for (Future<T> x : fs) r.add(x.get());
    return r;
  }

  interface Store {
    int next();
  }

  static class Plain implements Store {
    int n = 5;

    public int next() {
      return n;
    }
  }

  static class Locked implements Store {
    int n;

    public synchronized int next() {
      return ++n;
    }
  }

  static class Seq implements Store {
    final AtomicInteger n = new AtomicInteger();

    public int next() {
      return n.incrementAndGet();
    }
  }

  static class Service {
    final Store s;

    Service(Store s) {
      this.s = s;
    }

    int ask(int i) {
      return s.next();
    }
  }

  static List<Integer> run(ExecutorService pool, Service s) throws Exception {
    return n(pool, 3, s::ask);
  }

  static void fill(ExecutorService pool, Map<Integer, Integer> m) throws Exception {
    List<Future<?>> fs = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int k = i;
      fs.add(pool.submit(() -> m.put(k, m.size() > 100 ? 0 : k)));
    }
    for (Future<?> f : fs) f.get();
  }

  @Runs(HOME)
  static Object a1(ExecutorService pool) throws Exception {
    List<Integer> l = new ArrayList<>(run(pool, new Service(new Locked())));
    Collections.sort(l);
    return l;
  }

  @Runs(AWAY)
  static Object a2(ExecutorService pool) throws Exception {
    return run(pool, new Service(new Plain()));
  }

  @Runs(HOME)
  static Object a3(ExecutorService pool) throws Exception {
    List<Integer> l = new ArrayList<>(run(pool, new Service(new Seq())));
    Collections.sort(l);
    return l;
  }

  @Runs(AWAY)
  static Object a4(ExecutorService pool) throws Exception {
    return run(pool, new Service(new Plain()));
  }

  @Runs(AWAY)
  static Object a5(ExecutorService pool) throws Exception {
    return run(pool, new Service(() -> 7));
  }

  // generic Task class
  static class Job<A, B> implements Callable<B> {
    final Function<A, B> f;
    final A a;

    Job(Function<A, B> f, A a) {
      this.f = f;
      this.a = a;
    }

    public B call() {
      return f.apply(a);
    }
  }

  @Runs(HOME)
  static Object b1(ExecutorService pool) throws Exception {
    AtomicInteger ids = new AtomicInteger();
    return pool.submit(new Job<>(x -> x + ids.incrementAndGet(), 1)).get();
  }

  @Runs(AWAY)
  static Object b2(ExecutorService pool) throws Exception {
    return pool.submit(new Job<>(x -> x + 1, 1)).get();
  }

  @Runs(HOME)
  static Object c1(ExecutorService pool) throws Exception {
    ConcurrentHashMap<Integer, Integer> m = new ConcurrentHashMap<>();
    fill(pool, m);
    return m;
  }

  @Runs(AWAY)
  @Sequential
  static Object c2(ExecutorService pool) throws Exception {
    Map<Integer, Integer> m = new HashMap<>();
    fill(pool, m);
    return m;
  }
}
