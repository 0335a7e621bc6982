package dev.martlet.internal.forkjoin;

import dev.martlet.internal.capture.Capture;
import dev.martlet.internal.capture.Site;
import dev.martlet.internal.executor.Errand;
import dev.martlet.internal.forkjoin.frontier.Policy;
import dev.martlet.internal.forkjoin.frontier.Profile;
import dev.martlet.internal.forkjoin.frontier.Visit;
import dev.martlet.internal.forkjoin.hook.Hooks;
import dev.martlet.internal.forkjoin.hook.Sight;
import dev.martlet.internal.log.Log;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What the threads of a pool share. Its own thread looks after them while they are at work, some
 * hundred times a second: it has those that got bored by small tasks look again, takes hooks out of
 * classes of small tasks, and tells workers of tasks that were cancelled, which the JDK tells
 * nobody but who looks at the task.
 */
final class Bridge {
  private static final long TICK_NANOS = 10_000_000;
  private static final int IDLE_TICKS = 20;

  /** Threads look often at first, then seldom: to look costs a fine-grained run some percent. */
  private static final int OFTEN_TICKS = 32;

  private static final int SELDOM = 16;

  /** So many small tasks tell that a class is too fine-grained for hooks of its own. */
  private static final int SMALL = 16;

  private final Hooks hooks;
  private final Object none;
  private final Calls calls;
  private final Policy policy;
  private final StreamLeaves leaves;
  private final Runnable onThreadEnd;
  private final Depths depths = new Depths();
  private final Set<PoolThread> threads = ConcurrentHashMap.newKeySet();
  private final Map<Errand, ForkJoinTask<?>> away = new ConcurrentHashMap<>();
  private final Queue<Class<?>> relieved = new ConcurrentLinkedQueue<>();
  private final LongAdder stayed = new LongAdder();
  private final ClassValue<ClassNotes> notes =
      new ClassValue<>() {
        @Override
        protected ClassNotes computeValue(Class<?> type) {
          return new ClassNotes(policy.deepest() + 1);
        }
      };
  private final Thread attendant;
  private volatile boolean resting = true;
  private volatile boolean active;
  private volatile boolean bored;
  private volatile boolean closed;

  /** What is known of a class. */
  private static final class ClassNotes {
    private final @Nullable Profile[] profiles;
    private final AtomicInteger small = new AtomicInteger();
    private final Map<Site, ClassNotes> variants = new ConcurrentHashMap<>();
    private volatile boolean told;

    /** Whether tasks are known apart by the functions and objects that they hold. */
    private volatile boolean differ;

    ClassNotes(int deepest) {
      profiles = new Profile[deepest + 1];
    }

    ClassNotes of(Site site) {
      return site.isVariant()
          ? variants.computeIfAbsent(site, s -> new ClassNotes(profiles.length - 1))
          : this;
    }

    synchronized Profile make(int depth) {
      Profile p = profiles[depth];
      if (p == null) {
        p = new Profile();
        profiles[depth] = p;
      }
      return p;
    }
  }

  Bridge(
      String name,
      Hooks hooks,
      Calls calls,
      Policy policy,
      StreamLeaves leaves,
      Runnable onThreadEnd) {
    this.hooks = hooks;
    this.none = hooks.none();
    this.calls = calls;
    this.policy = policy;
    this.leaves = leaves;
    this.onThreadEnd = onThreadEnd;
    this.attendant = new Thread(null, this::attend, name + "-attendant", 0, false);
    attendant.setDaemon(true);
    attendant.start();
  }

  Object none() {
    return none;
  }

  Calls calls() {
    return calls;
  }

  Policy policy() {
    return policy;
  }

  StreamLeaves leaves() {
    return leaves;
  }

  Depths depths() {
    return depths;
  }

  /** Returns how many tasks were to leave and had to stay without a call. */
  long stayed() {
    return stayed.sum();
  }

  /** Returns what is known of tasks like this one at a depth. */
  Profile profile(Object task, int depth) {
    ClassNotes n = notes.get(task.getClass());
    if (n.differ) {
      n = n.of(Capture.site(task));
    }
    int d = Math.min(depth, n.profiles.length - 1);
    Profile p = n.profiles[d];
    return p != null ? p : n.make(d);
  }

  /** Returns whether the computation of a task will be reported. */
  boolean watches(ForkJoinTask<?> task) {
    Sight sight = hooks.see(task.getClass());
    String obstacle = sight.obstacle();
    if (obstacle != null) {
      stayed(task, obstacle);
    }
    return sight.isWatched();
  }

  /** A task is about to be submitted. */
  void submitting(ForkJoinTask<?> task) {
    if (watches(task)) {
      depths.put(task, 0);
    }
    if (bored) {
      bored = false;
      threads.forEach(PoolThread::wake);
    }
  }

  /** A task of a class was too small to be worth a look. */
  void small(Class<?> type) {
    if (notes.get(type).small.incrementAndGet() == SMALL) {
      relieved.add(type);
      LockSupport.unpark(attendant);
    }
  }

  /** A task was to leave, and no task like it can. */
  void stayed(ForkJoinTask<?> task, int depth, Visit visit, String reason) {
    stays(task, depth, visit, reason, true);
    stayed(task, reason);
  }

  /**
   * A task or function was to leave and could not.
   *
   * @param always whether no task like it can
   */
  void stays(Object task, int depth, Visit visit, String reason, boolean always) {
    if (Capture.site(task).isVariant()) {
      // A helper's other tasks may do what can leave.
      notes.get(task.getClass()).differ = true;
      visit.tells(profile(task, depth));
    }
    visit.stays(reason, always);
  }

  private void stayed(ForkJoinTask<?> task, String reason) {
    stayed.increment();
    ClassNotes n = notes.get(task.getClass());
    if (!n.told) {
      n.told = true;
      Log.of(Pool.class)
          .warn("Fork/join tasks of {} run at home: {}", task.getClass().getName(), reason);
    }
  }

  void started(PoolThread t) {
    threads.add(t);
  }

  void ended(PoolThread t) {
    threads.remove(t);
    onThreadEnd.run();
  }

  void sent(ForkJoinTask<?> task, Errand errand) {
    away.put(errand, task);
    active();
  }

  void returned(Errand errand) {
    away.remove(errand);
  }

  void bored() {
    bored = true;
  }

  /** A thread begins to work. */
  void active() {
    if (!active) {
      active = true;
    }
    if (resting) {
      LockSupport.unpark(attendant);
    }
  }

  void close() {
    closed = true;
    LockSupport.unpark(attendant);
  }

  private boolean isBusy() {
    for (PoolThread t : threads) {
      if (t.isBusy()) {
        return true;
      }
    }
    return !away.isEmpty();
  }

  private void attend() {
    int idle = 0;
    int ticks = 0;
    while (!closed) {
      if (idle > IDLE_TICKS) {
        resting = true;
        if (!active && !closed) {
          LockSupport.park(this);
        }
        resting = false;
        idle = 0;
        ticks = 0;
      } else {
        LockSupport.parkNanos(this, TICK_NANOS);
      }
      idle = active || isBusy() ? 0 : idle + 1;
      active = false;
      ticks++;
      if (policy.isByMeasure() && (ticks < OFTEN_TICKS || ticks % SELDOM == 0)) {
        threads.forEach(PoolThread::wake);
      }
      for (Class<?> c = relieved.poll(); c != null; c = relieved.poll()) {
        hooks.relieve(c);
      }
      away.forEach(
          (errand, task) -> {
            if (task.isDone() && away.remove(errand, task)) {
              errand.taskCancelled();
            }
          });
    }
  }
}
