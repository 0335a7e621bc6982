package dev.martlet.internal.testkit;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A function with its instances, which are guarded by the lock of the {@link Lambda} that it
 * belongs to.
 */
final class Function {
  volatile Configuration configuration;
  final List<Configuration> versions = new CopyOnWriteArrayList<>();
  final Map<String, String> tags = new ConcurrentSkipListMap<>();

  /** How many of its calls may run at once; negative if only the account's limit counts. */
  volatile int reserved = -1;

  volatile int retries = 2;
  volatile long maximumAgeSeconds = 6 * 60 * 60;

  /** Makes instances of a function that lives in this JVM; null for one that was uploaded. */
  final @Nullable Supplier<Instance> local;

  /** How many instances may be started at once, of a bucket that fills in ten seconds. */
  private double starts = Double.NaN;

  private long startsAt;

  /** When it was made, and changed for the last time: the moments of which it has settled. */
  private volatile long active = System.nanoTime();

  private volatile long updated = System.nanoTime();

  int running;

  /** Those that wait for a call; the one used last comes first. */
  private final Deque<Idle> idle = new ArrayDeque<>();

  Function(Configuration configuration, @Nullable Supplier<Instance> local) {
    this.configuration = configuration;
    this.local = local;
  }

  /** Begins the time in which it is pending. */
  void created(long settlingNanos) {
    active = System.nanoTime() + settlingNanos;
  }

  /**
   * Begins the time in which an update is in progress.
   *
   * @throws ServiceError if there is one already, or the function is pending
   */
  void update(long settlingNanos) {
    long now = System.nanoTime();
    if (pending() || now - updated < 0) {
      throw new ServiceError(
          409,
          "ResourceConflictException",
          "The operation cannot be performed at this time. An update is in progress for resource: "
              + configuration.arn());
    }
    updated = now + settlingNanos;
  }

  boolean pending() {
    return System.nanoTime() - active < 0;
  }

  private record Idle(Instance instance, Configuration configuration, long since) {}

  /** Makes an instance. */
  interface Factory {
    Instance create(Function function, Configuration configuration) throws IOException;
  }

  /** Takes the instance of a revision that was used last; what is dead goes to {@code dead}. */
  @Nullable Instance take(Configuration wanted, List<Instance> dead) {
    for (var all = idle.iterator(); all.hasNext(); ) {
      Idle next = all.next();
      if (!next.instance.usable()) {
        all.remove();
        dead.add(next.instance);
      } else if (next.configuration.revision().equals(wanted.revision())) {
        all.remove();
        return next.instance;
      }
    }
    return null;
  }

  /** Whether another instance may be started now, which then counts as started. */
  boolean mayStart(int inTenSeconds) {
    if (inTenSeconds == Integer.MAX_VALUE) {
      return true;
    }
    long now = System.nanoTime();
    starts =
        Double.isNaN(starts)
            ? inTenSeconds
            : Math.min(inTenSeconds, starts + (now - startsAt) / 10e9 * inTenSeconds);
    startsAt = now;
    if (starts < 1) {
      return false;
    }
    starts--;
    return true;
  }

  void give(Instance instance, Configuration of) {
    idle.push(new Idle(instance, of, System.nanoTime()));
  }

  /** Takes out what has been idle since before a moment, or is of another revision. */
  List<Instance> retire(long before) {
    List<Instance> old = new ArrayList<>();
    idle.removeIf(
        one -> {
          boolean out =
              one.since - before < 0 || !current(one.configuration) || !one.instance.usable();
          if (out) {
            old.add(one.instance);
          }
          return out;
        });
    return old;
  }

  boolean current(Configuration configuration) {
    return configuration.revision().equals(this.configuration.revision())
        || versions.contains(configuration);
  }

  int idleCount() {
    return idle.size();
  }

  /** Returns a version, or what is newest if none is named; null if there is none. */
  @Nullable Configuration version(@Nullable String qualifier) {
    if (qualifier == null || qualifier.equals("$LATEST")) {
      return configuration;
    }
    return versions.stream().filter(v -> v.version().equals(qualifier)).findFirst().orElse(null);
  }

  Map<String, Object> json(Configuration of) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("FunctionName", of.name());
    json.put("FunctionArn", of.arn());
    json.put("Runtime", of.runtime());
    json.put("Role", of.role());
    json.put("Handler", of.handler());
    json.put("CodeSize", of.codeSize());
    json.put("Description", of.description());
    json.put("Timeout", Math.max(1, of.timeoutMillis() / 1000));
    json.put("MemorySize", of.memory());
    json.put("LastModified", of.modified());
    json.put("CodeSha256", of.codeHash());
    json.put("Version", of.version());
    if (!of.environment().isEmpty()) {
      json.put("Environment", Map.of("Variables", of.environment()));
    }
    json.put("TracingConfig", Map.of("Mode", "PassThrough"));
    json.put("RevisionId", of.revision());
    json.put("State", pending() ? "Pending" : "Active");
    boolean settled = System.nanoTime() - updated >= 0;
    json.put("LastUpdateStatus", settled ? "Successful" : "InProgress");
    json.put("PackageType", "Zip");
    json.put("Architectures", List.of(of.architecture()));
    json.put("EphemeralStorage", Map.of("Size", of.ephemeralStorage()));
    json.put(
        "SnapStart",
        Map.of("ApplyOn", of.snapStart(), "OptimizationStatus", of.restores() ? "On" : "Off"));
    json.put("LoggingConfig", Map.of("LogFormat", "Text", "LogGroup", "/aws/lambda/" + of.name()));
    return json;
  }
}
