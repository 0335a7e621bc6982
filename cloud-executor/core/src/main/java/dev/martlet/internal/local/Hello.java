package dev.martlet.internal.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes on a line, of fixed length: the worker's token and what it is.
 *
 * @param wire the protocol version
 * @param jdk the JDK's feature version
 * @param martlet Martlet's version
 */
public record Hello(int wire, int jdk, String martlet) {
  /** The length of a token. */
  public static final int TOKEN = 32;

  private static final int NAME = 64;

  /** The length of all. */
  public static final int LENGTH = TOKEN + 8 + NAME;

  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof Hello h && wire == h.wire && jdk == h.jdk && martlet.equals(h.martlet);
  }

  @Override
  public int hashCode() {
    return martlet.hashCode() * 31 + jdk;
  }

  /** Returns what this JVM is. */
  public static Hello mine() {
    return new Hello(Wire.VERSION, Runtime.version().feature(), version());
  }

  private static String version() {
    try (InputStream in =
        Hello.class.getResourceAsStream(
            "/META-INF/maven/dev.martlet/martlet-core/pom.properties")) {
      if (in != null) {
        Properties p = new Properties();
        p.load(in);
        return p.getProperty("version", "unpackaged");
      }
    } catch (IOException e) {
      // As if it were not there.
    }
    return "unpackaged";
  }

  /** Returns the bytes that say so. */
  public ByteBuffer encode(byte[] token) {
    ByteBuffer b = ByteBuffer.allocate(LENGTH);
    b.put(token).putInt(wire).putInt(jdk);
    byte[] name = martlet.getBytes(StandardCharsets.UTF_8);
    b.put(name, 0, Math.min(name.length, NAME));
    return b.clear();
  }

  /** Reads what follows the token. */
  static Hello decode(ByteBuffer b) {
    int wire = b.getInt(TOKEN);
    int jdk = b.getInt(TOKEN + 4);
    byte[] name = new byte[NAME];
    b.get(TOKEN + 8, name);
    int end = 0;
    while (end < NAME && name[end] >= ' ' && name[end] < 127) {
      end++;
    }
    return new Hello(wire, jdk, new String(Arrays.copyOf(name, end), StandardCharsets.US_ASCII));
  }
}
