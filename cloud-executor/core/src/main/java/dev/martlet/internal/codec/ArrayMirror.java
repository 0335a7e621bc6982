package dev.martlet.internal.codec;

import dev.martlet.internal.agent.Memory;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What an array held when it was last looked at. A piece that differs at the next look is copied
 * and gets a new version. Nothing but this copy is ever sent, so it does not matter who writes to
 * the array meanwhile. Thread-safe.
 */
final class ArrayMirror {
  // Whoever has nothing needs all volumes, so there shall not be many more than there must be.
  private static final int MOST_VERSIONS = 8;

  private final long number;
  private final boolean stored;
  private final AtomicLong clock;
  private final byte[][] pieces;
  private final long[] versions;
  private volatile boolean again;
  private long looked;
  private @Nullable ArrayImage image;

  /**
   * Creates a mirror that has not looked yet.
   *
   * @param stored whether the pieces go to where others find them in volumes
   */
  ArrayMirror(long number, long bytes, AtomicLong clock, boolean stored) {
    this.number = number;
    this.stored = stored;
    this.clock = clock;
    this.pieces = new byte[ArrayImage.count(bytes)][];
    this.versions = new long[pieces.length];
  }

  long number() {
    return number;
  }

  /**
   * Takes over what a task has written to its copy. Where the mirror is as the copy was, that gives
   * a version which the task's worker has already; what else has changed is found by the next look.
   */
  synchronized void written(ArrayImage before, List<ArrayRange> ranges, long version) {
    for (ArrayRange r : ranges) {
      int width = Elements.width(r.values());
      long end = r.bytes();
      for (long done = 0; done < end; ) {
        long at = (long) r.from() * width + done;
        int i = (int) (at / ArrayImage.PIECE);
        int within = (int) (at % ArrayImage.PIECE);
        int n = (int) Math.min(end - done, ArrayImage.PIECE - within);
        byte[] piece = pieces[i];
        if (versions[i] == before.versions()[i]) {
          piece = piece.clone();
          pieces[i] = piece;
          versions[i] = version;
          image = null;
        }
        if (versions[i] == version) {
          Memory.copy(r.values(), done, piece, within, n);
        }
        done += n;
      }
    }
  }

  /** The array travels again. */
  void again() {
    again = true;
  }

  /** Returns what the array holds now. */
  ArrayImage look(Object array) {
    long asked = clock.incrementAndGet();
    synchronized (this) {
      boolean repeated = again;
      ArrayImage known = image == null || image.again() != repeated ? null : image;
      // Another has looked since this was asked, so it has seen what the caller did before.
      if (known != null && looked > asked) {
        return known;
      }
      long now = clock.incrementAndGet();
      long bytes = ArrayImage.bytes(array);
      for (int i = 0; i < pieces.length; i++) {
        long from = (long) i * ArrayImage.PIECE;
        int n = ArrayImage.length(bytes, i);
        byte[] former = pieces[i];
        if (former == null || Memory.mismatch(array, from, former, 0, n) >= 0) {
          byte[] piece = Memory.bytes(n);
          Memory.copy(array, from, piece, 0, n);
          pieces[i] = piece;
          versions[i] = now;
          known = null;
        }
      }
      if (known == null) {
        if (stored) {
          unite(now);
        }
        known = new ArrayImage(number, repeated, pieces.clone(), versions.clone());
        image = known;
      }
      looked = now;
      return known;
    }
  }

  /** Gives pieces that are in many volumes, though they lie near each other, one version. */
  private void unite(long now) {
    for (int from = 0; from < versions.length; from += ArrayVolume.SPAN) {
      int to = Math.min(versions.length, from + ArrayVolume.SPAN);
      if (Arrays.stream(versions, from, to).distinct().count() > MOST_VERSIONS) {
        Arrays.fill(versions, from, to, now);
      }
    }
  }
}
