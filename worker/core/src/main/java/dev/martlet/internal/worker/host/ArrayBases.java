package dev.martlet.internal.worker.host;

import dev.martlet.internal.codec.ArrayImage;
import dev.martlet.internal.codec.Retained;
import java.util.Arrays;

/**
 * The pieces of the client's long arrays that this worker has, for the calls of all realms.
 *
 * <p>For each piece of an array the version that was fetched last is kept. A call gets the pieces
 * of exactly the versions that it was sent with: those that are not here are asked for, by one call
 * at a time for an array, so that calls which arrive together fetch them once. So the client need
 * not know what is here. All arrays together take at most a quarter of the heap.
 *
 * <p>Thread-safe.
 */
final class ArrayBases {
  private static final long PASSING = 1 << 24;

  private final Retained<Long, Base> bases;

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

  ArrayBases() {
    this(Runtime.getRuntime().maxMemory() / 4);
  }

  ArrayBases(long capacity) {
    bases = new Retained<>(capacity, Math.min(PASSING, capacity / 2));
  }

  /** Returns an image, whose pieces nobody may change. */
  ArrayImage image(long number, boolean again, long bytes, long[] versions, Fetch fetch) {
    byte[][] pieces = base(number, again, bytes).pieces(versions, fetch);
    return new ArrayImage(number, again, pieces, versions);
  }

  private synchronized Base base(long number, boolean again, long bytes) {
    Base base = bases.get(number, again);
    if (base == null) {
      base = new Base(ArrayImage.count(bytes));
      bases.put(number, base, bytes, again);
    }
    return base;
  }

  /**
   * Takes over what a call has made of an array. If the client has committed it as it is, it knows
   * it by the call's number.
   *
   * @param now the pieces of what the array holds: those of the image, where nothing has changed
   */
  void written(ArrayImage before, byte[][] now, long version) {
    Base base = bases.get(before.number(), false);
    if (base != null) {
      base.written(before, now, version);
    }
  }

  /** Returns how many bytes the arrays take. */
  long held() {
    return bases.held();
  }

  /** One array. */
  private static final class Base {
    private final byte[][] pieces;
    private final long[] versions;
    private final Object fetching = new Object();

    Base(int count) {
      pieces = new byte[count][];
      versions = new long[count];
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
