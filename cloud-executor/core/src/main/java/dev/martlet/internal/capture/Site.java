package dev.martlet.internal.capture;

import dev.martlet.internal.codec.ClassPlan;
import dev.martlet.internal.codec.LambdaShape;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a call site: a lambda's class, or the class of a task. Thread-safe; held by the
 * class, so it goes with it.
 */
public final class Site {
  private static final ClassValue<Site> SITES =
      new ClassValue<>() {
        @Override
        protected Site computeValue(Class<?> type) {
          return new Site(type);
        }
      };

  private static final int LONGEST_NANOS = 200_000;
  private static final int SHORT_NANOS = 50_000;
  private static final int WINDOW_NANOS = 2_000_000;
  private static final int MOST = 4_096;
  private static final int ENOUGH = 8;

  private final Class<?> function;
  private final AtomicBoolean logged = new AtomicBoolean();
  private volatile @Nullable Plan plan;
  private volatile @Nullable String home;
  private volatile boolean alone;

  // Racy on purpose: an estimate.
  private int runs;
  private int meanNanos;

  private Site(Class<?> function) {
    this.function = function;
  }

  static Site of(Class<?> function) {
    return SITES.get(function);
  }

  @Nullable Plan plan() {
    return plan;
  }

  void plan(Plan p) {
    plan = p;
  }

  /** Returns why tasks of this site run at home, whatever they capture, or {@code null}. */
  public @Nullable String home() {
    return home;
  }

  /** Keeps tasks of this site at home from now on. */
  public void stayHome(String reason) {
    home = reason;
  }

  /** Keeps tasks of this site from running side by side in one realm from now on. */
  public void stayAlone() {
    alone = true;
  }

  boolean isAlone() {
    return alone;
  }

  /** A task ran for so long. */
  public void ran(long nanos) {
    int n = (int) Math.max(0, Math.min(nanos, LONGEST_NANOS));
    meanNanos = runs == 0 ? n : meanNanos + (n - meanNanos) / 8;
    if (runs < ENOUGH) {
      runs++;
    }
  }

  /** Returns how many tasks of this site may wait on a worker: as many as run in a moment. */
  public int ahead() {
    int mean = meanNanos;
    return runs < ENOUGH || mean > SHORT_NANOS ? 0 : Math.min(MOST, WINDOW_NANOS / (mean + 1));
  }

  /** Returns whether this is the first time that something is to be said of the site. */
  public boolean firstLog() {
    return logged.compareAndSet(false, true);
  }

  /** Returns the site's name, for a person. */
  @Override
  public String toString() {
    LambdaShape shape = function.isHidden() ? ClassPlan.of(function).shape() : null;
    if (shape == null) {
      return function.getName();
    }
    return (shape.isBody() ? "" : "the method reference ")
        + shape.owner().getName()
        + "."
        + shape.name();
  }
}
