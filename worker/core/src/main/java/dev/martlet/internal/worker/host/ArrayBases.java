package dev.martlet.internal.worker.host;

import dev.martlet.internal.codec.ArrayImage;
import dev.martlet.internal.codec.ArrayImages.Arrived;
import dev.martlet.internal.codec.Retained;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The client's long arrays that this worker has, for the calls of all realms.
 *
 * <p>For each piece of an array the version that was fetched last is kept. A call gets the pieces
 * of exactly the versions that it was sent with: those that are not here are asked for, by one call
 * at a time for an array, so that calls which arrive together fetch them once. So the client need
 * not know what is here. All arrays together take at most a quarter of the heap.
 *
 * <p>Each call has an array of its own. When it has ended, and it is known what the array holds, a
 * later call gets it, and only pieces that differ are copied. Whoever has kept the array where
 * others find it, in a worker's local object say, shares it as at home.
 *
 * <p>Thread-safe.
 */
final class ArrayBases {
  private static final long PASSING = 1 << 24;

  private final Retained<Long, Base> bases;
  private final long most;

  /** Gets pieces from the client. */
  @FunctionalInterface
  interface Fetch {
    /**
     * Returns pieces.
     *
     * @param which their places, in ascending order
     */
    byte[][] fetch(int[] which);
  }

  /**
   * An array that a call needs no more.
   *
   * @param number the array's number
   * @param again whether it had travelled before
   * @param array the array
   * @param versions what it holds; 0 where that has no version
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  record Spare(long number, boolean again, Object array, long[] versions) {}

  ArrayBases() {
    this(Runtime.getRuntime().maxMemory() / 4);
  }

  ArrayBases(long capacity) {
    bases = new Retained<>(capacity, Math.min(PASSING, capacity / 2));
    most = capacity / 2;
  }

  /** Returns an array that holds what is wanted; the pieces of its image nobody may change. */
  Arrived arrive(
      long number,
      boolean again,
      long bytes,
      long[] versions,
      Supplier<Object> blank,
      Fetch fetch) {
    Base base = base(number, again, bytes);
    ArrayImage image = new ArrayImage(number, again, base.pieces(versions, fetch), versions);
    Spare spare = base.spare();
    Object array = spare == null ? blank.get() : spare.array;
    for (int i = 0; i < versions.length; i++) {
      if (spare == null || spare.versions[i] != versions[i]) {
        image.copy(i, array);
      }
    }
    return new Arrived(array, image);
  }

  private synchronized Base base(long number, boolean again, long bytes) {
    Base base = bases.get(number, again);
    if (base == null) {
      base = new Base(bytes);
      bases.put(number, base, bytes, again);
    }
    return base;
  }

  /**
   * Takes over what a call has made of an array.
   *
   * @param now the pieces of what the array holds: those of the image, where nothing has changed
   * @param version the call's number, by which the client knows what it has committed; or 0 if it
   *     has to be looked at anew
   */
  Spare written(Object array, ArrayImage before, byte[][] now, long version) {
    long[] versions = before.versions().clone();
    for (int i = 0; i < now.length; i++) {
      if (now[i] != before.pieces()[i]) {
        versions[i] = version;
      }
    }
    Base base = bases.get(before.number(), false);
    if (base != null && version != 0) {
      base.written(before, now, version);
    }
    return new Spare(before.number(), before.again(), array, versions);
  }

  /** Takes an array that nobody writes to any more. */
  synchronized void give(Spare spare) {
    Base base = spare.again ? bases.get(spare.number, true) : null;
    if (base != null && base.give(spare, most)) {
      bases.put(spare.number, base, base.held(), true);
    }
  }

  /** Returns how many bytes the arrays take. */
  long held() {
    return bases.held();
  }

  /** One array. */
  private static final class Base {
    final long bytes;
    private final byte[][] pieces;
    private final long[] versions;
    private final Object fetching = new Object();
    private final ArrayDeque<Spare> spares = new ArrayDeque<>();

    Base(long bytes) {
      this.bytes = bytes;
      pieces = new byte[ArrayImage.count(bytes)][];
      versions = new long[pieces.length];
    }

    synchronized @Nullable Spare spare() {
      return spares.poll();
    }

    synchronized boolean give(Spare spare, long most) {
      boolean fits = held() + bytes <= most;
      if (fits) {
        spares.push(spare);
      }
      return fits;
    }

    synchronized long held() {
      return bytes * (1 + spares.size());
    }

    byte[][] pieces(long[] wanted, Fetch fetch) {
      byte[][] found = new byte[wanted.length][];
      if (find(wanted, found).length > 0) {
        synchronized (fetching) {
          int[] missing = find(wanted, found);
          if (missing.length > 0) {
            byte[][] fetched = fetch.fetch(missing);
            for (int i = 0; i < missing.length; i++) {
              found[missing[i]] = fetched[i];
            }
            keep(missing, wanted, found);
          }
        }
      }
      return found;
    }

    /** Takes what is there of the wanted versions, and returns what is not. */
    private synchronized int[] find(long[] wanted, byte[][] found) {
      int[] missing = new int[wanted.length];
      int n = 0;
      for (int i = 0; i < wanted.length; i++) {
        if (found[i] == null) {
          if (versions[i] == wanted[i]) {
            found[i] = pieces[i];
          } else {
            missing[n++] = i;
          }
        }
      }
      return Arrays.copyOf(missing, n);
    }

    synchronized void written(ArrayImage before, byte[][] now, long version) {
      for (int i = 0; i < now.length; i++) {
        if (now[i] != before.pieces()[i] && versions[i] == before.versions()[i]) {
          pieces[i] = now[i];
          versions[i] = version;
        }
      }
    }

    private synchronized void keep(int[] which, long[] wanted, byte[][] found) {
      for (int i : which) {
        pieces[i] = found[i];
        versions[i] = wanted[i];
      }
    }
  }
}
