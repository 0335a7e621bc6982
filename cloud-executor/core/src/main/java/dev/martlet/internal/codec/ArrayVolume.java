package dev.martlet.internal.codec;

import dev.martlet.internal.agent.Memory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Pieces of an {@link ArrayImage} that lie near each other and have one version, for a place where
 * many workers find them. Whoever has an image's number and versions knows what its volumes are
 * called. A volume may hold more pieces than somebody looks for, since others of its version may
 * have changed meanwhile; of one name and piece there is one content only.
 *
 * <pre>
 * volume = count:int place:int... piece...
 * </pre>
 *
 * @param name what it is called
 * @param places the places of the pieces, in ascending order
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
public record ArrayVolume(String name, int[] places) {
  /** How many places a volume spans. */
  static final int SPAN = 128;

  /** Returns the volumes that hold all of an image. */
  public static List<ArrayVolume> of(ArrayImage image) {
    int[] all = new int[image.versions().length];
    Arrays.setAll(all, i -> i);
    return of(image.number(), image.versions(), all);
  }

  /**
   * Returns the volumes that hold pieces.
   *
   * @param number the image's number
   * @param versions the image's versions
   * @param which the places of the pieces, in ascending order
   */
  public static List<ArrayVolume> of(long number, long[] versions, int[] which) {
    Map<String, List<Integer>> places = new LinkedHashMap<>();
    for (int i : which) {
      String name = hex(number) + "-" + i / SPAN + "-" + hex(versions[i]);
      places.computeIfAbsent(name, n -> new ArrayList<>()).add(i);
    }
    List<ArrayVolume> volumes = new ArrayList<>(places.size());
    places.forEach(
        (name, all) -> volumes.add(new ArrayVolume(name, all.stream().mapToInt(i -> i).toArray())));
    return volumes;
  }

  private static String hex(long n) {
    return Long.toHexString(n);
  }

  /** Returns how many bytes of an image it holds. */
  public long bytes(ArrayImage image) {
    long bytes = 0;
    for (int i : places) {
      bytes += image.pieces()[i].length;
    }
    return bytes;
  }

  /** Returns the volume's bytes, those of the pieces as they are. */
  public List<ByteBuffer> encode(ArrayImage image) {
    ByteBuffer header = ByteBuffer.allocate(Integer.BYTES * (1 + places.length));
    header.putInt(places.length);
    List<ByteBuffer> all = new ArrayList<>(1 + places.length);
    all.add(header);
    for (int i : places) {
      header.putInt(i);
      all.add(ByteBuffer.wrap(image.pieces()[i]).asReadOnlyBuffer());
    }
    header.flip();
    return all;
  }

  /**
   * Takes pieces out of a volume's bytes.
   *
   * @param bytes how many bytes the array has
   * @param pieces where they go, by their places; what a volume holds is looked for here
   */
  public void decode(ByteBuffer volume, long bytes, byte[][] pieces) {
    int count = volume.getInt();
    if (count < 1 || count > SPAN || volume.remaining() < Integer.BYTES * count) {
      throw new CodecException("a volume of " + count + " pieces");
    }
    int[] held = new int[count];
    for (int k = 0; k < count; k++) {
      held[k] = volume.getInt();
    }
    for (int i : held) {
      if (i < 0 || i >= pieces.length || volume.remaining() < ArrayImage.length(bytes, i)) {
        throw new CodecException("a volume that is cut off, or of another array");
      }
      int n = ArrayImage.length(bytes, i);
      if (Arrays.binarySearch(places, i) >= 0) {
        byte[] piece = Memory.bytes(n);
        volume.get(piece);
        pieces[i] = piece;
      } else {
        volume.position(volume.position() + n);
      }
    }
  }
}
