package dev.martlet.internal.worker.host;

import dev.martlet.internal.worker.weave.CallHooks;
import dev.martlet.internal.worker.weave.Hooks;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** The switches of one realm's own copy of {@link Hooks}. */
final class RealmHooks {
  private final VarHandle calls;
  private final VarHandle objects;
  private final VarHandle synchronisers;
  private final VarHandle pruned;
  private final VarHandle tasks;
  private final VarHandle nanosAhead;

  /**
   * Finds the switches.
   *
   * @param hooks the realm's copy of the class
   */
  RealmHooks(Class<?> hooks) {
    try {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      calls = lookup.findStaticVarHandle(hooks, "calls", CallHooks.class);
      objects = lookup.findStaticVarHandle(hooks, "objects", boolean.class);
      synchronisers = lookup.findStaticVarHandle(hooks, "synchronisers", boolean.class);
      pruned = lookup.findStaticVarHandle(hooks, "pruned", boolean.class);
      tasks = lookup.findStaticVarHandle(hooks, "tasks", boolean.class);
      nanosAhead = lookup.findStaticVarHandle(hooks, "nanosAhead", long.class);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  void set(@Nullable CallHooks c) {
    calls.set(c);
  }

  void nanosAhead(long nanos) {
    nanosAhead.setOpaque(nanos);
  }

  void watch(boolean anyObjects, boolean anySynchronisers, boolean anyPruned, boolean anyTasks) {
    objects.set(anyObjects);
    synchronisers.set(anySynchronisers);
    pruned.set(anyPruned);
    tasks.set(anyTasks);
  }
}
