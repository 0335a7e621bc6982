package dev.martlet.internal.testkit;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An account's functions, and which instance runs what and when: the instance used last is used
 * first, a call without an idle one starts one, what is above a limit is throttled, and events wait
 * in a queue and are tried again.
 */
final class Lambda implements AutoCloseable {
  private final Settings settings;
  private final Function.Factory factory;
  private final ScheduledExecutorService timer;
  private final Executor work;
  private final LongSupplier slow;
  private final Logs logs;
  final Counters counters;

  private final Map<String, Function> functions = new TreeMap<>();
  private final List<Instance> busy = new ArrayList<>();
  private final Deque<Event> throttledEvents = new ArrayDeque<>();
  private int running;
  private boolean closed;

  Lambda(
      Settings settings,
      Function.Factory factory,
      ScheduledExecutorService timer,
      Executor work,
      LongSupplier slow,
      Logs logs,
      Counters counters) {
    this.settings = settings;
    this.factory = factory;
    this.timer = timer;
    this.work = work;
    this.slow = slow;
    this.logs = logs;
    this.counters = counters;
    long period = Math.max(20, Math.min(1_000, settings.idle().toMillis() / 4));
    var unused = timer.scheduleWithFixedDelay(this::reap, period, period, TimeUnit.MILLISECONDS);
  }

  synchronized @Nullable Function find(String name) {
    return functions.get(name);
  }

  synchronized List<Function> all() {
    return List.copyOf(functions.values());
  }

  synchronized void add(Function function) {
    String name = function.configuration.name();
    if (functions.putIfAbsent(name, function) != null) {
      throw new ServiceError(409, "ResourceConflictException", "Function already exist: " + name);
    }
    function.created(function.local == null ? settings.settling().toNanos() : 0);
  }

  void remove(String name) {
    List<Instance> old;
    synchronized (this) {
      Function function = functions.remove(name);
      old = function == null ? List.of() : retireAll(function);
    }
    old.forEach(this::end);
  }

  /** Gives a function other settings or code; its instances end. */
  void update(Function function, Configuration configuration) {
    List<Instance> old;
    synchronized (this) {
      function.update(settings.settling().toNanos());
      function.configuration = configuration;
      old = function.retire(System.nanoTime() - settings.idle().toNanos());
    }
    old.forEach(this::end);
  }

  /** Makes a version of what is newest. */
  synchronized Configuration publish(Function function) {
    Configuration version =
        Configurations.version(function.configuration, function.versions.size() + 1);
    function.versions.add(version);
    return version;
  }

  private static List<Instance> retireAll(Function function) {
    return function.retire(System.nanoTime() + 1);
  }

  /** Ends what is idle now, as Lambda may at any time. */
  void retireIdle() {
    List<Instance> old = new ArrayList<>();
    synchronized (this) {
      functions.values().forEach(function -> old.addAll(retireAll(function)));
    }
    old.forEach(this::end);
  }

  /** Returns the processes that run calls for whose answers somebody waits. */
  List<ProcessHandle> awaited() {
    List<Instance> all;
    synchronized (this) {
      all = List.copyOf(busy);
    }
    return all.stream().map(Instance::awaited).flatMap(Optional::stream).toList();
  }

  private void reap() {
    List<Instance> old = new ArrayList<>();
    synchronized (this) {
      long before = System.nanoTime() - settings.idle().toNanos();
      functions.values().forEach(function -> old.addAll(function.retire(before)));
    }
    old.forEach(this::end);
  }

  private void end(Instance instance) {
    counters.instances.decrementAndGet();
    instance.close();
  }

  synchronized int reservedInAll() {
    return functions.values().stream().mapToInt(f -> Math.max(0, f.reserved)).sum();
  }

  /**
   * Runs a call.
   *
   * @throws ServiceError if it is throttled
   */
  CompletableFuture<Outcome> run(Function function, Configuration configuration, Call call) {
    Instance instance;
    List<Instance> dead = new ArrayList<>();
    synchronized (this) {
      if (closed) {
        throw new ServiceError(503, "ServiceException", "The kit is closed");
      }
      if (function.reserved >= 0 && function.running >= function.reserved) {
        throw throttle("ReservedFunctionConcurrentInvocationLimitExceeded");
      }
      if (running >= settings.concurrency()) {
        throw throttle("ConcurrentInvocationLimitExceeded");
      }
      instance = function.take(configuration, dead);
      if (instance != null) {
        busy.add(instance);
      } else if (!function.mayStart(settings.scaling())) {
        dead.forEach(this::end);
        throw throttle("FunctionInvocationRateLimitExceeded");
      }
      running++;
      function.running++;
      counters.begin();
      counters.runs.increment();
    }
    dead.forEach(this::end);
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    if (instance != null) {
      run(function, configuration, call, instance, outcome);
    } else {
      counters.coldStarts.increment();
      long delay = settings.coldStart().toNanos() + slow.getAsLong();
      Runnable start = () -> start(function, configuration, call, outcome);
      if (delay > 0) {
        var unused = timer.schedule(() -> work.execute(start), delay, TimeUnit.NANOSECONDS);
      } else {
        work.execute(start);
      }
    }
    return outcome;
  }

