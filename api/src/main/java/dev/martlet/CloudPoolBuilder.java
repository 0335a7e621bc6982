package dev.martlet;

import dev.martlet.spi.PoolSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link CloudExecutorService}. What is not set here comes from system properties ({@code
 * martlet.*}), then the environment ({@code MARTLET_*}), then {@code martlet.yaml}, then the
 * default. Not thread-safe.
 */
public final class CloudPoolBuilder {
  private final Map<String, Object> values = new LinkedHashMap<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final Map<String, String> systemProperties = new LinkedHashMap<>();
  private final List<String> jvmOptions = new ArrayList<>();
  private @Nullable CallListener listener;
  private @Nullable Frontier frontier;

  CloudPoolBuilder() {}

  /**
   * Sets where functions run.
   *
   * @param name the platform's name, such as {@code local}
   */
  public CloudPoolBuilder platform(String name) {
    return put("platform", name);
  }

  /**
   * Sets how many calls run at a time.
   *
   * @throws IllegalArgumentException if not positive
   */
  public CloudPoolBuilder parallelism(int parallelism) {
    if (parallelism < 1) {
      throw new IllegalArgumentException("parallelism must be positive, but is " + parallelism);
    }
    return put("parallelism", parallelism);
  }

  /**
   * Sets how many worker processes the local platform starts at most; by default one a processor.
   *
   * @throws IllegalArgumentException if not positive
   */
  public CloudPoolBuilder workers(int workers) {
    if (workers < 1) {
      throw new IllegalArgumentException("workers must be positive, but is " + workers);
    }
    return put("workers", workers);
  }

  /**
   * Sets how often a call is sent again after its worker was lost. With 0 a call runs at most once,
   * otherwise at least once.
   *
   * @throws IllegalArgumentException if negative
   */
  public CloudPoolBuilder retries(int retries) {
    if (retries < 0) {
      throw new IllegalArgumentException("retries must not be negative, but is " + retries);
    }
    return put("retries", retries);
  }

  /**
   * Sets how long one call may run. A call that takes longer is interrupted, and fails with a
   * {@link java.util.concurrent.TimeoutException} as cause. If it does not heed the interruption,
   * its worker is replaced; one that runs at home keeps its slot until it ends.
   *
   * @throws IllegalArgumentException if not positive
   */
  public CloudPoolBuilder callTimeout(Duration timeout) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("callTimeout must be positive, but is " + timeout);
    }
    return put("callTimeout", timeout);
  }

  /** Sets whether changes that tasks make to shared objects are brought back. */
  public CloudPoolBuilder effects(Effects effects) {
    return put("effects", Objects.requireNonNull(effects, "effects"));
  }

  /** Sets whether a task that cannot leave home is refused instead of running there. */
  public CloudPoolBuilder strict(boolean strict) {
    return put("strict", strict);
  }

  /** Sets whether lines that tasks print come out on the client; by default they do. */
  public CloudPoolBuilder output(boolean output) {
    return put("output", output);
  }

  /** Passes an environment variable on to the workers. */
  public CloudPoolBuilder environment(String name, String value) {
    environment.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    return this;
  }

  /** Passes a system property on to the workers, besides those that the program itself has set. */
  public CloudPoolBuilder systemProperty(String name, String value) {
    systemProperties.put(
        Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    return this;
  }

  /** Adds options to the command line of local worker JVMs, such as {@code -Xmx2g}. */
  public CloudPoolBuilder jvmOptions(String... options) {
    jvmOptions.addAll(List.of(options));
    return this;
  }

  /** Sets who hears what the pool's calls do. */
  public CloudPoolBuilder listener(CallListener listener) {
    this.listener = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /**
   * Creates the pool.
   *
   * @throws IllegalArgumentException if a setting is unknown or its value is not valid
   * @throws IllegalStateException if Martlet's core is not on the class path, or neither an agent
   *     nor self-attachment is possible in this JVM
   */
  public CloudExecutorService build() {
    return CloudExecutors.provider().newPool(settings());
  }

  /**
   * Sets where the subtrees of a {@linkplain #buildForkJoinPool fork/join pool} leave for workers;
   * by default {@link Frontier#automatic}. Other pools have none.
   */
  public CloudPoolBuilder frontier(Frontier frontier) {
    this.frontier = Objects.requireNonNull(frontier, "frontier");
    return this;
  }

  /**
   * Creates a fork/join pool.
   *
   * @throws IllegalArgumentException if a setting is unknown or its value is not valid
   * @throws IllegalStateException if Martlet's fork/join bridge is not on the class path, or
   *     neither an agent nor self-attachment is possible in this JVM
   */
  public CloudForkJoinPool buildForkJoinPool() {
    return CloudExecutors.forkJoin().newPool(settings(), frontier);
  }

  private PoolSettings settings() {
    return new PoolSettings(values, environment, systemProperties, jvmOptions, listener);
  }

  private CloudPoolBuilder put(String key, Object value) {
    values.put(key, Objects.requireNonNull(value, key));
    return this;
  }
}
