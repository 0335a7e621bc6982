package dev.martlet.internal.executor;

import dev.martlet.CallListener;
import dev.martlet.internal.dispatch.Remote;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a pool is made of.
 *
 * @param name the prefix of its threads' names
 * @param parallelism how many calls run at a time
 * @param strict whether a task that cannot leave home is refused
 * @param listener who hears of ended calls
 * @param remote the way out; the pool closes it when it terminates
 * @param callTimeout how long a call may run at home, or {@code null}; away the remote sees to it
 * @param daemon whether the JVM may exit while the pool is open
 */
public record PoolConfig(
    String name,
    int parallelism,
    boolean strict,
    @Nullable CallListener listener,
    Remote remote,
    @Nullable Duration callTimeout,
    boolean daemon) {

  /** Creates a configuration without a time-out. */
  public PoolConfig(
      String name,
      int parallelism,
      boolean strict,
      @Nullable CallListener listener,
      Remote remote) {
    this(name, parallelism, strict, listener, remote, null, false);
  }

  /** Creates the configuration. */
  public PoolConfig {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(remote, "remote");
    if (parallelism < 1) {
      throw new IllegalArgumentException("parallelism must be positive, but is " + parallelism);
    }
  }
}
