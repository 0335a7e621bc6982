package dev.martlet.internal.effects;

import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.codec.ArrayImage;
import dev.martlet.internal.codec.GraphEncoder;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The twin of an array that came as an {@link ArrayImage}: the image itself, which others share. So
 * a piece is never written to, but replaced by what the array holds after it was found changed.
 */
final class PieceTwin {
  private static final VarHandle SHORTS = view(short[].class);
  private static final VarHandle INTS = view(int[].class);
  private static final VarHandle LONGS = view(long[].class);

  private final ArrayImage image;
  private final byte[][] pieces;
  private final int shift;
  private boolean shown;

  PieceTwin(ArrayImage image, int shift) {
    this.image = image;
    this.pieces = image.pieces().clone();
    this.shift = shift;
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.nativeOrder());
  }

  /**
   * Writes what has changed in the array, as {@link Twins} does, and returns whether anything has.
   * What is compared is a copy, for other threads of the task may go on writing.
   */
  boolean writeElements(int id, Object live, GraphEncoder out, boolean last) {
    boolean changed = false;
    for (int i = 0; i < pieces.length; i++) {
      byte[] was = pieces[i];
      long at = (long) i * ArrayImage.PIECE;
      if (Memory.mismatch(live, at, was, 0, was.length) < 0) {
        continue;
      }
      byte[] is = Memory.bytes(was.length);
      Memory.copy(live, at, is, 0, is.length);
      int first = (int) (at >> shift);
      int to;
      for (int from = mismatch(is, was, 0); from >= 0; from = mismatch(is, was, to)) {
        to = runEnd(is, was, from);
        if (!changed) {
          changed = true;
          out.writeInt(id);
        }
        out.writeInt(first + from);
        out.writeInt(to - from);
        out.writeElements(is, from << shift, (to - from) << shift);
      }
      pieces[i] = is;
    }
    if (changed) {
      out.writeInt(Twins.END);
      shown |= !last;
    }
    return changed;
  }

  /** Tells what the array held in the end. */
  void tell(Object array, Twins.Results to) {
    to.written(array, image, pieces, !shown);
  }

  /** Returns the first element from one on that differs, or -1. */
  private int mismatch(byte[] a, byte[] b, int from) {
    int at = from << shift;
    int m = Arrays.mismatch(a, at, a.length, b, at, b.length);
    return m < 0 ? -1 : (at + m) >> shift;
  }

  /** Returns where a run of changed elements ends; equal ones may be another task's to write. */
  private int runEnd(byte[] a, byte[] b, int from) {
    int end = (from + 1) << shift;
    switch (shift) {
      case 0 -> {
        while (end < a.length && a[end] != b[end]) {
          end++;
        }
      }
      case 1 -> {
        while (end < a.length && (short) SHORTS.get(a, end) != (short) SHORTS.get(b, end)) {
          end += 2;
        }
      }
      case 2 -> {
        while (end < a.length && (int) INTS.get(a, end) != (int) INTS.get(b, end)) {
          end += 4;
        }
      }
      default -> {
        while (end < a.length && (long) LONGS.get(a, end) != (long) LONGS.get(b, end)) {
          end += 8;
        }
      }
    }
    return end >> shift;
  }
}
