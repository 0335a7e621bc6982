package dev.martlet.internal.worker.host;

import dev.martlet.internal.agent.Trusted;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What only the JDK knows of threads. */
final class JdkThreads {
  private static final MethodHandle LOCALS;
  private static final MethodHandle TABLE;
  private static final MethodHandle VALUE;
  private static final MethodHandle TASK;
  private static final Class<?> WORKER;
  private static final MethodHandle POOL;
  private static final @Nullable Class<?> DELAYING;
  private static final @Nullable VarHandle ACTIVE;
  private static final @Nullable VarHandle PENDING;
  private static final @Nullable VarHandle RESTING;
  private static final @Nullable MethodHandle SCHEDULER;
  private static final @Nullable MethodHandle ROOT;
  private static final @Nullable MethodHandle CHILDREN;
  private static final @Nullable MethodHandle MEMBERS;

  static {
    MethodHandles.Lookup lookup = Trusted.lookup();
    try {
      Class<?> map = Class.forName("java.lang.ThreadLocal$ThreadLocalMap");
      Class<?> entry = Class.forName("java.lang.ThreadLocal$ThreadLocalMap$Entry");
      LOCALS = getter(lookup, Thread.class, "inheritableThreadLocals", map);
      TABLE =
          lookup
              .findGetter(map, "table", entry.arrayType())
              .asType(MethodType.methodType(Object[].class, Object.class));
      VALUE = getter(lookup, entry, "value", Object.class);
      TASK = task(lookup);
      WORKER = Class.forName("java.util.concurrent.ThreadPoolExecutor$Worker");
      POOL = getter(lookup, WORKER, "this$0", ThreadPoolExecutor.class);
      if (Runtime.version().feature() < 25) {
        DELAYING = null;
        ACTIVE = null;
        PENDING = null;
        RESTING = null;
        SCHEDULER = null;
      } else {
        DELAYING = Class.forName("java.util.concurrent.DelayScheduler");
        Class<?> delayed =
            Class.forName("java.util.concurrent.DelayScheduler$ScheduledForkJoinTask");
        ACTIVE = lookup.findVarHandle(DELAYING, "active", int.class);
        PENDING = lookup.findVarHandle(DELAYING, "pending", delayed);
        RESTING = lookup.findVarHandle(DELAYING, "restingSize", int.class);
        SCHEDULER = getter(lookup, ForkJoinPool.class, "delayScheduler", DELAYING);
      }
      if (Runtime.version().feature() < 21) {
        ROOT = null;
        CHILDREN = null;
        MEMBERS = null;
      } else {
        Class<?> container = Class.forName("jdk.internal.vm.ThreadContainer");
        Class<?> containers = Class.forName("jdk.internal.vm.ThreadContainers");
        MethodType stream = MethodType.methodType(Stream.class);
        ROOT = lookup.findStatic(containers, "root", MethodType.methodType(container));
        CHILDREN = lookup.findVirtual(container, "children", stream);
        MEMBERS = lookup.findVirtual(container, "threads", stream);
      }
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private JdkThreads() {}

  private static MethodHandle task(MethodHandles.Lookup lookup)
      throws ReflectiveOperationException {
    if (Runtime.version().feature() < 19) {
      return getter(lookup, Thread.class, "target", Runnable.class);
    }
    Class<?> holder = Class.forName("java.lang.Thread$FieldHolder");
    // A virtual thread has none.
    MethodHandle task = getter(lookup, holder, "task", Runnable.class);
    MethodHandle none = MethodHandles.empty(task.type());
    MethodHandle isNull =
        lookup.findStatic(
            Objects.class, "isNull", MethodType.methodType(boolean.class, Object.class));
    return MethodHandles.filterReturnValue(
        getter(lookup, Thread.class, "holder", holder),
        MethodHandles.guardWithTest(isNull, none, task));
  }

  private static MethodHandle getter(
      MethodHandles.Lookup lookup, Class<?> owner, String field, Class<?> type)
      throws ReflectiveOperationException {
    return lookup
        .findGetter(owner, field, type)
        .asType(MethodType.methodType(Object.class, Object.class));
  }

  /** Returns all threads of this JVM, also the virtual ones. */
  static Set<Thread> all() {
    ThreadGroup root = Thread.currentThread().getThreadGroup();
    while (root.getParent() != null) {
      root = root.getParent();
    }
    Thread[] found = new Thread[root.activeCount() + 16];
    int n = root.enumerate(found);
    while (n == found.length) {
      found = new Thread[2 * n];
      n = root.enumerate(found);
    }
    Set<Thread> threads = new HashSet<>(Arrays.asList(found).subList(0, n));
    try {
      if (ROOT != null) {
        addThreads(ROOT.invoke(), threads);
      }
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    return threads;
  }

  private static void addThreads(Object container, Set<Thread> threads) throws Throwable {
    Stream<?> members = (Stream<?>) Objects.requireNonNull(MEMBERS).invoke(container);
    members.forEach(t -> threads.add((Thread) t));
    Stream<?> children = (Stream<?>) Objects.requireNonNull(CHILDREN).invoke(container);
    for (Object child : children.toList()) {
      addThreads(child, threads);
    }
  }

  /**
   * Returns what a thread has of a local that it inherits, or {@code null}; its table is only
   * looked at, since it changes it itself.
   */
  static @Nullable Object inherited(Thread t, InheritableThreadLocal<?> local) {
    try {
      Object map = (Object) LOCALS.invokeExact((Object) t);
      Object[] table = map == null ? null : (Object[]) TABLE.invokeExact(map);
      if (table != null) {
        for (Object e : table) {
          if (e instanceof Reference<?> r && isOf(r, local)) {
            return (Object) VALUE.invokeExact(e);
          }
        }
      }
      return null;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static boolean isOf(Reference<?> key, Object local) {
    return ((Reference<Object>) key).refersTo(local);
  }

  /** Returns whether a thread keeps the delayed tasks of a fork/join pool. */
  static boolean isDelaying(Thread t) {
    return DELAYING != null && DELAYING.isInstance(t);
  }

  static boolean isOfCommonPool(Thread t) {
    try {
      return SCHEDULER != null
          && isDelaying(t)
          && (Object) SCHEDULER.invokeExact((Object) ForkJoinPool.commonPool()) == t;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Returns whether such a thread keeps no task. What was given to it is pending, then counted, and
   * it is active meanwhile; of what becomes due it counts off nothing before that is in its pool.
   */
  static boolean keepsNothing(Thread t) {
    VarHandle active = Objects.requireNonNull(ACTIVE);
    VarHandle pending = Objects.requireNonNull(PENDING);
    VarHandle resting = Objects.requireNonNull(RESTING);
    int state = (int) active.getVolatile(t);
    return state < 0
        || (state == 0
            && pending.getVolatile(t) == null
            && (int) resting.getVolatile(t) == 0
            && (int) active.getVolatile(t) == 0);
  }

  /** Returns the pool that a thread was made by, if it is one of the JDK's. */
  static @Nullable ThreadPoolExecutor poolOf(Thread t) {
    try {
      Object task = (Object) TASK.invokeExact((Object) t);
      return WORKER.isInstance(task) ? (ThreadPoolExecutor) (Object) POOL.invokeExact(task) : null;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
