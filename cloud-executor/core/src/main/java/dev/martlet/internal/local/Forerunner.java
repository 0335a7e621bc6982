package dev.martlet.internal.local;

import dev.martlet.internal.log.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A worker process that is started while its platform is still being opened, since that takes
 * longest. It waits to be told where to connect. If nobody takes it within some seconds it is
 * ended; there is one at a time.
 */
final class Forerunner {
  private static final AtomicReference<@Nullable Forerunner> NEXT = new AtomicReference<>();
  private static final long WAIT_SECONDS = 5;

  private final @Nullable Path wanted;
  private final List<String> jvmOptions;
  private final Map<String, String> environment;
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch taken = new CountDownLatch(1);
  private volatile @Nullable Path cache;
  private volatile Launcher.@Nullable Spawned spawned;

  private Forerunner(
      @Nullable Path wanted, List<String> jvmOptions, Map<String, String> environment) {
    this.wanted = wanted;
    this.jvmOptions = List.copyOf(jvmOptions);
    this.environment = Map.copyOf(environment);
  }

  /**
   * Begins to start a process, on a thread of its own.
   *
   * @param cache where an archive of classes shall be kept, or {@code null} for the user's cache
   */
  static void begin(
      @Nullable Path cache, List<String> jvmOptions, Map<String, String> environment) {
    Forerunner f = new Forerunner(cache, jvmOptions, environment);
    if (NEXT.compareAndSet(null, f)) {
      Thread t = new Thread(null, new Start(f), "martlet-forerunner", 0, false);
      t.setDaemon(true);
      t.setContextClassLoader(Forerunner.class.getClassLoader());
      t.start();
    }
  }

  /** Returns the process if it is such a one and lives, else {@code null}; waits for its start. */
  static Launcher.@Nullable Spawned take(
      Path cache, List<String> jvmOptions, Map<String, String> environment) {
    Forerunner f = NEXT.get();
    if (f == null
        || !f.jvmOptions.equals(jvmOptions)
        || !f.environment.equals(environment)
        || !NEXT.compareAndSet(f, null)) {
      return null;
    }
    f.taken.countDown();
    boolean interrupted = false;
    for (; ; ) {
      try {
        f.started.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    Launcher.Spawned s = f.spawned;
    if (s != null && !(cache.equals(f.cache) && s.process.isAlive())) {
      s.process.destroyForcibly();
      return null;
    }
    return s;
  }

  private void start() {
    try {
      Path directory = PrivateDirectory.kept(wanted);
      if (directory != null) {
        cache = directory;
        spawned = Launcher.spawn(directory, jvmOptions, environment);
      }
    } catch (IOException | RuntimeException | Error e) {
      // Whoever opens the platform tries again and tells.
      Log.of(Forerunner.class).debug("A worker could not be started ahead", e);
    } finally {
      started.countDown();
    }
    try {
      if (taken.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      // Nobody but this class knows the thread.
    }
    Launcher.Spawned s = spawned;
    if (NEXT.compareAndSet(this, null) && s != null) {
      s.process.destroyForcibly();
    }
  }

  private static final class Start implements Runnable {
    private final Forerunner forerunner;

    Start(Forerunner forerunner) {
      this.forerunner = forerunner;
    }

    @Override
    public void run() {
      forerunner.start();
    }
  }
}
