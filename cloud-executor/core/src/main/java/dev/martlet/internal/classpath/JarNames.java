package dev.martlet.internal.classpath;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * Which names a jar may have. It is their hash codes in order, so that a worker that has just
 * started need not read thousands of names to look for one. Of names that a jar does not have it
 * may have one in a million or so, and whoever opens the jar sees that. Immutable.
 */
public final class JarNames {
  private static final String VERSIONS = "META-INF/versions/";
  private static final int MOST_BYTES = 1 << 26;

  // Big-endian and apart, as they were sent.
  private final byte[] hashes;

  private JarNames(byte[] hashes) {
    this.hashes = hashes;
  }

  /**
   * Returns the names of a jar.
   *
   * @param multiRelease whether some versions of Java see what is there for them by another name
   */
  static JarNames of(Collection<String> names, boolean multiRelease) {
    Set<String> all = new HashSet<>(names);
    if (multiRelease) {
      for (String name : names) {
        int slash = name.startsWith(VERSIONS) ? name.indexOf('/', VERSIONS.length()) : -1;
        if (slash > 0) {
          all.add(name.substring(slash + 1));
        }
      }
    }
    int[] sorted = all.stream().mapToInt(String::hashCode).sorted().distinct().toArray();
    ByteBuffer hashes = ByteBuffer.allocate(sorted.length * Integer.BYTES);
    hashes.asIntBuffer().put(sorted);
    return new JarNames(hashes.array());
  }

  /** Returns whether a jar may have something of this name. */
  public boolean mayHave(String name) {
    int wanted = name.hashCode();
    int from = 0;
    int to = hashes.length / Integer.BYTES;
    while (from < to) {
      int middle = (from + to) >>> 1;
      int hash = Wire.integer(hashes, middle * Integer.BYTES);
      if (hash == wanted) {
        return true;
      }
      if (hash < wanted) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return false;
  }

  void write(Wire.Writer out) {
    out.bytes(hashes);
  }

  /** Reads names. */
  public static JarNames read(Wire.Reader in) {
    return new JarNames(in.bytes(MOST_BYTES));
  }
}
