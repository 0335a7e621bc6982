package dev.martlet.programs;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleUnaryOperator;

/** Numerical programs by fork and join. */
@SuppressWarnings("serial")
final class ForkNumbers {
  private ForkNumbers() {}

  static double[][] matrix(int n, long seed) {
    Random random = new Random(seed);
    double[][] m = new double[n][n];
    for (double[] row : m) {
      Arrays.setAll(row, i -> random.nextInt(10));
    }
    return m;
  }

  static class Multiply extends RecursiveAction {
    private final double[][] a;
    private final double[][] b;
    private final double[][] c;
    private final int fromRow;
    private final int toRow;

    Multiply(double[][] a, double[][] b, double[][] c, int fromRow, int toRow) {
      this.a = a;
      this.b = b;
      this.c = c;
      this.fromRow = fromRow;
      this.toRow = toRow;
    }

    @Override
    protected void compute() {
      if (toRow - fromRow <= 4) {
        for (int i = fromRow; i < toRow; i++) {
          for (int j = 0; j < b[0].length; j++) {
            double sum = 0;
            for (int k = 0; k < b.length; k++) {
              sum += a[i][k] * b[k][j];
            }
            c[i][j] = sum;
          }
        }
      } else {
        int mid = (fromRow + toRow) / 2;
        invokeAll(new Multiply(a, b, c, fromRow, mid), new Multiply(a, b, c, mid, toRow));
      }
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object multiplyMatrices(ForkJoinPool pool) {
    double[][] c = new double[48][48];
    pool.invoke(new Multiply(matrix(48, 1), matrix(48, 2), c, 0, 48));
    return c;
  }

  @Forks
  static Object multiplyIntoItsOwnRows(ForkJoinPool pool) {
    double[][] a = matrix(16, 3);
    double[][] b = matrix(16, 4);
    double[][] rows = new double[16][];
    List<RecursiveAction> all = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      int row = i;
      all.add(
          new RecursiveAction() {
            @Override
            protected void compute() {
              rows[row] = new double[16];
              for (int j = 0; j < 16; j++) {
                for (int k = 0; k < 16; k++) {
                  rows[row][j] += a[row][k] * b[k][j];
                }
              }
            }
          });
    }
    pool.submit(() -> ForkJoinTask.invokeAll(all)).join();
    return rows;
  }

  static final class Strassen extends RecursiveTask<double[][]> {
    final double[][] a;
    final double[][] b;

    Strassen(double[][] a, double[][] b) {
      this.a = a;
      this.b = b;
    }

    static double[][] part(double[][] m, int row, int column) {
      int h = m.length / 2;
      double[][] p = new double[h][];
      for (int i = 0; i < h; i++) {
        p[i] = Arrays.copyOfRange(m[row * h + i], column * h, column * h + h);
      }
      return p;
    }

    static double[][] plus(double[][] x, double[][] y, int sign) {
      double[][] z = new double[x.length][x.length];
      for (int i = 0; i < x.length; i++) {
        for (int j = 0; j < x.length; j++) {
          z[i][j] = x[i][j] + sign * y[i][j];
        }
      }
      return z;
    }

