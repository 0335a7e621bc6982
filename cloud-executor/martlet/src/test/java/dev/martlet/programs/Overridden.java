package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Support.all;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;

/** Methods that are called by the name of a type far above the object's, or by the JDK. */
final class Overridden {
  private Overridden() {}

  private interface Expr {}

  private record Num(int value) implements Expr {}

  private record Add(Expr left, Expr right) implements Expr {}

  private static final class Named {
    final Expr expr;
    final String name;

    Named(Expr expr, String name) {
      this.expr = expr;
      this.name = name;
    }

    @Override
    public String toString() {
      return name + expr;
    }

    @Override
    public int hashCode() {
      return Objects.hash(expr, name);
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Named n && n.expr.equals(expr) && n.name.equals(name);
    }
  }

  private static Expr sum() {
    return new Add(new Num(1), new Add(new Num(2), new Num(3)));
  }

  @Runs(AWAY)
  static Object methodsOfObject(ExecutorService pool) throws Exception {
    Expr expr = sum();
    Object named = new Named(expr, "x");
    Callable<String> text = expr::toString;
    Callable<Integer> hash = named::hashCode;
    Callable<String> namedText = named::toString;
    return all(pool.submit(text).get(), pool.submit(hash).get(), pool.submit(namedText).get());
  }

  @Runs(AWAY)
  static Object recordsInContainers(ExecutorService pool) throws Exception {
    List<Expr> list = new ArrayList<>(List.of(sum()));
    Map<Expr, Named> map = new HashMap<>(Map.of(sum(), new Named(sum(), "q")));
    Callable<String> text = list::toString;
    Callable<Integer> hash = list::hashCode;
    Callable<String> mapText = map::toString;
    Callable<Integer> mapHash = map::hashCode;
    return all(
        pool.submit(text).get(),
        pool.submit(hash).get(),
        pool.submit(mapText).get(),
        pool.submit(mapHash).get());
  }

  private static final class Repeated extends AbstractList<Expr> {
    private final Expr expr = sum();

    @Override
    public Expr get(int i) {
      return expr;
    }

    @Override
    public int size() {
      return 3;
    }
  }

  @Runs(AWAY)
  static Object ownLists(ExecutorService pool) throws Exception {
    List<Expr> list = new Repeated();
    Callable<String> text = list::toString;
    Callable<Integer> hash = list::hashCode;
    return all(
        pool.submit(text).get(),
        pool.submit(hash).get(),
        pool.submit(() -> list.contains(sum())).get());
  }

  private abstract static class Maker<T> {
    abstract T make();
  }

  private static final class TextMaker extends Maker<String> {
    private final Expr expr = sum();

    @Override
    String make() {
      return expr.toString();
    }
  }

  @Runs(AWAY)
  static Object bridgedMethods(ExecutorService pool) throws Exception {
    Maker<String> maker = new TextMaker();
    return pool.submit(maker::make).get();
  }

  private static class Outer {
    private final List<Integer> numbers = new ArrayList<>(List.of(4));

    @Override
    public String toString() {
      return "outer" + numbers;
    }
  }

  private static final class Inner extends Outer {
    private final String mark = "!";

    @Override
    public String toString() {
      return super.toString() + mark;
    }
  }

  @Runs(AWAY)
  static Object referencesToReferences(ExecutorService pool) throws Exception {
    Object inner = new Inner();
    Supplier<String> text = inner::toString;
    return pool.submit(text::get).get();
  }
}
