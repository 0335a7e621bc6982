package dev.martlet.internal.forkjoin.hook;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.martlet.internal.agent.Agent;
import dev.martlet.internal.log.Log;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The hooks in the JDK's and the program's code, which report to a {@link HookedThread}.
 *
 * <p>They are there while at least one pool has them {@linkplain #open open}. The first brings them
 * where the JDK forks and executes tasks and feeds a stream's elements to its sinks. A task class
 * gets its own when it is {@linkplain #see seen} first, for tasks that are computed without being
 * executed: a pool has every class seen that is given to it or forked on its threads. A class that
 * woven code creates is seen with it, since such a task may be computed without being forked. When
 * the last pool has closed them, all classes are what they were.
 *
 * <p>Thread-safe.
 */
public final class Hooks {
  private static final ReentrantLock LOCK = new ReentrantLock();

  @GuardedBy("LOCK")
  private static int users;

  @GuardedBy("LOCK")
  private static @Nullable HookClass hook;

  /** Changes when hooks are brought in and removed. */
  private static volatile @Nullable Hooks current;

  private final Instrumentation instrumentation;
  private final HookClass hookClass;
  private final Weaver weaver;
  private final ClassValue<Place> places =
      new ClassValue<>() {
        @Override
        protected Place computeValue(Class<?> type) {
          return new Place();
        }
      };

  /** Where what is known of a class is kept; {@code null} as long as nothing is. */
  private static final class Place {
    volatile @Nullable Sight sight;
  }

  private Hooks(Instrumentation instrumentation, HookClass hookClass) {
    this.instrumentation = instrumentation;
    this.hookClass = hookClass;
    this.weaver = new Weaver(hookClass);
  }

  /**
   * Opens the hooks for a pool, which {@linkplain #close closes} them once.
   *
   * @throws IllegalStateException if this JVM does not allow that
   */
  public static Hooks open() {
    LOCK.lock();
    try {
      Hooks h = current;
      if (h == null) {
        HookClass known = hook;
        if (known == null) {
          known = HookClass.define();
          hook = known;
        }
        h = new Hooks(Agent.instrumentation(), known);
        h.bringIn();
        current = h;
      }
      users++;
      return h;
    } finally {
      LOCK.unlock();
    }
  }

  /** A pool needs the hooks no more. */
  public static void close() {
    LOCK.lock();
    try {
      Hooks h = current;
      if (h != null && --users == 0) {
        current = null;
        h.remove();
      }
    } finally {
      LOCK.unlock();
    }
  }

  /** Returns what stands for an outcome of {@code null}. */
  public Object none() {
    return hookClass.none;
  }

  /** Returns what is known of a task class, and brings hooks into it if it has none. */
  public Sight see(Class<?> type) {
    Place place = places.get(type);
    Sight sight = place.sight;
    return sight != null ? sight : look(type, place);
  }

  /**
   * Takes the hooks out of a task class whose tasks are small: there they cost a tenth of the run.
   * Its tasks are reported where the JDK executes them, but no more when others compute them.
   */
  public void relieve(Class<?> type) {
    LOCK.lock();
    try {
      List<Class<?>> classes = new ArrayList<>();
      for (Class<?> c = type; c.getClassLoader() != null; c = c.getSuperclass()) {
        classes.add(c);
        weaver.release(c);
      }
      if (current == this && !classes.isEmpty()) {
        instrumentation.retransformClasses(classes.toArray(new Class<?>[0]));
      }
    } catch (UnmodifiableClassException | RuntimeException | LinkageError e) {
      Log.of(Hooks.class).debug("Martlet's hooks stay in {}", type, e);
    } finally {
      LOCK.unlock();
    }
  }

  private Sight look(Class<?> type, Place place) {
    if (type.getClassLoader() == null || !isTask(type)) {
      place.sight = Sight.other();
      return Sight.other();
    }
    List<Class<?>> created = new ArrayList<>();
    Sight sight;
    LOCK.lock();
    try {
      sight = place.sight;
      if (sight != null) {
        return sight;
      }
      sight = weave(type);
      place.sight = sight;
    } finally {
      LOCK.unlock();
    }
    // What the class creates is looked up by the program's class loaders: not under the lock.
    for (Class<?> c = type; isTask(c) && c.getClassLoader() != null; c = c.getSuperclass()) {
      for (String name : weaver.takeCreated(c)) {
        Class<?> other = find(name, c.getClassLoader());
        if (other != null && isTask(other)) {
          created.add(other);
        }
      }
    }
    created.forEach(this::see);
    return sight;
  }

  private static @Nullable Class<?> find(String name, @Nullable ClassLoader loader) {
    if (name.startsWith("java.")) {
      return null;
    }
    try {
      return Class.forName(name, /* initialize= */ false, loader);
    } catch (ClassNotFoundException | LinkageError e) {
      return null; // it will not be created either
    }
  }

  private static boolean isTask(Class<?> type) {
    return RecursiveTask.class.isAssignableFrom(type)
        || RecursiveAction.class.isAssignableFrom(type)
        || CountedCompleter.class.isAssignableFrom(type);
  }

  /** Brings hooks into a task class and its superclasses. */
  @GuardedBy("LOCK")
  private Sight weave(Class<?> type) {
    if (current != this) {
      return Sight.other(); // closed meanwhile
    }
    List<Class<?>> classes = new ArrayList<>();
    for (Class<?> c = type; c.getClassLoader() != null; c = c.getSuperclass()) {
      if (c.isHidden() || !instrumentation.isModifiableClass(c)) {
        return Sight.failed((c.isHidden() ? "hidden class " : "unmodifiable class ") + c.getName());
      }
      String failure = weaver.failure(c);
      if (failure != null) {
        return Sight.failed("class " + c.getName() + " cannot be instrumented: " + failure);
      }
      if (places.get(c).sight == null || c == type) {
        classes.add(c);
      }
    }
    for (Class<?> c : classes) {
      weaver.want(c);
    }
    try {
      instrumentation.retransformClasses(classes.toArray(new Class<?>[0]));
    } catch (UnmodifiableClassException | RuntimeException | LinkageError e) {
      classes.forEach(c -> weaver.fail(c, e));
    }
    for (Class<?> c : classes) {
      String failure = weaver.failure(c);
      if (failure != null) {
        return Sight.failed("class " + c.getName() + " cannot be instrumented: " + failure);
      }
    }
    return Sight.watched();
  }

  @GuardedBy("LOCK")
  private void bringIn() {
    weaver.want(ForkJoinTask.class);
    HookClass.KINDS.forEach(weaver::want);
    try {
      weaver.want(Class.forName(Weaver.PIPELINE.replace('/', '.'), false, null));
      instrumentation.addTransformer(weaver, /* canRetransform= */ true);
      instrumentation.retransformClasses(weaver.wanted());
      for (Class<?> c : weaver.wanted()) {
        String failure = weaver.failure(c);
        if (failure != null) {
          throw new IllegalStateException(failure);
        }
      }
      hookClass.activate();
    } catch (ClassNotFoundException
        | UnmodifiableClassException
        | RuntimeException
        | LinkageError e) {
      instrumentation.removeTransformer(weaver);
      throw new IllegalStateException("this JVM does not let Martlet watch fork/join tasks", e);
    }
  }

  @GuardedBy("LOCK")
  private void remove() {
    hookClass.deactivate();
    Class<?>[] woven = weaver.wanted();
    instrumentation.removeTransformer(weaver);
    try {
      instrumentation.retransformClasses(woven);
    } catch (UnmodifiableClassException | RuntimeException | LinkageError e) {
      // The hooks stay; they lead nowhere.
      Log.of(Hooks.class).warn("Martlet's hooks stay in {}", Arrays.toString(woven), e);
    }
  }
}
