package dev.martlet.internal.executor;

import dev.martlet.CallStatistics.Place;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudJob;
import dev.martlet.Effects;
import dev.martlet.TaskExplanation;
import dev.martlet.internal.agent.Agent;
import dev.martlet.internal.capture.Capture;
import dev.martlet.internal.capture.Captured;
import dev.martlet.internal.capture.ClientBorder;
import dev.martlet.internal.capture.HomeException;
import dev.martlet.internal.capture.Rehearsal;
import dev.martlet.internal.classpath.CacheDirectory;
import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.codec.ArrayMirrors;
import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.Locals;
import dev.martlet.internal.config.Settings;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.dispatch.Dispatcher;
import dev.martlet.internal.job.Jobs;
import dev.martlet.spi.CloudExecutorProvider;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.PlatformProvider;
import dev.martlet.spi.PoolSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Puts pools together. */
public final class CoreProvider implements CloudExecutorProvider {
  private static final AtomicInteger POOLS = new AtomicInteger();

  // By name, since a service loader opens every jar of the class path.
  private static final Map<String, String> OWN_PLATFORMS =
      Map.of("local", "dev.martlet.internal.local.LocalPlatformProvider");

  /** Creates the provider; {@link ServiceLoader} does. */
  public CoreProvider() {}

  @Override
  public CloudExecutorService newPool(PoolSettings given) {
    return newPool(Settings.resolve(given), /* daemon= */ false);
  }

  /**
   * Creates a pool.
   *
   * @param daemon whether the JVM may exit while the pool is open
   */
  public static CloudPool newPool(Settings settings, boolean daemon) {
    PlatformProvider platform = platform(settings.platform());
    Map<String, Object> platformSettings = settings.platformSettings();
    platform.expect(platformSettings, settings.environment(), settings.jvmOptions());
    Agent.check();
    String name = "cloud-pool-" + POOLS.incrementAndGet();
    AtomicReference<@Nullable CloudPool> self = new AtomicReference<>();
    ClassWorld world = world(settings);
    Rehearsal rehearsal = Rehearsal.begin(world);
    Border border =
        new ClientBorder(
            self::get,
            () -> {
              CloudPool p = self.get();
              return p == null ? null : p.forkJoinPool();
            });
    ArrayMirrors mirrors = new ArrayMirrors();
    Dispatcher.Config config =
        new Dispatcher.Config(
            name,
            platform.isLocal(),
            settings.parallelism(),
            settings.retries(),
            settings.callTimeout().orElse(null),
            settings.effects() == Effects.ON,
            settings.output(),
            settings.systemProperties(),
            settings.listener());
    Dispatcher dispatcher =
        new Dispatcher(
            config,
            world,
            new Capture(world, border, mirrors),
            border,
            mirrors,
            (bytes, questions) ->
                platform.open(
                    new PlatformConfig(
                        platformSettings,
                        settings.parallelism(),
                        settings.workers(),
                        settings.environment(),
                        settings.jvmOptions(),
                        bytes,
                        questions)));
    // After the first worker's start, which takes longest.
    rehearsal.goOn();
    CloudPool pool =
        new CloudPool(
            new PoolConfig(
                name,
                settings.parallelism(),
                settings.strict(),
                settings.listener(),
                dispatcher,
                settings.callTimeout().orElse(null),
                daemon));
    self.set(pool);
    pool.jobs(new Jobs(dispatcher, settings.jobs().orElse(null)));
    return pool;
  }

  @Override
  public CloudJob attach(String name) {
    PoolSettings none = new PoolSettings(Map.of(), Map.of(), Map.of(), List.of(), null);
    CloudPool pool = newPool(Settings.resolve(none), /* daemon= */ true);
    try {
      return pool.attach(name);
    } catch (RuntimeException | Error e) {
      pool.shutdown();
      throw e;
    }
  }

  private static ClassWorld world(Settings settings) {
    Path cache = settings.cache().orElse(null);
    if (cache != null) {
      try {
        cache = CacheDirectory.open(cache);
      } catch (IOException | RuntimeException e) {
        throw new IllegalArgumentException("the directory for cache cannot be used: " + e, e);
      }
    }
    return new ClassWorld(Set.copyOf(settings.applicationPackages()), cache);
  }

  private static PlatformProvider platform(String name) {
    String own = OWN_PLATFORMS.get(name);
    if (own != null) {
      try {
        return Class.forName(own).asSubclass(PlatformProvider.class).getConstructor().newInstance();
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("Martlet's jar is not whole: " + own + " is missing", e);
      }
    }
    List<String> others = new ArrayList<>();
    for (PlatformProvider p :
        ServiceLoader.load(PlatformProvider.class, CoreProvider.class.getClassLoader())) {
      if (p.name().equals(name)) {
        return p;
      }
      others.add(p.name());
    }
    throw new IllegalArgumentException(
        "there is no platform " + name + " on the class path, only " + others);
  }

  @Override
  public TaskExplanation explain(Object task) {
    Settings settings =
        Settings.resolve(new PoolSettings(Map.of(), Map.of(), Map.of(), List.of(), null));
    ClassWorld world = world(settings);
    Capture capture =
        new Capture(world, new ClientBorder(() -> null, () -> null), new ArrayMirrors());
    Body.Kind kind = task instanceof Callable ? Body.Kind.CALL : Body.Kind.RUN;
    try {
      Captured captured = capture.capture(task, kind.code(), null, null, Locals.NONE);
      return new TaskExplanation(
          Place.AWAY,
          captured.reason(),
          captured.classes(),
          captured.table().size(),
          captured.bytes(),
          captured.keptHome());
    } catch (HomeException e) {
      return new TaskExplanation(Place.HOME, e.reason(), List.of(), 0, 0, List.of());
    }
  }
}
