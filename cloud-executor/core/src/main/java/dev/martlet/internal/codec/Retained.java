package dev.martlet.internal.codec;

import java.lang.ref.SoftReference;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values that take much memory, as long as there is room. Those that were used only once share
 * little room, so that what passes by costs little and drives nothing out; the newest is always
 * kept. Those that were used again share the rest. In both, who was not used for longest goes
 * first; and the JVM may take any of them when it has no memory left. Thread-safe.
 *
 * @param <K> by what values are found
 * @param <V> the values
 */
public final class Retained<K, V> {
  private final Segment<K, V> once;
  private final Segment<K, V> again;

  /**
   * Creates it empty.
   *
   * @param capacity how many bytes all values may take
   * @param passing how many of them those that were used only once
   */
  public Retained(long capacity, long passing) {
    once = new Segment<>(passing);
    again = new Segment<>(capacity - passing);
  }

  private record Entry<V>(SoftReference<V> value, long bytes) {}

  private static final class Segment<K, V> {
    final long capacity;
    final Map<K, Entry<V>> entries = new LinkedHashMap<>(16, 0.75f, true);
    long held;

    Segment(long capacity) {
      this.capacity = capacity;
    }

    @Nullable Entry<V> remove(K key) {
      Entry<V> e = entries.remove(key);
      held -= e == null ? 0 : e.bytes;
      return e;
    }

    void put(K key, Entry<V> e) {
      remove(key);
      held += e.bytes;
      entries.put(key, e);
      Iterator<Entry<V>> eldest = entries.values().iterator();
      while (held > capacity && entries.size() > 1) {
        held -= eldest.next().bytes;
        eldest.remove();
      }
    }
  }

  /**
   * Returns a value that is still there, or null.
   *
   * @param repeated whether this is known not to be its first use
   */
  public synchronized @Nullable V get(K key, boolean repeated) {
    Entry<V> e = again.entries.get(key);
    if (e == null) {
      e = repeated ? once.remove(key) : once.entries.get(key);
      if (e != null && repeated) {
        again.put(key, e);
      }
    }
    return e == null ? null : e.value.get();
  }

  /** Keeps a value that takes so many bytes, in place of a former one. */
  public synchronized void put(K key, V value, long bytes, boolean repeated) {
    remove(key);
    (repeated ? again : once).put(key, new Entry<>(new SoftReference<>(value), bytes));
  }

  /** Lets go of a value. */
  public synchronized void remove(K key) {
    Entry<V> unused = once.remove(key);
    unused = again.remove(key);
  }

  /** Returns how many bytes the values take. */
  public synchronized long held() {
    return once.held + again.held;
  }
}
