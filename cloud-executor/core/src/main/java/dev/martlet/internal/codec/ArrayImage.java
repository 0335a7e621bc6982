package dev.martlet.internal.codec;

import dev.martlet.internal.agent.Memory;
import java.lang.reflect.Array;

/**
 * What a long primitive array held at one moment, in pieces. A piece never changes, and has a
 * version: pieces of one place in one array with one version are equal, on whatever machine. So an
 * array travels as its number and the versions, and who lacks a piece asks for it.
 *
 * @param number the array's number
 * @param again whether the array has travelled before
 * @param pieces the pieces
 * @param versions their versions
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
public record ArrayImage(long number, boolean again, byte[][] pieces, long[] versions) {
  /** The length of a piece in bytes; the last one of an array may be shorter. */
  public static final int PIECE = 1 << 16;

  /** Returns the image with nothing but its number and the versions. */
  ArrayImage withoutPieces() {
    return new ArrayImage(number, again, new byte[0][], versions);
  }

  /** Returns how many bytes the elements of a primitive array take. */
  public static long bytes(Object array) {
    return (long) Array.getLength(array) * Elements.width(array);
  }

  /** Returns how many pieces make up a number of bytes. */
  public static int count(long bytes) {
    return (int) ((bytes + PIECE - 1) / PIECE);
  }

  /** Returns the length of a piece of so many bytes. */
  public static int length(long bytes, int piece) {
    return (int) Math.min(PIECE, bytes - (long) piece * PIECE);
  }

  /** Copies a piece into an array that has as many bytes as this. */
  public void copy(int piece, Object array) {
    byte[] bytes = pieces[piece];
    Memory.copy(bytes, 0, array, (long) piece * PIECE, bytes.length);
  }
}
