package dev.martlet.internal.codec;

/** Finds the images of arrays that travelled as such. */
@FunctionalInterface
public interface ArrayImages {
  /**
   * Returns an image, getting what is not there.
   *
   * @param id the array's number in the table
   * @param number the array's number on the other side
   * @param again whether the array has travelled before
   * @param bytes how many bytes it has
   * @param versions the versions of its pieces
   */
  ArrayImage image(int id, long number, boolean again, long bytes, long[] versions);
}
