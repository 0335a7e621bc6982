package dev.martlet;

import dev.martlet.spi.CurrentContext;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * An object that stays on a worker: a database client, a mapper, a loaded model. A task that
 * captures a worker local takes only its recipe along; the object is made by the first task that
 * asks for it on a worker, and later tasks find it there. In the client JVM there is one as well.
 *
 * <p>Tasks that run at the same time on one worker see the application's classes, and so its static
 * fields, each in a class loader of its own, and an object belongs to such a loader: <b>tasks that
 * run at the same time have one each</b>, tasks that run one after the other share one. So there
 * are at most as many in use on a worker as it has run tasks at a time, and never more than the
 * pool's parallelism; divide a limit on connections, say, by that. A loader, and with it the
 * object, is given up after a task that left threads running, and when classes were added at home.
 *
 * <p>Threads that the supplier starts belong to the object and may run on; those that a task starts
 * must end with it. Nobody closes the object: it ends with its worker.
 *
 * <p>Thread-safe. Threads that a task starts share its object.
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
   * Returns the object for the current task, making it first if there is none.
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
            id,
            key ->
                Objects.requireNonNull(
                    CurrentContext.keep(supplier), "the supplier returned null"));
  }
}