    @Override
    protected double[][] compute() {
      int n = a.length;
      if (n == 1) {
        return new double[][] {{a[0][0] * b[0][0]}};
      }
      double[][] a11 = part(a, 0, 0);
      double[][] a12 = part(a, 0, 1);
      double[][] a21 = part(a, 1, 0);
      double[][] a22 = part(a, 1, 1);
      double[][] b11 = part(b, 0, 0);
      double[][] b12 = part(b, 0, 1);
      double[][] b21 = part(b, 1, 0);
      double[][] b22 = part(b, 1, 1);
      Strassen[] m = {
        new Strassen(plus(a11, a22, 1), plus(b11, b22, 1)),
        new Strassen(plus(a21, a22, 1), b11),
        new Strassen(a11, plus(b12, b22, -1)),
        new Strassen(a22, plus(b21, b11, -1)),
        new Strassen(plus(a11, a12, 1), b22),
        new Strassen(plus(a21, a11, -1), plus(b11, b12, 1)),
        new Strassen(plus(a12, a22, -1), plus(b21, b22, 1))
      };
      for (Strassen s : m) {
        s.fork();
      }
      double[][][] p = new double[7][][];
      for (int i = 6; i >= 0; i--) {
        p[i] = m[i].join();
      }
      double[][] c11 = plus(plus(plus(p[0], p[3], 1), p[4], -1), p[6], 1);
      double[][] c12 = plus(p[2], p[4], 1);
      double[][] c21 = plus(p[1], p[3], 1);
      double[][] c22 = plus(plus(plus(p[0], p[1], -1), p[2], 1), p[5], 1);
      double[][] c = new double[n][n];
      int h = n / 2;
      for (int i = 0; i < h; i++) {
        System.arraycopy(c11[i], 0, c[i], 0, h);
        System.arraycopy(c12[i], 0, c[i], h, h);
        System.arraycopy(c21[i], 0, c[i + h], 0, h);
        System.arraycopy(c22[i], 0, c[i + h], h, h);
      }
      return c;
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object strassen(ForkJoinPool pool) {
    return pool.invoke(new Strassen(matrix(16, 5), matrix(16, 6)));
  }

  /** A step for all rows below the pivot. */
  static class Eliminate extends RecursiveAction {
    final double[][] m;
    final int pivot;
    final int from;
    final int to;

    Eliminate(double[][] m, int pivot, int from, int to) {
      this.m = m;
      this.pivot = pivot;
      this.from = from;
      this.to = to;
    }

    @Override
    protected void compute() {
      if (to - from > 6) {
        int mid = (from + to) / 2;
        Eliminate left = new Eliminate(m, pivot, from, mid);
        left.fork();
        new Eliminate(m, pivot, mid, to).invoke();
        left.join();
        return;
      }
      for (int i = from; i < to; i++) {
        double factor = m[i][pivot] / m[pivot][pivot];
        m[i][pivot] = factor;
        for (int j = pivot + 1; j < m.length; j++) {
          m[i][j] -= factor * m[pivot][j];
        }
      }
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object luDecomposition(ForkJoinPool pool) {
    double[][] m = matrix(24, 7);
    for (int i = 0; i < m.length; i++) {
      m[i][i] += 100;
    }
    for (int k = 0; k < m.length - 1; k++) {
      pool.invoke(new Eliminate(m, k, k + 1, m.length));
    }
    return m;
  }

  record Complex(double re, double im) {
    Complex plus(Complex o) {
      return new Complex(re + o.re, im + o.im);
    }

    Complex minus(Complex o) {
      return new Complex(re - o.re, im - o.im);
    }

    Complex times(Complex o) {
      return new Complex(re * o.re - im * o.im, re * o.im + im * o.re);
    }
  }

  static class Fft extends RecursiveTask<Complex[]> {
    private final Complex[] x;

    Fft(Complex[] x) {
      this.x = x;
    }

    @Override
    protected Complex[] compute() {
      int n = x.length;
      if (n == 1) {
        return new Complex[] {x[0]};
      }
      Complex[] even = new Complex[n / 2];
      Complex[] odd = new Complex[n / 2];
      for (int i = 0; i < n / 2; i++) {
        even[i] = x[2 * i];
        odd[i] = x[2 * i + 1];
      }
      Fft q = new Fft(even);
      Fft r = new Fft(odd);
      invokeAll(q, r);
      Complex[] y = new Complex[n];
      for (int k = 0; k < n / 2; k++) {
        double w = -2 * k * StrictMath.PI / n;
        Complex t = new Complex(StrictMath.cos(w), StrictMath.sin(w)).times(r.join()[k]);
        y[k] = q.join()[k].plus(t);
        y[k + n / 2] = q.join()[k].minus(t);
      }
      return y;
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object fft(ForkJoinPool pool) {
    Complex[] x = new Complex[128];
    Arrays.setAll(x, i -> new Complex(i % 5, 0));
    return pool.invoke(new Fft(x));
  }

  /** Jacobi's method by trees that are built once and computed again and again. */
  abstract static class Node extends RecursiveAction {
    double largest;
  }

  static final class Inner extends Node {
    private final Node[] parts;

    Inner(Node... parts) {
      this.parts = parts;
    }

    @Override
    protected void compute() {
      for (Node n : parts) {
        n.reinitialize();
      }
      invokeAll(parts);
      largest = 0;
      for (Node n : parts) {
        largest = Math.max(largest, n.largest);
      }
    }
  }

  static final class Strip extends Node {
    private final double[][] a;
    private final double[][] b;
    private final int from;
    private final int to;
    private int steps;

    Strip(double[][] a, double[][] b, int from, int to) {
      this.a = a;
      this.b = b;
      this.from = from;
      this.to = to;
    }

    @Override
    protected void compute() {
      boolean forward = (steps++ & 1) == 0;
      double[][] source = forward ? a : b;
      double[][] target = forward ? b : a;
      double most = 0;
      for (int i = from; i < to; i++) {
        for (int j = 1; j < a.length - 1; j++) {
          double v =
              0.25 * (source[i - 1][j] + source[i + 1][j] + source[i][j - 1] + source[i][j + 1]);
          most = Math.max(most, Math.abs(v - source[i][j]));
          target[i][j] = v;
        }
      }
      largest = most;
    }
  }

  @Forks
  static Object jacobiByReinitializedTrees(ForkJoinPool pool) {
    int n = 18;
    double[][] a = new double[n][n];
    Arrays.fill(a[0], 100);
    double[][] b = new double[n][];
    for (int i = 0; i < n; i++) {
      b[i] = a[i].clone();
    }
    Node[] strips = new Node[4];
    for (int i = 0; i < 4; i++) {
      strips[i] = new Strip(a, b, 1 + 4 * i, 5 + 4 * i);
    }
    Inner root = new Inner(new Inner(strips[0], strips[1]), new Inner(strips[2], strips[3]));
    List<Double> changes = new ArrayList<>();
    for (int step = 0; step < 12; step++) {
      root.reinitialize();
      pool.invoke(root);
      changes.add(root.largest);
    }
    return List.of(changes, a, b);
  }

  static class Integrate extends RecursiveTask<Double> {
    private final DoubleUnaryOperator f;
    private final double left;
    private final double right;
    private final double area;

    Integrate(DoubleUnaryOperator f, double left, double right, double area) {
      this.f = f;
      this.left = left;
      this.right = right;
      this.area = area;
    }

    @Override
    protected Double compute() {
      double mid = (left + right) / 2;
      double l = (f.applyAsDouble(left) + f.applyAsDouble(mid)) * (mid - left) / 2;
      double r = (f.applyAsDouble(mid) + f.applyAsDouble(right)) * (right - mid) / 2;
      if (Math.abs(l + r - area) < 1e-6) {
        return l + r;
      }
      Integrate first = new Integrate(f, left, mid, l);
      Integrate second = new Integrate(f, mid, right, r);
      second.fork();
      return first.compute() + second.join();
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object adaptiveIntegration(ForkJoinPool pool) {
    double a = 3;
    return List.of(
        pool.invoke(new Integrate(x -> x * x + a, 0, 4, 0)),
        pool.invoke(new Integrate(Math::sqrt, 0, 1, 0)));
  }

  static class Factorial extends RecursiveTask<BigInteger> {
    private final int from;
    private final int to;

    Factorial(int from, int to) {
      this.from = from;
      this.to = to;
    }

    @Override
    protected BigInteger compute() {
      if (to - from < 5) {
        BigInteger p = BigInteger.ONE;
        for (int i = from; i <= to; i++) {
          p = p.multiply(BigInteger.valueOf(i));
        }
        return p;
      }
      int mid = (from + to) / 2;
      ForkJoinTask<BigInteger> l = new Factorial(from, mid).fork();
      ForkJoinTask<BigInteger> r = new Factorial(mid + 1, to).fork();
      return r.join().multiply(l.join());
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object factorial(ForkJoinPool pool) throws Exception {
    return pool.submit(new Factorial(1, 300)).get();
  }

  static class Count extends RecursiveAction {
    private final LongAdder primes;
    private final DoubleAdder halves;
    private final LongAccumulator largest;
    private final AtomicLongArray last;
    private final int from;
    private final int to;

    Count(
        LongAdder primes,
        DoubleAdder halves,
        LongAccumulator largest,
        AtomicLongArray last,
        int from,
        int to) {
      this.primes = primes;
      this.halves = halves;
      this.largest = largest;
      this.last = last;
      this.from = from;
      this.to = to;
    }

    @Override
    protected void compute() {
      if (to - from > 50) {
        int mid = (from + to) >>> 1;
        invokeAll(
            new Count(primes, halves, largest, last, from, mid),
            new Count(primes, halves, largest, last, mid, to));
        return;
      }
      for (int i = from; i < to; i++) {
        if (BigInteger.valueOf(i).isProbablePrime(20)) {
          primes.increment();
          halves.add(0.5);
          largest.accumulate(i);
          last.incrementAndGet(i % 10);
        }
      }
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object countersOfAllKinds(ForkJoinPool pool) {
    LongAdder primes = new LongAdder();
    DoubleAdder halves = new DoubleAdder();
    LongAccumulator largest = new LongAccumulator(Math::max, 0);
    AtomicLongArray last = new AtomicLongArray(10);
    pool.invoke(new Count(primes, halves, largest, last, 0, 2_000));
    return List.of(primes.sum(), halves.sum(), largest.get(), last.toString());
  }

  static class GameOfLife extends RecursiveAction {
    private final boolean[][] from;
    private final boolean[][] to;
    private final int lo;
    private final int hi;

    GameOfLife(boolean[][] from, boolean[][] to, int lo, int hi) {
      this.from = from;
      this.to = to;
      this.lo = lo;
      this.hi = hi;
    }

    @Override
    protected void compute() {
      if (hi - lo > 8) {
        int mid = (lo + hi) >>> 1;
        invokeAll(new GameOfLife(from, to, lo, mid), new GameOfLife(from, to, mid, hi));
        return;
      }
      int n = from.length;
      for (int i = lo; i < hi; i++) {
        for (int j = 0; j < n; j++) {
          int alive = 0;
          for (int d = 0; d < 9; d++) {
            if (d != 4 && from[(i + d / 3 - 1 + n) % n][(j + d % 3 - 1 + n) % n]) {
              alive++;
            }
          }
          to[i][j] = alive == 3 || (alive == 2 && from[i][j]);
        }
      }
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object gameOfLife(ForkJoinPool pool) {
    boolean[][] now = new boolean[32][32];
    now[1][2] = now[2][3] = now[3][1] = now[3][2] = now[3][3] = true;
    for (int i = 0; i < 10; i++) {
      boolean[][] next = new boolean[32][32];
      pool.invoke(new GameOfLife(now, next, 0, 32));
      now = next;
    }
    return now;
  }

  static class Blur extends RecursiveAction {
    private static final int LIMIT = 300;
    private final int[] source;
    private final int start;
    private final int length;
    private final int[] target;

    Blur(int[] source, int start, int length, int[] target) {
      this.source = source;
      this.start = start;
      this.length = length;
      this.target = target;
    }

    protected void computeDirectly() {
      for (int i = start; i < start + length; i++) {
        int sum = 0;
        for (int j = -7; j <= 7; j++) {
          sum += source[Math.min(Math.max(j + i, 0), source.length - 1)];
        }
        target[i] = sum / 15;
      }
    }

    @Override
    protected void compute() {
      if (length < LIMIT) {
        computeDirectly();
        return;
      }
      int split = length / 2;
      invokeAll(
          new Blur(source, start, split, target),
          new Blur(source, start + split, length - split, target));
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object blurAsInTheTutorial(ForkJoinPool pool) {
    int[] target = new int[5_000];
    pool.invoke(new Blur(ForkSorts.numbers(5_000, 9), 0, 5_000, target));
    return target;
  }
}
