package dev.martlet.internal.worker.loader;

import dev.martlet.internal.classpath.Wire;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A woven class, with what else its definition takes: whoever has that needs neither look for the
 * class in its loader's entries nor weave it.
 *
 * @param entry the loader's entry that has the class
 * @param application whether it belongs to the application
 * @param titles what the entry says of its package; null if nothing
 * @param bytes the class file
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record WovenFile(int entry, boolean application, @Nullable PackageTitles titles, byte[] bytes) {
  // JDKs that a cloud has at a time differ a little. As text it takes a new JVM long.
  private static final int JDK = Runtime.version().version().hashCode();

  /**
   * Returns the question for a class.
   *
   * @param generation of the client's world, which decides what is the application's
   */
  static ByteBuffer question(int generation, int loader, String name) {
    return new Wire.Writer(Wire.WOVEN)
        .integer(generation)
        .integer(loader)
        .string(name)
        .integer(JDK)
        .done();
  }

  /** Returns whether it is short enough for an answer. */
  boolean fits() {
    return bytes.length <= Wire.INLINE;
  }

  ByteBuffer answer() {
    Wire.Writer out = new Wire.Writer(Wire.OK).integer(entry).bool(application);
    out.bool(titles != null);
    if (titles != null) {
      titles.write(out);
    }
    return out.bytes(bytes).done();
  }

  /**
   * Reads an answer.
   *
   * @param entries how many the class's loader has
   * @throws Wire.MalformedException if it is none
   */
  static WovenFile read(ByteBuffer answer, int entries) {
    Wire.Reader in = new Wire.Reader(answer);
    byte type = in.get();
    if (type != Wire.OK) {
      throw new Wire.MalformedException("no answer has the type " + type);
    }
    int entry = in.integer();
    if (entry < 0 || entry >= entries) {
      throw new Wire.MalformedException("an entry " + entry + " of " + entries);
    }
    boolean application = in.bool();
    PackageTitles titles = in.bool() ? PackageTitles.read(in) : null;
    byte[] bytes = in.bytes(Wire.INLINE);
    in.end();
    return new WovenFile(entry, application, titles, bytes);
  }
}
