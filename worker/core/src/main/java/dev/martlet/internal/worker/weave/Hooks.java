package dev.martlet.internal.worker.weave;

import dev.martlet.internal.agent.StackRoom;
import dev.martlet.internal.dispatch.JvmState;
import dev.martlet.internal.worker.loader.Realm;
import java.io.File;
import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What woven code calls. Every realm defines this class anew, so its static state belongs to the
 * realm, and a check costs one plain read while no call shares anything that the check is about.
 *
 * <p>It has no lambdas of its own: with an archive of classes the JVM would give its copies those
 * of the original, which they cannot access.
 *
 * <p>All parameters named {@code owner} are internal class names.
 */
public final class Hooks {
  /** Whether a running call shares objects that a monitor or a volatile field could guard. */
  public static boolean objects;

  /** Whether a running call shares synchronising objects of the JDK. */
  public static boolean synchronisers;

  /** Whether a running call's objects have fields that stayed at home. */
  public static boolean pruned;

  /** Who answers; set once, before the realm defines its first class. */
  public static @Nullable CallHooks calls;

  /** Whether there are fork/join tasks whose use has to be judged. */
  public static boolean tasks;

  /** By how much the client's {@link System#nanoTime} is ahead of this JVM's. */
  public static long nanosAhead;

  private Hooks() {}

  private static CallHooks calls() {
    CallHooks c = calls;
    if (c == null) {
      throw new IllegalStateException("the realm is not open");
    }
    return c;
  }

  /** A monitor is about to be entered. */
  public static void monitor(@Nullable Object o) {
    if (objects && o != null) {
      calls().monitor(o);
    }
  }

  /** A static synchronized method of an application class begins. */
  public static void classMonitor(Class<?> type) {
    calls().monitor(type);
  }

  /**
   * A method that may synchronise is about to be called on a non-null receiver.
   *
   * @return whether the operation has been logged, so that it must not be executed here
   */
  public static boolean operation(
      @Nullable Object receiver,
      String owner,
      String name,
      String descriptor,
      boolean dropped,
      Object[] arguments) {
    return receiver != null
        && calls().operation(receiver, owner, name, descriptor, dropped, arguments);
  }

  /** JDK code is about to read the contents of an argument. */
  public static void reads(@Nullable Object argument) {
    if (synchronisers && argument != null) {
      calls().reads(argument);
    }
  }

  /** A field or element is about to be accessed past its class, as by a handle of variables. */
  public static void touches(@Nullable Object o) {
    if (objects && o != null) {
      calls().touches(o);
    }
  }

  /** A volatile field is about to be read. */
  public static void volatileRead(@Nullable Object o, String field) {
    if (objects && o != null) {
      calls().volatileRead(o, field);
    }
  }

  /**
   * A volatile field is about to be written.
   *
   * @return whether the write has been logged; it is executed here all the same
   */
  public static boolean volatileWrite(
      @Nullable Object o, Class<?> declaring, String field, @Nullable Object value) {
    return o != null && calls().volatileWrite(o, declaring, field, value);
  }

  /** A field of an application object was read as null. */
  public static void nullField(Object o, String owner, String field) {
    calls().nullField(o, owner, field);
  }

  /** All fields of an object are about to be read, by the JDK. */
  public static void readsAll(@Nullable Object o) {
    if (pruned && o != null) {
      calls().readsAll(o);
    }
  }

  /** A static field of an application class is touched that is not present yet. */
  public static void staticField(Class<?> declaring, int index, boolean write) {
    calls().staticField(declaring, index, write);
  }

  /** An application class whose initialiser runs at home is being initialised. */
  public static void initialise(Class<?> type) {
    calls().initialise(type);
  }

  /** An application's enum is being initialised, whose constructors run at home. */
  public static void enumConstants(Class<?> type, String bodies) {
    calls().initialise(type);
    try {
      WovenEnums.make(type, bodies);
    } catch (LinkageError e) {
      homeOnly(WovenMembers.lacking(type, e));
    }
  }

  /** The constants of an enum have been made. */
  public static void enumMade(Class<?> type) {
    try {
      Realm.keepHashes(type, WovenEnums.constants(type));
    } catch (LinkageError e) {
      homeOnly(WovenMembers.lacking(type, e));
    }
  }

  /** The constants of an enum are about to be asked for, of its class, a constant, or a set. */
  public static void enumConstants(@Nullable Object of) {
    if (of != null) {
      calls().enumConstants(of);
    }
  }

  /** The task is about to touch the world outside. */
  public static void external(String what) {
    calls().external(what);
  }

  /** The task is about to do what only makes sense in the client JVM. */
  public static void homeOnly(String what) {
    calls().homeOnly(what);
  }

  /** The task is about to say what handles the exceptions that a thread does not catch. */
  public static void handles(Thread thread) {
    if (thread == Thread.currentThread()) {
      homeOnly("sets the handler of its thread"); // which hears of the task's own exception
    }
  }

  /** The task is about to see something of the machine, which may be another than the client's. */
  public static void surroundings(String what) {
    calls().surroundings(what);
  }

  /** The task is about to resolve a path, which depends on the machine if it is relative. */
  public static void resolves(@Nullable Object path) {
    boolean relative =
        path instanceof File f ? !f.isAbsolute() : path instanceof Path p && !p.isAbsolute();
    if (relative) {
      surroundings("resolves a relative path");
    }
  }

