package dev.martlet.internal.codec;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The long primitive arrays of one pool's tasks. Such an array travels as an {@link ArrayImage}: a
 * worker that has seen it before asks only for the pieces that have changed since, by whomever.
 *
 * <p>An array is known by its identity, and is not kept alive. Of very long ones a mirror is made
 * when they are first met, of others when they are met again: most arrays travel once. All mirrors
 * together take at most a quarter of the heap, or what the JVM can spare if that is less; an array
 * whose mirror had to make room is sent as if it were new.
 *
 * <p>Thread-safe.
 */
public final class ArrayMirrors {
  private static final long LEAST = 1 << 16;
  private static final long AT_ONCE = 1 << 22;
  private static final long PASSING = 1 << 24;

  // What a shorter array costs is less than another request.
  private static final long LEAST_STORED = 1 << 20;

  private final AtomicLong clock = new AtomicLong();
  private final long atOnce;
  private long least;
  private long longest;
  private boolean stored;
  private final ReferenceQueue<Object> gone = new ReferenceQueue<>();
  private final Set<Key> met = new HashSet<>();
  private final Retained<Key, ArrayMirror> mirrors;
  private volatile boolean open;

  /** Creates what knows no array yet, and takes none until it is opened. */
  public ArrayMirrors() {
    this(LEAST, AT_ONCE, Runtime.getRuntime().maxMemory() / 4);
  }

  /**
   * Creates the same with other bounds, in bytes.
   *
   * @param least the length of arrays that are mirrored when they are met again
   * @param atOnce the length of arrays that are mirrored when they are first met
   * @param capacity how much all mirrors may take
   */
  public ArrayMirrors(long least, long atOnce, long capacity) {
    this.least = least;
    this.atOnce = atOnce;
    this.longest = capacity / 2;
    this.mirrors = new Retained<>(capacity, Math.min(PASSING, capacity / 2));
  }

  /**
   * Lets arrays travel as images whose pieces workers find in a store, in {@linkplain ArrayVolume
   * volumes}. That spares long arrays of any length a copy in each request, and short ones nothing.
   */
  public void openStored() {
    least = Math.max(least, LEAST_STORED);
    longest = Long.MAX_VALUE;
    stored = true;
    open();
  }

  /** Lets arrays travel as images, since workers can ask for what they lack. */
  public void open() {
    open = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
  }

  /** Returns a number that was not used before, neither for a version nor otherwise. */
  public long nextNumber() {
    return clock.incrementAndGet();
  }

  /** Returns the image by which an array shall travel, or null if its elements shall. */
  @Nullable ArrayImage image(Object array) {
    if (!open) {
      return null;
    }
    long bytes = ArrayImage.bytes(array);
    if (bytes < least || bytes > longest) {
      return null;
    }
    ArrayMirror mirror = mirror(array, bytes);
    return mirror == null ? null : mirror.look(array);
  }

  private synchronized @Nullable ArrayMirror mirror(Object array, long bytes) {
    for (Reference<?> k; (k = gone.poll()) != null; ) {
      met.remove(k);
      mirrors.remove((Key) k);
    }
    Key key = new Key(array, gone);
    boolean again = !met.add(key);
    if (!again && bytes < atOnce) {
      return null;
    }
    ArrayMirror mirror = mirrors.get(key, again);
    if (mirror == null) {
      mirror = new ArrayMirror(nextNumber(), bytes, clock, stored);
      mirrors.put(key, mirror, bytes, again);
    }
    if (again) {
      mirror.again();
    }
    return mirror;
  }

  /**
   * Takes note of all that a task has written to an array, and that has been committed. The worker
   * that ran it may know what that gave by the version.
   *
   * @param before the image by which the array travelled to the task
   */
  public void written(Object array, ArrayImage before, List<ArrayRange> ranges, long version) {
    ArrayMirror mirror = mirrors.get(new Key(array, gone), false);
    if (mirror != null && mirror.number() == before.number()) {
      mirror.written(before, ranges, version);
    }
  }

  /** Returns how many bytes the mirrors take. */
  long held() {
    return mirrors.held();
  }

  private static final class Key extends WeakReference<Object> {
    private final int hash;

    Key(Object array, ReferenceQueue<Object> queue) {
      super(array, queue);
      hash = System.identityHashCode(array);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(@Nullable Object o) {
      if (this == o) {
        return true;
      }
      Object mine = get();
      return mine != null && o instanceof Key k && k.get() == mine;
    }
  }
}
