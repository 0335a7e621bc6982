package dev.martlet.internal.capture;

import dev.martlet.internal.codec.ClassPlan;
import dev.martlet.internal.codec.FieldSlot;
import dev.martlet.internal.codec.LambdaShape;
import dev.martlet.internal.effects.JdkTable;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a call site: a lambda's class, or the class of a task. Thread-safe; held by the
 * class, so it goes with it.
 *
 * <p>A helper that submits what it is given is one class for all who use it. So where a function
 * holds other functions, objects of the application or thread-safe objects, each combination of
 * their classes is a site of its own: that one user's tasks have to stay at home says nothing of
 * another's.
 */
public final class Site {
  private static final ClassValue<Site> SITES =
      new ClassValue<>() {
        @Override
        protected Site computeValue(Class<?> type) {
          return new Site(type, new AtomicBoolean(), new AtomicBoolean(), NONE);
        }
      };

  private static final int LONGEST_NANOS = 200_000;
  private static final int SHORT_NANOS = 50_000;
  private static final int WINDOW_NANOS = 2_000_000;

  // Where an invocation takes milliseconds.
  private static final int LONGEST_FAR_MICROS = 100_000;
  private static final int SHORT_FAR_MICROS = 20_000;
  private static final int WINDOW_FAR_MICROS = 100_000;
  private static final int MOST = 4_096;
  private static final int ENOUGH = 8;
  private static final int DEPTH = 3;
  private static final int VARIANTS = 64;
  private static final Class<?>[] NONE = {};

  /** Whether the class of what a function holds tells what its tasks do. */
  private static final ClassValue<Boolean> TELLING =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          return type.isHidden()
              || JdkTable.synchronises(type)
              || !(type.isArray() || JdkTable.isJdk(Hierarchy.internalName(type)));
        }
      };

  private final Class<?> function;
  private final @Nullable String name;
  private final AtomicBoolean logged;
  private final AtomicBoolean late;
  private final Class<?>[] held;
  private final Map<List<Class<?>>, Site> variants = new ConcurrentHashMap<>();
  private final Map<Set<Class<?>>, Plan> own = new ConcurrentHashMap<>();
  private volatile @Nullable Site latest;
  private volatile FieldSlot @Nullable [] holders;
  private volatile @Nullable Plan plan;
  private volatile @Nullable String home;
  private volatile boolean alone;

  // Racy on purpose: an estimate.
  private int runs;
  private int meanNanos;
  private int meanMicros;

  private Site(Class<?> function, AtomicBoolean logged, AtomicBoolean late, Class<?>[] held) {
    this.function = function;
    this.name = null;
    this.logged = logged;
    this.late = late;
    this.held = held;
  }

  /**
   * Creates the call site of functions that say themselves where they are from.
   *
   * @param name what they are, for a person
   * @param logged whether anything has been said of it, which several sites may share
   */
  public Site(String name, AtomicBoolean logged) {
    this.function = Object.class;
    this.name = name;
    this.logged = logged;
    this.late = new AtomicBoolean();
    this.held = NONE;
  }

  static Site of(Object function) {
    Site site = SITES.get(function.getClass());
    FieldSlot[] holders = site.holders();
    return holders.length == 0 ? site : site.variant(function);
  }

  /** Returns the fields whose values' classes are not known from their types. */
  private FieldSlot[] holders() {
    FieldSlot[] slots = holders;
    if (slots == null) {
      ClassPlan plan = ClassPlan.of(function);
      slots =
          plan.kind() == ClassPlan.Kind.LAMBDA
                  || plan.kind() == ClassPlan.Kind.OBJECT
                  || plan.kind() == ClassPlan.Kind.REBUILT
              ? plan.slots().stream()
                  .filter(s -> s.isReference() && !Modifier.isFinal(s.type().getModifiers()))
                  .toArray(FieldSlot[]::new)
              : new FieldSlot[0];
      holders = slots;
    }
    return slots;
  }

  private Site variant(Object function) {
    List<Class<?>> found = new ArrayList<>();
    if (!find(function, found, DEPTH)) {
      return this;
    }
    Site site = latest;
    if (site == null || !Arrays.asList(site.held).equals(found)) {
      site = variants.get(found);
      if (site == null) {
        if (variants.size() >= VARIANTS) {
          return this;
        }
        Class<?>[] all = found.toArray(NONE);
        site =
            variants.computeIfAbsent(List.of(all), k -> new Site(this.function, logged, late, all));
      }
      latest = site;
    }
    return site;
  }

  /**
   * Finds the classes of what a function holds, and returns whether any of them tells something.
   */
  private boolean find(Object function, List<Class<?>> found, int depth) {
    boolean telling = false;
    for (FieldSlot slot : holders()) {
      Object o = slot.getReference(function);
      // A class that tells nothing stands for any other.
      Class<?> type = o != null && TELLING.get(o.getClass()) ? o.getClass() : Object.class;
      found.add(type);
      telling |= type != Object.class;
      if (o != null && type.isHidden() && depth > 0) {
        telling |= SITES.get(type).find(o, found, depth - 1);
      }
    }
    return telling;
  }

  /** Returns whether this is one combination of several. */
  public boolean isVariant() {
    return held != NONE;
  }

  @Nullable Plan plan() {
    return plan;
  }

  void plan(Plan p) {
    plan = p;
  }

  /** Returns the plan for exactly these classes, if there is one. */
  @Nullable Plan own(Set<Class<?>> types) {
    return own.get(types);
  }

  void own(Plan p) {
    if (own.size() >= VARIANTS) {
      own.clear();
    }
    own.put(p.types, p);
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
    int micros = (int) Math.max(1, Math.min(nanos / 1_000, LONGEST_FAR_MICROS));
    meanMicros = runs == 0 ? micros : meanMicros + (micros - meanMicros) / 8;
    if (runs < ENOUGH) {
      runs++;
    }
  }

  /**
   * Returns how many tasks of this site may wait on a worker: as many as run in a moment.
   *
   * @param far whether it takes milliseconds to reach a worker
   */
  public int ahead(boolean far) {
    if (runs < ENOUGH) {
      return 0;
    } else if (far) {
      int mean = meanMicros;
      return mean > SHORT_FAR_MICROS ? 0 : Math.min(MOST, WINDOW_FAR_MICROS / (mean + 1));
    }
    int mean = meanNanos;
    return mean > SHORT_NANOS ? 0 : Math.min(MOST, WINDOW_NANOS / (mean + 1));
  }

  /** Returns whether this is the first time that something is to be said of the site. */
  public boolean firstLog() {
    return logged.compareAndSet(false, true);
  }

  /** Returns whether this is the first time that a call of the site nears its time limit. */
  public boolean firstLate() {
    return late.compareAndSet(false, true);
  }

  /** Returns the site's name, for a person. */
  @Override
  public String toString() {
    return name == null ? name(function) : name;
  }

  /** Returns the name of the call site of a class of functions, for a person. */
  public static String name(Class<?> function) {
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
