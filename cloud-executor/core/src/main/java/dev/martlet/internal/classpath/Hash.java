package dev.martlet.internal.classpath;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** A SHA-256 sum: the identity of content. */
public final class Hash {
  /** The length of a sum in bytes. */
  public static final int LENGTH = 32;

  /** Stands for no content. */
  public static final Hash NONE = new Hash(new byte[LENGTH]);

  private final byte[] sum;

  private Hash(byte[] sum) {
    this.sum = sum;
  }

  /** Returns the hash with the given sum. */
  public static Hash ofSum(byte[] sum) {
    if (sum.length != LENGTH) {
      throw new IllegalArgumentException("a hash of " + sum.length + " bytes");
    }
    return new Hash(sum.clone());
  }

  /** Returns the hash of some content. */
  public static Hash of(byte[] content) {
    return new Hash(digest().digest(content));
  }

  /** Returns the hash of a file's content. */
  public static Hash of(Path file) throws IOException {
    MessageDigest digest = digest();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n; (n = in.read(buffer)) >= 0; ) {
        digest.update(buffer, 0, n);
      }
    }
    return new Hash(digest.digest());
  }

  /** Returns a new digest of the kind used here. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the sum. */
  public byte[] sum() {
    return sum.clone();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Hash h && Arrays.equals(sum, h.sum);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sum);
  }

  /** Returns the sum in hexadecimal digits. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(sum);
  }
}
