package dev.martlet.internal.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * Bytes that nobody can guess: the kernel's where it offers them as a file, since {@link
 * SecureRandom}, which takes them from there, needs tens of milliseconds to wake in a new JVM.
 */
final class Randomness {
  private static final Path KERNEL = Path.of("/dev/urandom");

  private Randomness() {}

  static byte[] bytes(int count) {
    if (Files.isReadable(KERNEL)) {
      try (InputStream in = Files.newInputStream(KERNEL)) {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length == count) {
          return bytes;
        }
      } catch (IOException e) {
        // The JDK may have other sources.
      }
    }
    byte[] bytes = new byte[count];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }
}
