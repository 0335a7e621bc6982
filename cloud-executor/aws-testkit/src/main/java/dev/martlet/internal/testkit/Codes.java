package dev.martlet.internal.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The code that was uploaded, unpacked once for each content. */
final class Codes {
  private static final int LONGEST_INLINE = 50 * 1024 * 1024;
  private static final long LONGEST_UNPACKED = 250L * 1024 * 1024;

  private final Path directory;

  Codes(Path directory) {
    this.directory = directory;
  }

  /** What was uploaded. */
  record Code(Path root, String hash, long size) {}

  Code inline(byte[] zip) {
    if (zip.length > LONGEST_INLINE) {
      throw new ServiceError(
          413,
          "RequestEntityTooLargeException",
          "Request must be smaller than 69905067 bytes for the CreateFunction operation");
    }
    return unpack(zip);
  }

  synchronized Code unpack(byte[] zip) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(zip);
      Path root = directory.resolve(HexFormat.of().formatHex(hash));
      if (!Files.exists(root)) {
        Path fresh = Files.createTempDirectory(Files.createDirectories(directory), "zip");
        unpack(zip, fresh);
        Files.move(fresh, root);
      }
      return new Code(root, Base64.getEncoder().encodeToString(hash), zip.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static void unpack(byte[] zip, Path root) throws IOException {
    long total = 0;
    boolean empty = true;
    try (ZipInputStream entries = new ZipInputStream(new ByteArrayInputStream(zip))) {
      for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        empty = false;
        Path file = root.resolve(entry.getName()).normalize();
        if (!file.startsWith(root)) {
          throw ServiceError.invalid("Could not unzip uploaded file: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(file);
          continue;
        }
        Path parent = file.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        total += copy(entries, file, LONGEST_UNPACKED - total);
      }
    }
    if (empty) {
      throw ServiceError.invalid(
          "Could not unzip uploaded file. Please check your file, then try to upload again.");
    }
  }

  private static long copy(InputStream entry, Path file, long most) throws IOException {
    long size = Files.copy(entry, file);
    if (size > most) {
      throw ServiceError.invalid(
          "Unzipped size must be smaller than " + LONGEST_UNPACKED + " bytes");
    }
    return size;
  }
}
