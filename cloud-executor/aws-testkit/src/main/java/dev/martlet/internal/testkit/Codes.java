package dev.martlet.internal.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipException;

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

  /** Unpacks as Lambda does: with the permissions and times that the zip tells. */
  private static void unpack(byte[] zip, Path root) throws IOException {
    Path file = Files.write(root.resolveSibling(root.getFileName() + ".zip"), zip);
    try (FileSystem entries =
        FileSystems.newFileSystem(
            file, Map.of("enablePosixFileAttributes", true, "defaultPermissions", "rw-r--r--"))) {
      Unpacking unpacking = new Unpacking(entries.getPath("/"), root);
      Files.walkFileTree(entries.getPath("/"), unpacking);
      if (unpacking.files == 0) {
        throw unreadable();
      }
    } catch (ProviderNotFoundException | ZipException e) {
      throw unreadable();
    } finally {
      Files.delete(file);
    }
  }

  private static ServiceError unreadable() {
    return ServiceError.invalid(
        "Could not unzip uploaded file. Please check your file, then try to upload again.");
  }

  private static final class Unpacking extends SimpleFileVisitor<Path> {
    private final Path from;
    private final Path to;
    private final boolean posix;
    private long left = LONGEST_UNPACKED;
    int files;

    Unpacking(Path from, Path to) {
      this.from = from;
      this.to = to;
      posix = to.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private Path target(Path entry) {
      return to.resolve(from.relativize(entry).toString());
    }

    @Override
    public FileVisitResult preVisitDirectory(Path entry, BasicFileAttributes attributes)
        throws IOException {
      Files.createDirectories(target(entry));
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path entry, BasicFileAttributes attributes)
        throws IOException {
      files++;
      left -= attributes.size();
      if (left < 0) {
        throw ServiceError.invalid(
            "Unzipped size must be smaller than " + LONGEST_UNPACKED + " bytes");
      }
      Path file = target(entry);
      Files.copy(entry, file);
      Files.setLastModifiedTime(file, attributes.lastModifiedTime());
      if (posix) {
        Set<PosixFilePermission> permissions = new HashSet<>(Files.getPosixFilePermissions(entry));
        permissions.add(PosixFilePermission.OWNER_READ);
        Files.setPosixFilePermissions(file, permissions);
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
