package dev.martlet.internal.codec;

import java.util.function.Supplier;

/** Makes arrays that travelled as images. */
@FunctionalInterface
public interface ArrayImages {
  /**
   * Returns an array, getting what is not there.
   *
   * @param id the array's number in the table
   * @param number the array's number on the other side
   * @param again whether the array has travelled before
   * @param bytes how many bytes it has
   * @param versions the versions of its pieces
   * @param blank makes an array of its type and length
   */
  Arrived arrive(
      int id, long number, boolean again, long bytes, long[] versions, Supplier<Object> blank);

  /**
   * An array and its image.
   *
   * @param array holds what the image says, and is nobody else's
   * @param image the image
   */
  record Arrived(Object array, ArrayImage image) {}
}
