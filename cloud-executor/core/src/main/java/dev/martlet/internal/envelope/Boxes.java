package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * How something long lies in a store: in boxes of bounded length, each sealed under a name of its
 * own. So to seal and to open it takes little memory besides, and several boxes are on their way at
 * a time. Whoever has put it there tells how long it is, so that none can be left out.
 *
 * @param bytes how long it is
 */
public record Boxes(int bytes) {
  /** How many bytes a box holds: what stores write and read at once. */
  static final int LENGTH = 8 << 20;

  /** How many boxes whoever reads or writes them has under way at a time. */
  public static final int AT_A_TIME = 4;

  /** Returns the boxes for bytes. */
  public static Boxes of(List<ByteBuffer> plain) {
    long bytes = 0;
    for (ByteBuffer b : plain) {
      bytes += b.remaining();
    }
    return new Boxes(Math.toIntExact(bytes));
  }

  /**
   * Reads what {@link #told} has told.
   *
   * @throws MalformedException if it is not that
   */
  public static Boxes read(ByteBuffer told) {
    Fields.require(told.remaining() == Integer.BYTES, "a length of " + told.remaining() + " bytes");
    int bytes = told.getInt(told.position());
    Fields.require(bytes >= 0, "a length of " + bytes);
    return new Boxes(bytes);
  }

  /** Returns what whoever opens the boxes has to be told. */
  public ByteBuffer told() {
    return ByteBuffer.allocate(Integer.BYTES).putInt(bytes).flip();
  }

  /** Returns how many boxes there are, one at least. */
  public int count() {
    return Math.max(1, (int) (((long) bytes + LENGTH - 1) / LENGTH));
  }

  /** Returns the name of a box; the first has that of the whole. */
  public static String name(String whole, int i) {
    return i == 0 ? whole : whole + "-" + i;
  }

  private int length(int i) {
    return Math.min(LENGTH, bytes - i * LENGTH);
  }

  /** Seals what belongs into a box. */
  public ByteBuffer seal(Vault vault, String whole, int i, List<ByteBuffer> plain) {
    int from = i * LENGTH;
    int to = from + length(i);
    List<ByteBuffer> part = new ArrayList<>();
    int at = 0;
    for (ByteBuffer b : plain) {
      int end = at + b.remaining();
      int first = Math.max(at, from);
      int last = Math.min(end, to);
      if (first < last) {
        part.add(b.slice(b.position() + first - at, last - first));
      }
      at = end;
    }
    return vault.seal(name(whole, i), part);
  }

  /**
   * Opens a box.
   *
   * @param all takes what is in it, in its place
   * @throws MalformedException if it is another one
   */
  public void open(Vault vault, String whole, int i, ByteBuffer box, byte[] all) {
    vault.open(name(whole, i), box, all, i * LENGTH, length(i));
  }
}