  /** The task is about to read or write a field by reflection. */
  public static void reflect(@Nullable Object accessor, @Nullable Object target) {
    calls().reflect(accessor, target);
  }

  /** The task is about to start a thread. */
  public static void startThread(Thread thread) {
    StackRoom.give(thread);
    calls().startThread(thread);
  }

  /** The task has started what may go on when the task has ended. */
  public static void started(Object what) {
    calls().started(what);
  }

  /** Returns the common pool of this realm. */
  public static ForkJoinPool commonPool() {
    return calls().commonPool();
  }

  /** Returns the executor that stands for one that may be the common pool. */
  public static Executor executor(Executor given) {
    return given == ForkJoinPool.commonPool() ? commonPool() : given;
  }

  /** Returns what runs the asynchronous actions of a future that names no executor. */
  public static Executor executorOf(@Nullable Object future) {
    CompletableFuture<?> f =
        future instanceof CompletableFuture<?> given ? given : new CompletableFuture<Object>();
    return executor(f.defaultExecutor());
  }

  /** A method of a fork/join task is about to be called. */
  public static void task(@Nullable Object task, String method) {
    if (tasks && task instanceof ForkJoinTask<?> t) {
      calls().task(t, method);
    }
  }

  /** Tasks are about to be run. */
  public static void invokes(@Nullable Object those) {
    if (!tasks) {
      return;
    }
    if (those instanceof Object[] a) {
      for (Object t : a) {
        task(t, "invokeAll");
      }
    } else if (those instanceof Collection<?> c) {
      for (Object t : c) {
        task(t, "invokeAll");
      }
    } else {
      task(those, "invokeAll");
    }
  }

  /** Completes the root of a task's tree. */
  public static void quietlyCompleteRoot(CountedCompleter<?> task) {
    if (!tasks || !calls().completesRoot(task)) {
      task.quietlyCompleteRoot();
    }
  }

  /** Forks a task. */
  public static ForkJoinTask<?> fork(ForkJoinTask<?> task) {
    task(task, "fork");
    if (Thread.currentThread() instanceof ForkJoinWorkerThread) {
      return task.fork();
    }
    commonPool().execute(task);
    return task;
  }

  /** Returns an executor in the place of one that passes on what it is given later. */
  public static Executor delayed(Executor executor) {
    return calls().delayed(executor);
  }

  /** Returns the context class loader that stands for the one that was found. */
  public static @Nullable ClassLoader contextLoader(@Nullable ClassLoader found) {
    return found == ClassLoader.getSystemClassLoader() ? systemLoader() : found;
  }

  /** Returns the current thread's context class loader. */
  public static @Nullable ClassLoader contextLoader() {
    return contextLoader(Thread.currentThread().getContextClassLoader());
  }

  /** A call by a bridge has failed, maybe since its receiver is null. */
  public static NullPointerException nullReceiver(
      NullPointerException thrown, @Nullable Object receiver) {
    if (receiver == null) {
      NullReceivers.explain(thrown);
    }
    return thrown;
  }

  /** The trace of an exception is about to be looked at. */
  public static void clean(@Nullable Throwable thrown) {
    Frames.clean(thrown);
  }

  /** Returns a thread's trace without what is not the task's. */
  public static StackTraceElement[] clean(StackTraceElement[] frames) {
    return Frames.clean(frames);
  }

  /** Walks the stack without what is not the task's. */
  public static Object walk(
      StackWalker walker, Function<Stream<StackWalker.StackFrame>, Object> function) {
    return Frames.walk(walker, function);
  }

  /** Walks the stack without what is not the task's. */
  public static void forEach(StackWalker walker, Consumer<StackWalker.StackFrame> action) {
    Frames.forEach(walker, action);
  }

  /** The task is about to block or to look at its interrupt status. */
  public static void pause() {
    calls().pause();
  }

  /** The task is about to read a system property. */
  public static void property(@Nullable String name) {
    if (JvmState.isWithheld(name)) {
      homeOnly("reads the system property " + name + ", a secret that stays on its machine");
    }
  }

  /** The task is about to get hold of the system properties. */
  public static void properties() {
    calls().properties();
  }

  /** Returns an object's identity hash code, if it was made here. */
  public static int identity(@Nullable Object o) {
    if (objects && o != null) {
      calls().identity(o);
    }
    return System.identityHashCode(o);
  }

  /** Returns the client's {@link System#nanoTime}. */
  public static long nanoTime() {
    return System.nanoTime() + nanosAhead;
  }

  /** Returns the mirror of the client's system class loader. */
  public static ClassLoader systemLoader() {
    return calls().systemLoader();
  }

  /**
   * Returns the logger of a name, or of a class, that passes on to the client's.
   *
   * @param slf4j whether it is one of SLF4J, else of java.util.logging
   * @param caller the class that asks
   */
  public static Object logger(Object of, boolean slf4j, Class<?> caller) {
    return calls().logger(of instanceof Class<?> c ? c.getName() : (String) of, slf4j, caller);
  }

  /** The task is about to end the JVM. */
  public static void exit(int status) {
    calls().exit(status);
  }
}
