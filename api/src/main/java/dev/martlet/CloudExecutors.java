package dev.martlet;

import dev.martlet.spi.CloudExecutorProvider;
import dev.martlet.spi.ForkJoinProvider;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Makes pools whose tasks run on remote workers. */
public final class CloudExecutors {
  private CloudExecutors() {}

  /**
   * Creates a pool with the configured parallelism, by default as many slots as this machine has
   * processors.
   *
   * @throws IllegalArgumentException if a setting is unknown or its value is not valid
   * @throws IllegalStateException if Martlet's core is not on the class path, or neither an agent
   *     nor self-attachment is possible in this JVM
   */
  public static CloudExecutorService newCloudPool() {
    return builder().build();
  }

  /**
   * Creates a pool that runs at most {@code parallelism} calls at a time.
   *
   * @throws IllegalArgumentException if {@code parallelism} is not positive, or a setting is
   *     unknown or its value is not valid
   * @throws IllegalStateException if Martlet's core is not on the class path, or neither an agent
   *     nor self-attachment is possible in this JVM
   */
  public static CloudExecutorService newCloudPool(int parallelism) {
    return builder().parallelism(parallelism).build();
  }

  /**
   * Creates a fork/join pool with the configured parallelism, by default as many calls at a time as
   * this machine has processors.
   *
   * @throws IllegalArgumentException if a setting is unknown or its value is not valid
   * @throws IllegalStateException if Martlet's fork/join bridge is not on the class path, or
   *     neither an agent nor self-attachment is possible in this JVM
   */
  public static CloudForkJoinPool newCloudForkJoinPool() {
    return builder().buildForkJoinPool();
  }

  /**
   * Creates a fork/join pool of the given parallelism: so many threads unroll trees or wait for a
   * subtree that is away.
   *
   * @throws IllegalArgumentException if {@code parallelism} is not positive, or a setting is
   *     unknown or its value is not valid
   * @throws IllegalStateException if Martlet's fork/join bridge is not on the class path, or
   *     neither an agent nor self-attachment is possible in this JVM
   */
  public static CloudForkJoinPool newCloudForkJoinPool(int parallelism) {
    return builder().parallelism(parallelism).buildForkJoinPool();
  }

  /**
   * Attaches to a job that a client of the same program has made, on the configured platform.
   *
   * @throws IllegalStateException if there is no such job, or the key to it is on another machine
   * @throws UnsupportedOperationException if tasks do not outlive their client on the platform
   */
  public static CloudJob attach(String name) {
    return provider().attach(Objects.requireNonNull(name, "name"));
  }

  /** Returns a builder whose unset values come from the configuration. */
  public static CloudPoolBuilder builder() {
    return new CloudPoolBuilder();
  }

  /** Tells where a task would run on a pool with the configured settings, and what would travel. */
  public static TaskExplanation explain(Callable<?> task) {
    return provider().explain(Objects.requireNonNull(task, "task"));
  }

  /** Tells where a task would run on a pool with the configured settings, and what would travel. */
  public static TaskExplanation explain(Runnable task) {
    return provider().explain(Objects.requireNonNull(task, "task"));
  }

  static CloudExecutorProvider provider() {
    CloudExecutorProvider provider = Provider.INSTANCE;
    if (provider == null) {
      throw new IllegalStateException(
          "Martlet's core is not on the class path; depend on dev.martlet:martlet");
    }
    return provider;
  }

  static ForkJoinProvider forkJoin() {
    ForkJoinProvider provider = Bridge.INSTANCE;
    if (provider == null) {
      throw new IllegalStateException(
          "Martlet's fork/join bridge is not on the class path; depend on dev.martlet:martlet");
    }
    return provider;
  }

  private static final class Bridge {
    static final @Nullable ForkJoinProvider INSTANCE =
        ServiceLoader.load(ForkJoinProvider.class, CloudExecutors.class.getClassLoader())
            .findFirst()
            .orElse(null);
  }

  private static final class Provider {
    private static final String NAME = "dev.martlet.internal.executor.CoreProvider";

    static final @Nullable CloudExecutorProvider INSTANCE = find();

    /** On a class path by name, since a service loader opens every jar there, at each start. */
    private static @Nullable CloudExecutorProvider find() {
      ClassLoader loader = CloudExecutors.class.getClassLoader();
      if (!CloudExecutors.class.getModule().isNamed()) {
        try {
          return Class.forName(NAME, true, loader)
              .asSubclass(CloudExecutorProvider.class)
              .getConstructor()
              .newInstance();
        } catch (ReflectiveOperationException e) {
          // It is another one.
        }
      }
      return ServiceLoader.load(CloudExecutorProvider.class, loader).findFirst().orElse(null);
    }
  }
}
