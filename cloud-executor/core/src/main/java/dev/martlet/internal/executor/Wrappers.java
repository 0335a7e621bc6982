package dev.martlet.internal.executor;

import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.agent.Trusted;
import dev.martlet.internal.dispatch.Body;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Opens the wrappers in which libraries hand functions to an executor. */
public final class Wrappers {
  static final String UNKNOWN = "a library's own Runnable may depend on what only its client has";

  private static final Class<?> RUNNABLE_ADAPTER = Executors.callable(() -> {}).getClass();
  private static final String JUC = "java.util.concurrent.";
  private static final String GUAVA = "com.google.common.util.concurrent.";

  private static final @Nullable Class<?> PRIVILEGED = find(JUC + "Executors$PrivilegedCallable");

  private static final ClassValue<Opener> OPENERS =
      new ClassValue<>() {
        @Override
        protected Opener computeValue(Class<?> type) {
          try {
            return opener(type);
          } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            CloudPool.log(e);
            return Fixed.CLOSED;
          }
        }
      };

  private Wrappers() {}

  private static @Nullable Class<?> find(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  /** Makes the call for a Runnable that was given to {@code execute}. */
  static Call open(CloudPool pool, Runnable runnable) {
    if (runnable instanceof Handed<?> handed) {
      return new ExecutedCall(pool, runnable, handed.body(), handed);
    }
    Opener opener = OPENERS.get(runnable.getClass());
    if (opener == Fixed.WHOLE) {
      return new ExecutedCall(pool, runnable, Body.of(Body.Kind.RUN, runnable), null);
    }
    if (opener == Fixed.CLOSED) {
      return new ExecutedCall(pool, runnable, null, null);
    }
    Wrapper wrapper = null;
    try {
      Runnable inner = opener.inner(runnable);
      if (inner instanceof FutureCall<?> call && call.pool == pool) {
        call.after = runnable;
        return call;
      }
      if (inner != null) {
        wrapper = (inner == runnable ? opener : OPENERS.get(inner.getClass())).open(inner);
      }
    } catch (RuntimeException | LinkageError e) {
      CloudPool.log(e);
    }
    return new ExecutedCall(pool, runnable, wrapper == null ? null : wrapper.body(), wrapper);
  }

  /**
   * Returns what {@code submit} hands out for a task that is a future itself, or {@code null} if it
   * is none that can be opened.
   */
  static <T> @Nullable FutureTask<T> handed(Runnable task, @Nullable T result) {
    boolean opens =
        task instanceof FutureTask<?>
            && !(task instanceof Handed<?>)
            && OPENERS.get(task.getClass()) != Fixed.CLOSED;
    Task inner = opens ? Task.open((FutureTask<?>) task) : null;
    return inner == null ? null : new Handed<>(inner, result);
  }

  /** Calls a function in a way of its own. */
  @FunctionalInterface
  public interface Way {
    /** Calls it. */
    @Nullable Object call(Body body) throws Exception;
  }

  /**
   * Has the function in a wrapper called in another way, whoever runs the wrapper.
   *
   * @return whether this is a wrapper; otherwise it is to be called as a whole
   */
  public static boolean divert(Runnable runnable, Way way) {
    Opener opener = OPENERS.get(runnable.getClass());
    return opener != Fixed.WHOLE && opener != Fixed.CLOSED && opener.divert(runnable, way);
  }

  /** Makes the call for a Callable; the JDK's adapter of a Runnable is opened. */
  @SuppressWarnings("unchecked")
  static <T> FutureCall<T> future(CloudPool pool, Callable<T> task) {
    if (task.getClass() == RUNNABLE_ADAPTER) {
      return new FutureCall<>(pool, body(task), (T) Adapter.RESULT.get(task));
    }
    return new FutureCall<>(pool, body(task), null);
  }

  /** Returns what ships a Callable. */
  private static Body body(Callable<?> callable) {
    if (callable.getClass() == RUNNABLE_ADAPTER) {
      Object task = Adapter.TASK.get(callable);
      if (task != null) {
        return Body.of(Body.Kind.RUN, task);
      }
    } else if (callable.getClass() == PRIVILEGED) {
      Object task = new Ref(callable.getClass(), "task").get(callable);
      if (task != null) {
        return body((Callable<?>) task);
      }
    }
    return Body.of(Body.Kind.CALL, callable);
  }

  private static Opener opener(Class<?> type) throws ReflectiveOperationException {
    String name = type.getName();
    if (name.startsWith(JUC + "CompletableFuture$")) {
      Stage.Shape shape = Stage.Shape.of(name.substring(name.indexOf('$') + 1));
      return shape == null ? Fixed.CLOSED : new Stage.Fields(type, shape);
    }
    if (name.equals(JUC + "ExecutorCompletionService$QueueingFuture")) {
      Ref task = new Ref(type, "task");
      return new Opener() {
        @Override
        public @Nullable Runnable inner(Runnable runnable) {
          return task.get(runnable) instanceof Runnable r ? r : null;
        }

        @Override
        public @Nullable Wrapper open(Runnable runnable) {
          return null;
        }

        @Override
        public boolean divert(Runnable runnable, Way way) {
          Runnable inner = inner(runnable);
          if (inner instanceof FutureTask<?>) {
            OPENERS.get(inner.getClass()).divert(inner, way);
          }
          return true;
        }
      };
    }
    if (FutureTask.class.isAssignableFrom(type)) {
      try {
        // A subclass with a run method of its own has a reason for it.
        return type.getMethod("run").getDeclaringClass() == FutureTask.class
            ? Task.OPENER
            : Fixed.CLOSED;
      } catch (LinkageError e) {
        return Fixed.CLOSED; // for all that is known: a type that a method names is not there
      }
    }
    if (name.equals(GUAVA + "TrustedListenableFutureTask")) {
      Ref task = new Ref(type, "task");
      return r -> ListenableTask.open(task, r);
    }
    return isLibrary(type, name) ? Fixed.CLOSED : Fixed.WHOLE;
  }

  private static boolean isLibrary(Class<?> type, String name) {
    return type.getClassLoader() == null
        || name.startsWith("java.")
        || name.startsWith("javax.")
        || name.startsWith(Wrappers.class.getPackageName() + ".FutureCall");
  }

  /** Knows how to open the Runnables of one class. */
  private interface Opener {
    /** Returns the Runnable that has the function; {@code null} if there is none. */
    default @Nullable Runnable inner(Runnable runnable) {
      return runnable;
    }

    /** Opens a Runnable; {@code null} if it cannot be opened now. */
    @Nullable Wrapper open(Runnable runnable);

    /** Has its function called in another way; returns false if it cannot be opened. */
    default boolean divert(Runnable runnable, Way way) {
      return false;
    }
  }

  private enum Fixed implements Opener {
    /** The user's own Runnable. */
    WHOLE,
    /** Runs at home as it is. */
    CLOSED;

    @Override
    public @Nullable Wrapper open(Runnable runnable) {
      return null;
    }
  }

  /** A reference field of a class that is not ours. */
  private static final class Ref {
    private final long offset;

    Ref(Class<?> type, String name) {
      try {
        Field field = type.getDeclaredField(name);
        offset = Memory.offset(field);
      } catch (NoSuchFieldException e) {
        throw new IllegalStateException(type.getName() + " has no field " + name, e);
      }
    }

    @Nullable Object get(Object o) {
      return Memory.getReference(o, offset);
    }

    void set(Object o, @Nullable Object value) {
      Memory.putReference(o, offset, value);
    }
  }

  private static final class Adapter {
    static final Ref TASK = new Ref(RUNNABLE_ADAPTER, "task");
    static final Ref RESULT = new Ref(RUNNABLE_ADAPTER, "result");
  }

  /** An outcome as a Callable. */
  private static Callable<@Nullable Object> ready(
      @Nullable Object value, @Nullable Throwable failure) {
    return () -> value(value, failure);
  }

  private static @Nullable Object value(@Nullable Object value, @Nullable Throwable failure) {
    if (failure != null) {
      throw Wrappers.<RuntimeException>sneaky(failure);
    }
    return value;
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException sneaky(Throwable e) throws T {
    throw (T) e;
  }

  /** A thread that is never started: its interrupt reaches the call that the wrapper waits for. */
  private static final class Relay extends Thread {
    private final Call call;

    Relay(Call call) {
      super((Runnable) null, "martlet-relay");
      this.call = call;
    }

    @Override
    public void interrupt() {
      call.interruptTask();
    }
  }

  /** A {@link FutureTask}. */
  private static final class Task implements Wrapper {
    private static final Ref CALLABLE = new Ref(FutureTask.class, "callable");
    private static final VarHandle RUNNER;

    static {
      try {
        MethodHandles.Lookup l = Trusted.lookup();
        RUNNER = l.findVarHandle(FutureTask.class, "runner", Thread.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private final FutureTask<?> task;
    private final Body body;
    private final boolean keepsResult;
    private final @Nullable Object result;
    private @Nullable Relay relay;

    /** Watches over a task that others complete. */
    Task(FutureTask<?> task, FutureTask<?> other) {
      this.task = task;
      this.body = Body.of(Body.Kind.RUN, other);
      this.keepsResult = false;
      this.result = null;
    }

    private Task(FutureTask<?> task, Callable<?> callable) {
      this.task = task;
      this.body = Wrappers.body(callable);
      this.keepsResult = callable.getClass() == RUNNABLE_ADAPTER;
      this.result = keepsResult ? Adapter.RESULT.get(callable) : null;
    }

    static @Nullable Task open(FutureTask<?> task) {
      return CALLABLE.get(task) instanceof Callable<?> callable ? new Task(task, callable) : null;
    }

    /** Opens all that run as the JDK says. */
    static final Opener OPENER =
        new Opener() {
          @Override
          public @Nullable Wrapper open(Runnable task) {
            return Task.open((FutureTask<?>) task);
          }

          @Override
          public boolean divert(Runnable task, Way way) {
            Task t = Task.open((FutureTask<?>) task);
            if (t != null) {
              CALLABLE.set(
                  task,
                  (Callable<@Nullable Object>)
                      () -> {
                        Object value = way.call(t.body);
                        return t.keepsResult ? t.result : value;
                      });
            }
            return true;
          }
        };

    @Override
    public Body body() {
      return body;
    }

    @Override
    public boolean unwanted() {
      return task.isDone();
    }

    @Override
    public void begin(Call call) {
      Relay r = new Relay(call);
      if (RUNNER.compareAndSet(task, (Thread) null, (Thread) r)) {
        relay = r;
      }
    }

    @Override
    public void end() {
      Relay r = relay;
      if (r != null) {
        relay = null;
        RUNNER.compareAndSet(task, (Thread) r, (Thread) null);
      }
    }

    @Override
    public void install(@Nullable Object value, @Nullable Throwable failure) {
      if (!task.isDone()) {
        CALLABLE.set(task, ready(keepsResult ? result : value, failure));
      }
    }
  }

  /** The future of a {@link FutureTask} that was submitted, which runs that. */
  private static final class Handed<T> extends FutureTask<T> implements Wrapper {
    private final Task inner;
    private final Task outer;
    private volatile boolean begun;

    @SuppressWarnings("NullAway") // the JDK allows it
    Handed(Task inner, @Nullable T result) {
      super(inner.task, result);
      this.inner = inner;
      this.outer = new Task(this, inner.task);
    }

    @Override
    public void run() {
      if (begun) {
        inner.task.run(); // cancelled or not, as it has been called
      }
      super.run();
    }

    @Override
    public Body body() {
      return inner.body;
    }

    @Override
    public boolean unwanted() {
      return isDone() || inner.unwanted();
    }

    @Override
    public void begin(Call call) {
      begun = true;
      inner.begin(call);
      outer.begin(call);
    }

    @Override
    public void end() {
      inner.end();
      outer.end();
    }

    @Override
    public void install(@Nullable Object value, @Nullable Throwable failure) {
      inner.install(value, failure);
    }
  }

  /** Guava's task of a listening decorator. */
  private static final class ListenableTask implements Wrapper {
    private final Future<?> future;
    private final AtomicReference<@Nullable Object> runner;
    private final Ref field;
    private final Callable<?> callable;
    private final boolean keepsResult;
    private @Nullable Relay relay;

    @SuppressWarnings("unchecked")
    private ListenableTask(Future<?> future, Object task, Ref field, Callable<?> callable) {
      this.future = future;
      this.runner = (AtomicReference<@Nullable Object>) task;
      this.field = field;
      this.callable = callable;
      this.keepsResult = callable.getClass() == RUNNABLE_ADAPTER;
    }

    private static final ClassValue<@Nullable Ref> CALLABLES =
        new ClassValue<>() {
          @Override
          protected @Nullable Ref computeValue(Class<?> type) {
            return type.getName().endsWith("$TrustedFutureInterruptibleTask")
                ? new Ref(type, "callable")
                : null;
          }
        };

    static @Nullable Wrapper open(Ref taskField, Runnable runnable) {
      Object task = taskField.get(runnable);
      if (!(task instanceof AtomicReference<?>)) {
        return null;
      }
      Ref field = CALLABLES.get(task.getClass());
      if (field == null || !(field.get(task) instanceof Callable<?> callable)) {
        return null;
      }
      return new ListenableTask((Future<?>) runnable, task, field, callable);
    }

    @Override
    public Body body() {
      return Wrappers.body(callable);
    }

    @Override
    public boolean unwanted() {
      return future.isDone();
    }

    @Override
    public void begin(Call call) {
      Relay r = new Relay(call);
      if (runner.compareAndSet(null, r)) {
        relay = r;
      }
    }

    @Override
    public void end() {
      Relay r = relay;
      if (r != null) {
        relay = null;
        runner.compareAndSet(r, null);
      }
    }

    @Override
    public void install(@Nullable Object value, @Nullable Throwable failure) {
      field.set(runner, ready(keepsResult ? Adapter.RESULT.get(callable) : value, failure));
    }
  }

  /** An asynchronous stage of a {@link CompletableFuture}; its sources are complete. */
  private static final class Stage implements Wrapper {
    private static final Ref RESULT = new Ref(CompletableFuture.class, "result");

    private final Runnable stage;
    private final Fields fields;
    private final CompletableFuture<?> dependent;
    private final @Nullable Body body;

    private Stage(
        Runnable stage, Fields fields, CompletableFuture<?> dependent, @Nullable Body body) {
      this.stage = stage;
      this.fields = fields;
      this.dependent = dependent;
      this.body = body;
    }

    @Override
    public @Nullable Body body() {
      return body;
    }

    @Override
    public boolean unwanted() {
      // A minimal stage refuses to say whether it is done.
      return body == null || RESULT.get(dependent) != null;
    }

    @Override
    public void install(@Nullable Object value, @Nullable Throwable failure) {
      Object f = fields.function.get(stage);
      fields.function.set(stage, diverted(fields.shape.kind, f, body -> value(value, failure)));
    }

    /** Returns what takes a function's place, so that it is called in another way. */
    private static Object diverted(Body.Kind kind, @Nullable Object f, Way way) {
      return switch (kind) {
        case CALL, COMPUTE, LEAF -> throw new AssertionError(kind);
        case RUN -> (Runnable) () -> call(way, kind, f, null, null);
        case SUPPLY -> (Supplier<@Nullable Object>) () -> call(way, kind, f, null, null);
        case APPLY -> (Function<Object, @Nullable Object>) a -> call(way, kind, f, a, null);
        case ACCEPT -> (Consumer<Object>) a -> call(way, kind, f, a, null);
        case BI_APPLY ->
            (BiFunction<Object, Object, @Nullable Object>) (a, b) -> call(way, kind, f, a, b);
        case BI_ACCEPT -> (BiConsumer<Object, Object>) (a, b) -> call(way, kind, f, a, b);
      };
    }

    @SuppressWarnings("NullAway") // a stage that is being completed has its function
    private static @Nullable Object call(
        Way way, Body.Kind kind, @Nullable Object f, @Nullable Object a, @Nullable Object b) {
      try {
        return way.call(new Body(kind, f, a, b));
      } catch (Exception e) {
        throw Wrappers.<RuntimeException>sneaky(e);
      }
    }

    @Override
    public @Nullable Thread waiter() {
      return Waiters.of(dependent);
    }

    /** What a stage does with its sources. */
    private enum Sources {
      NONE,
      ONE,
      BOTH,
      EITHER
    }

    /** Which of a source's two faces the function gets. */
    private enum Face {
      NOTHING,
      VALUE,
      FAILURE,
      EITHER
    }

    private record Shape(Body.Kind kind, Sources sources, Face face) {
      static @Nullable Shape of(String name) {
        return switch (name) {
          case "AsyncSupply" -> new Shape(Body.Kind.SUPPLY, Sources.NONE, Face.NOTHING);
          case "AsyncRun" -> new Shape(Body.Kind.RUN, Sources.NONE, Face.NOTHING);
          case "UniApply", "UniCompose" -> new Shape(Body.Kind.APPLY, Sources.ONE, Face.VALUE);
          case "UniAccept" -> new Shape(Body.Kind.ACCEPT, Sources.ONE, Face.VALUE);
          case "UniRun" -> new Shape(Body.Kind.RUN, Sources.ONE, Face.NOTHING);
          case "UniWhenComplete" -> new Shape(Body.Kind.BI_ACCEPT, Sources.ONE, Face.EITHER);
          case "UniHandle" -> new Shape(Body.Kind.BI_APPLY, Sources.ONE, Face.EITHER);
          case "UniExceptionally", "UniComposeExceptionally" ->
              new Shape(Body.Kind.APPLY, Sources.ONE, Face.FAILURE);
          case "BiApply" -> new Shape(Body.Kind.BI_APPLY, Sources.BOTH, Face.VALUE);
          case "BiAccept" -> new Shape(Body.Kind.BI_ACCEPT, Sources.BOTH, Face.VALUE);
          case "BiRun" -> new Shape(Body.Kind.RUN, Sources.BOTH, Face.NOTHING);
          case "OrApply" -> new Shape(Body.Kind.APPLY, Sources.EITHER, Face.VALUE);
          case "OrAccept" -> new Shape(Body.Kind.ACCEPT, Sources.EITHER, Face.VALUE);
          case "OrRun" -> new Shape(Body.Kind.RUN, Sources.EITHER, Face.NOTHING);
          default -> null;
        };
      }
    }

    /** A source's outcome. */
    private record Source(@Nullable Object value, @Nullable Throwable failure) {}

    /** Where a stage class keeps its parts. */
    private static final class Fields implements Opener {
      private static final Set<String> TWO = Set.of("BOTH", "EITHER");

      final Shape shape;
      final Ref function;
      private final Ref dependent;
      private final @Nullable Ref first;
      private final @Nullable Ref second;

      Fields(Class<?> type, Shape shape) throws ReflectiveOperationException {
        this.shape = shape;
        this.function = new Ref(type, "fn");
        if (shape.sources == Sources.NONE) {
          dependent = new Ref(type, "dep");
          first = null;
          second = null;
        } else {
          Class<?> uni = Class.forName(JUC + "CompletableFuture$UniCompletion");
          dependent = new Ref(uni, "dep");
          first = new Ref(uni, "src");
          second =
              TWO.contains(shape.sources.name())
                  ? new Ref(Class.forName(JUC + "CompletableFuture$BiCompletion"), "snd")
                  : null;
        }
      }

      @Override
      public @Nullable Wrapper open(Runnable stage) {
        Object f = function.get(stage);
        if (f == null || !(dependent.get(stage) instanceof CompletableFuture<?> d)) {
          return null;
        }
        return new Stage(stage, this, d, body(stage, f));
      }

      @Override
      public boolean divert(Runnable stage, Way way) {
        Object f = function.get(stage);
        if (f != null) {
          function.set(stage, diverted(shape.kind, f, way));
        }
        return true;
      }

      private @Nullable Body body(Runnable stage, Object f) {
        Source a = source(first, stage);
        Source b = source(second, stage);
        if (shape.sources == Sources.EITHER && a == null) {
          a = b;
        }
        switch (shape.face) {
          case FAILURE -> {
            return a == null || a.failure == null ? null : new Body(shape.kind, f, a.failure, null);
          }
          case EITHER -> {
            return a == null ? null : new Body(shape.kind, f, a.value, a.failure);
          }
          default -> {}
        }
        if (shape.sources == Sources.NONE) {
          return Body.of(shape.kind, f);
        }
        if (a == null || a.failure != null) {
          return null;
        }
        if (shape.sources == Sources.BOTH && (b == null || b.failure != null)) {
          return null;
        }
        if (shape.face == Face.NOTHING) {
          return Body.of(shape.kind, f);
        }
        return shape.sources == Sources.BOTH && b != null
            ? new Body(shape.kind, f, a.value, b.value)
            : new Body(shape.kind, f, a.value, null);
      }

      private static @Nullable Source source(@Nullable Ref ref, Runnable stage) {
        Object future = ref == null ? null : ref.get(stage);
        Object result = future == null ? null : RESULT.get(future);
        if (result == null) {
          return null;
        }
        if (Alt.TYPE.isInstance(result)) {
          return new Source(null, (Throwable) Alt.EX.get(result));
        }
        return new Source(result, null);
      }
    }

    /** Finds threads that cannot go on before a CompletableFuture is complete. */
    private static final class Waiters {
      private static final int MOST = 1000;
      private static final Class<?> UNI = type("UniCompletion");
      private static final Class<?> CO = type("CoCompletion");
      private static final Class<?> SIGNALLER = type("Signaller");
      private static final Ref STACK = new Ref(CompletableFuture.class, "stack");
      private static final Ref NEXT = new Ref(type("Completion"), "next");
      private static final Ref DEPENDENT = new Ref(UNI, "dep");
      private static final Ref BASE = new Ref(CO, "base");
      private static final Ref THREAD = new Ref(SIGNALLER, "thread");

      static @Nullable Thread of(CompletableFuture<?> future) {
        ArrayDeque<Object> open = new ArrayDeque<>();
        open.add(future);
        for (int i = 0; i < MOST && !open.isEmpty(); i++) {
          Object stack = STACK.get(open.remove());
          for (Object c = stack; c != null && i < MOST; c = NEXT.get(c), i++) {
            if (SIGNALLER.isInstance(c)) {
              if (THREAD.get(c) instanceof Thread t && LockSupport.getBlocker(t) == c) {
                return t;
              }
              continue;
            }
            Object dependent = CO.isInstance(c) ? BASE.get(c) : c;
            // Who waits for the first of several may go on without this one.
            if (UNI.isInstance(dependent) && !either(dependent)) {
              Object d = DEPENDENT.get(dependent);
              if (d != null) {
                open.add(d);
              }
            }
          }
        }
        return null;
      }

      private static boolean either(Object completion) {
        return completion.getClass().getName().startsWith(JUC + "CompletableFuture$Or");
      }

      private static Class<?> type(String name) {
        try {
          return Class.forName(JUC + "CompletableFuture$" + name);
        } catch (ClassNotFoundException e) {
          throw new ExceptionInInitializerError(e);
        }
      }
    }

    /** How a CompletableFuture encodes null and exceptions. */
    private static final class Alt {
      static final Class<?> TYPE;
      static final Ref EX;

      static {
        try {
          TYPE = Class.forName(JUC + "CompletableFuture$AltResult");
        } catch (ClassNotFoundException e) {
          throw new ExceptionInInitializerError(e);
        }
        EX = new Ref(TYPE, "ex");
      }
    }
  }
}