  private ServiceError throttle(String reason) {
    counters.throttled.increment();
    return ServiceError.throttled(reason);
  }

  private void start(
      Function function,
      Configuration configuration,
      Call call,
      CompletableFuture<Outcome> outcome) {
    Instance instance;
    try {
      instance = factory.create(function, configuration);
    } catch (IOException | RuntimeException | Error e) {
      freed(function);
      outcome.complete(
          new Outcome(
              true, Outcome.error("Runtime.InvalidEntrypoint", String.valueOf(e)), new byte[0]));
      return;
    }
    boolean late;
    synchronized (this) {
      counters.instances.incrementAndGet();
      late = closed;
      busy.add(instance);
    }
    run(function, configuration, call, instance, outcome);
    if (late) {
      instance.close();
    }
  }

  private void run(
      Function function,
      Configuration configuration,
      Call call,
      Instance instance,
      CompletableFuture<Outcome> outcome) {
    var unused =
        instance
            .run(call)
            .thenAccept(
                done -> {
                  if (done.failed()) {
                    counters.functionErrors.increment();
                  }
                  logs.add(configuration, instance.stream(), done.log());
                  giveBack(function, configuration, instance);
                  outcome.complete(done);
                });
  }

  private void giveBack(Function function, Configuration configuration, Instance instance) {
    boolean keep;
    synchronized (this) {
      busy.remove(instance);
      keep =
          !closed
              && instance.usable()
              && functions.get(configuration.name()) == function
              && function.current(configuration);
      if (keep) {
        function.give(instance, configuration);
      }
    }
    if (!keep) {
      end(instance);
    }
    freed(function);
  }

  private void freed(Function function) {
    Event next;
    synchronized (this) {
      running--;
      function.running--;
      counters.end();
      next = throttledEvents.poll();
    }
    if (next != null) {
      work.execute(() -> attempt(next));
    }
  }

  /** An event that Lambda has taken, on its way to a function. */
  private static final class Event {
    final Function function;
    private final Configuration configuration;
    final Call call;
    final long taken = System.nanoTime();
    int failures;

    Event(Function function, Configuration configuration, Call call) {
      this.function = function;
      this.configuration = configuration;
      this.call = call;
    }

    /** Returns what it runs with: the newest, unless it is for a version. */
    Configuration configuration() {
      return configuration.version().equals("$LATEST") ? function.configuration : configuration;
    }
  }

  /** Runs a call some time, and again if it fails. */
  void queue(Function function, Configuration configuration, Call call) {
    work.execute(() -> attempt(new Event(function, configuration, call.event())));
  }

  private void attempt(Event event) {
    long age = System.nanoTime() - event.taken;
    if (age > TimeUnit.SECONDS.toNanos(event.function.maximumAgeSeconds)) {
      counters.dropped.increment();
      return;
    }
    CompletableFuture<Outcome> outcome;
    try {
      synchronized (this) {
        boolean full =
            running >= settings.concurrency()
                || (event.function.reserved > 0
                    && event.function.running >= event.function.reserved);
        if (full && running > 0) {
          // Waits for a place; the one that is given back takes it along.
          throttledEvents.add(event);
          return;
        }
        outcome = run(event.function, event.configuration(), event.call);
      }
    } catch (ServiceError e) {
      // Reserved concurrency of zero, or the end: it waits until its age is too high.
      if (!isClosed()) {
        later(event, TimeUnit.MILLISECONDS.toNanos(100));
      }
      return;
    }
    var unused =
        outcome.thenAccept(
            done -> {
              if (done.failed()) {
                failed(event);
              }
            });
  }

  private void failed(Event event) {
    event.failures++;
    if (event.failures > event.function.retries) {
      counters.dropped.increment();
      return;
    }
    counters.retries.increment();
    List<Duration> delays = settings.retryDelays();
    later(event, delays.get(Math.min(event.failures, delays.size()) - 1).toNanos());
  }

  private void later(Event event, long nanos) {
    var unused =
        timer.schedule(() -> work.execute(() -> attempt(event)), nanos, TimeUnit.NANOSECONDS);
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    List<Instance> all = new ArrayList<>();
    synchronized (this) {
      closed = true;
      throttledEvents.clear();
      functions.values().forEach(function -> all.addAll(retireAll(function)));
      all.addAll(busy);
    }
    all.forEach(Instance::close);
  }
}
