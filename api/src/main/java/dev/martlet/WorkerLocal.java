package dev.martlet;

import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * An object per worker: a database client, a mapper, a loaded model. A task that captures a worker
 * local takes only its recipe along; the object is made by the first task that asks for it on a
 * worker, and stays there. In the client JVM there is one as well.
 *
 * <p>Thread-safe. Tasks that run at the same time on one worker may see the application's classes,
 * and so its static fields, each in a class loader of its own; the supplier runs once per worker
 * and class loader. A worker keeps class loaders for later tasks, so it makes at most as many
 * objects as it has run tasks at a time, and never more than the pool's parallelism. Threads that a
 * task starts share its object.
 *
 * @param <T> the object's type
 */
public final class WorkerLocal<T> {
  // Keyed by loader: a worker may hold the application's classes in more than one.
  private static final Map<ClassLoader, Map<String, Object>> VALUES = new WeakHashMap<>();

  private final String id = UUID.randomUUID().toString();
  private final Supplier<? extends T> supplier;

  private WorkerLocal(Supplier<? extends T> supplier) {
    this.supplier = supplier;
  }

  /**
   * Creates a worker local.
   *
   * @param supplier makes the object; must not return {@code null}
   * @param <T> the object's type
   */
  public static <T> WorkerLocal<T> of(Supplier<? extends T> supplier) {
    return new WorkerLocal<>(Objects.requireNonNull(supplier, "supplier"));
  }

  /**
   * Returns this worker's object, making it first if there is none.
   *
   * @throws NullPointerException if the supplier returns {@code null}
   */
  @SuppressWarnings("unchecked")
  public T get() {
    Map<String, Object> values;
    synchronized (VALUES) {
      values =
          VALUES.computeIfAbsent(
              supplier.getClass().getClassLoader(), loader -> new ConcurrentHashMap<>());
    }
    return (T)
        values.computeIfAbsent(
            id, key -> Objects.requireNonNull(supplier.get(), "the supplier returned null"));
  }
}
