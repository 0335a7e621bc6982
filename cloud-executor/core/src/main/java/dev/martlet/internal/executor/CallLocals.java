package dev.martlet.internal.executor;

import dev.martlet.internal.agent.LocalMap;
import dev.martlet.internal.codec.Locals;
import org.jspecify.annotations.Nullable;

/**
 * What thread-locals hold for one call. A slot stands for a thread of a pool, so it keeps a
 * thread's values, which its calls have in turn: a home thread has them while it runs a call, and
 * they travel with what an attempt away uses of them. A call that runs in a slot beside another one
 * is as if on a thread of its own. Thread-safe: what asks on behalf of an attempt may come late.
 */
final class CallLocals implements Locals {
  /** The values of one thread. */
  static final class Values {
    @Nullable Object map;
  }

  private final Slot slot;
  private @Nullable Values values;
  private boolean closed;

  CallLocals(Slot slot) {
    this.slot = slot;
  }

  private Values values() {
    if (closed) {
      throw new IllegalStateException("the call has no thread any more");
    }
    Values v = values;
    if (v == null) {
      v = slot.takeValues();
      values = v;
    }
    return v;
  }

  @Override
  public synchronized boolean isSet(ThreadLocal<?> local) {
    return LocalMap.isSet(values().map, local);
  }

  @Override
  public synchronized @Nullable Object get(ThreadLocal<?> local) {
    return LocalMap.get(values().map, local);
  }

  @Override
  public synchronized void set(ThreadLocal<?> local, @Nullable Object value) {
    Values v = values();
    v.map = LocalMap.set(v.map, local, value);
  }

  @Override
  public synchronized void remove(ThreadLocal<?> local) {
    LocalMap.remove(values().map, local);
  }

  /** Runs the rest of the call on the current thread, which has the values meanwhile. */
  void run(Runnable code) {
    Values v = end();
    if (v == null) {
      code.run();
      return;
    }
    Object own = LocalMap.ofThread();
    LocalMap.install(v.map);
    try {
      code.run();
    } finally {
      v.map = LocalMap.ofThread();
      LocalMap.install(own);
      slot.giveValues(v);
    }
  }

  /** Returns the values, which nobody gets here from now on; null if nobody did before. */
  private synchronized @Nullable Values end() {
    Values v = closed ? null : values();
    closed = true;
    values = null;
    return v;
  }

  /** Gives the values back. */
  synchronized void close() {
    closed = true;
    Values v = values;
    values = null;
    if (v != null) {
      slot.giveValues(v);
    }
  }
}
