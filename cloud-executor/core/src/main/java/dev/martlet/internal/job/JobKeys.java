package dev.martlet.internal.job;

import dev.martlet.internal.classpath.CacheDirectory;
import dev.martlet.internal.envelope.Vault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The keys of jobs: files that nobody but this user can read, so that what jobs leave in a store is
 * of no use to whoever can read that. Whoever is to attach from another machine needs a copy of the
 * file. Thread-safe.
 */
public final class JobKeys {
  private final Path directory;
  private final String store;

  /**
   * Creates the keys of the jobs of a store.
   *
   * @param directory where they are; null for {@code ~/.martlet/jobs}
   * @param place where the store is
   */
  public JobKeys(@Nullable Path directory, Map<String, String> place) {
    this.directory =
        directory != null
            ? directory.toAbsolutePath()
            : Path.of(System.getProperty("user.home"), ".martlet", "jobs").toAbsolutePath();
    this.store = sum(new TreeMap<>(place).toString());
  }

  private static String sum(String s) {
    try {
      byte[] sum = MessageDigest.getInstance("SHA-256").digest(s.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sum, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the file of a job's key: jobs of several stores may have one name. */
  public Path file(String job) {
    return directory.resolve(job + "-" + store + ".key");
  }

  /**
   * Makes a key.
   *
   * @throws IllegalStateException if there is one already
   */
  byte[] make(String job) {
    byte[] key = new byte[Vault.KEY];
    new SecureRandom().nextBytes(key);
    Path file = file(job);
    try {
      CacheDirectory.secure(directory);
      byte[] text = HexFormat.of().formatHex(key).getBytes(StandardCharsets.US_ASCII);
      Files.write(file, text, StandardOpenOption.CREATE_NEW);
      if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      }
      return key;
    } catch (FileAlreadyExistsException e) {
      throw new IllegalStateException(
          "there is a key of a job "
              + job
              + " already, "
              + file
              + ": attach to the job, or delete"
              + " the file if it is that of a job that is gone",
          e);
    } catch (IOException e) {
      throw new UncheckedIOException("the key of the job cannot be kept in " + directory, e);
    }
  }

  /**
   * Returns a job's key.
   *
   * @throws IllegalStateException if it is not here
   */
  public byte[] find(String job) {
    Path file = file(job);
    try {
      byte[] key = HexFormat.of().parseHex(Files.readString(file).strip());
      if (key.length != Vault.KEY) {
        throw new IllegalArgumentException(key.length + " bytes");
      }
      return key;
    } catch (NoSuchFileException e) {
      throw new IllegalStateException(
          "the key of the job "
              + job
              + " is not here: it is where the job was made, and would be "
              + file
              + " on this machine",
          e);
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalStateException("the key of the job " + job + " is unreadable: " + file, e);
    }
  }

  /** Forgets a key. */
  public void forget(String job) {
    try {
      Files.deleteIfExists(file(job));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
