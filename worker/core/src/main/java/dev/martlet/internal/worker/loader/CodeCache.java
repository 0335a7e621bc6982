package dev.martlet.internal.worker.loader;

import dev.martlet.internal.classpath.CacheDirectory;
import dev.martlet.internal.classpath.Hash;
import dev.martlet.internal.classpath.JarNames;
import dev.martlet.internal.classpath.Stamp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.jar.JarFile;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * What a worker JVM has of its clients' code, by hash: shared by all realms, kept on disk from run
 * to run, bounded in memory and on disk. Nothing is kept whose hash was not checked in this JVM:
 * what came with a call is neither, since it is at hand again and a new JVM is slow at both.
 * Thread-safe; one a JVM.
 */
public final class CodeCache implements AutoCloseable {
  /** So many notes of what was asked for are kept about. */
  static final int MOST_NOTES = 10_000;

  private final Path blobs;
  private final Path notes;
  private final long maxDisk;
  private final long maxMemory;
  private final Map<Hash, byte[]> memory = new LinkedHashMap<>(64, 0.75f, /* accessOrder= */ true);
  private long memoryUsed;
  private long diskUsed = -1;
  private final Map<String, JarFile> jars = new ConcurrentHashMap<>();
  private final Map<Hash, JarNames> names = new ConcurrentHashMap<>();
  private final Map<Hash, Object> locks = new ConcurrentHashMap<>();

  /**
   * Creates a cache.
   *
   * @param directory where to keep it; null for the usual place
   * @param maxDisk bytes on disk
   * @param maxMemory bytes in memory
   */
  public CodeCache(@Nullable Path directory, long maxDisk, long maxMemory) throws IOException {
    Path root = CacheDirectory.open(directory);
    this.blobs = CacheDirectory.secure(root.resolve("blobs"));
    this.notes = CacheDirectory.secure(root.resolve("notes"));
    this.maxDisk = maxDisk;
    this.maxMemory = maxMemory;
  }

  /**
   * Returns content that the client is asked for each time, but that it sends only if it is another
   * than it was.
   *
   * @param key what is asked for
   * @param ask the question, given the hash of what is here
   */
  byte @Nullable [] fetch(
      String key, Function<Hash, Questions.@Nullable Content> ask, Questions questions) {
    try {
      Path note = notes.resolve(Hash.of(key.getBytes(StandardCharsets.UTF_8)).toString());
      Hash known = recall(note);
      byte[] prior = known.equals(Hash.NONE) ? null : get(known);
      Questions.Content content = ask.apply(prior == null ? Hash.NONE : known);
      if (content == null) {
        return null;
      }
      if (prior != null && content.hash().equals(known)) {
        return prior;
      }
      byte[] bytes = content(content, questions);
      try {
        CacheDirectory.writeAtomically(note, content.hash().sum());
      } catch (IOException e) {
        // As in put.
      }
      return bytes;
    } catch (IOException e) {
      throw questions.unavailable("cannot use the cache of code in " + blobs, e);
    }
  }

  /** As {@link #content}, for callers that cannot go on without. */
  byte[] bytes(Questions.Content content, Questions questions) {
    try {
      return content(content, questions);
    } catch (IOException e) {
      throw questions.unavailable("cannot use the cache of code in " + blobs, e);
    }
  }

  /** Returns content, from here or from the client. */
  byte[] content(Questions.Content content, Questions questions) throws IOException {
    byte[] bytes = get(content.hash());
    if (bytes != null) {
      return bytes;
    }
    bytes = content.bytes();
    if (bytes == null) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      boolean given = questions.blob(content.hash(), out);
      bytes = out.toByteArray();
      if (given) {
        return bytes;
      }
    }
    check(content.hash(), Hash.of(bytes), questions);
    put(content.hash(), bytes);
    return bytes;
  }

  /** Returns the jar with a hash if this JVM has opened it. */
  @Nullable JarFile jarIfOpen(Hash hash) {
    return jars.get(hash.toString());
  }

  /** Returns the jar with a hash if it is here. */
  @Nullable JarFile jarIfHere(Hash hash, Questions questions) throws IOException {
    JarFile jar = jars.get(hash.toString());
    Path file = blobs.resolve(hash + ".jar");
    return jar != null || !Files.exists(file) ? jar : openJar(hash, file, questions);
  }

  /** Returns the jar with a hash, from here or from the client. */
  JarFile jar(Hash hash, Questions questions) throws IOException {
    synchronized (locks.computeIfAbsent(hash, h -> new Object())) {
      JarFile jar = jarIfHere(hash, questions);
      if (jar != null) {
        return jar;
      }
      Path file = blobs.resolve(hash + ".jar");
      Path temporary = CacheDirectory.temporary(file);
      try {
        DigestOutputStream out =
            new DigestOutputStream(
                Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW), Hash.digest());
        try (out) {
          questions.blob(hash, out);
        }
        check(hash, Hash.ofSum(out.getMessageDigest().digest()), questions);
        makeRoom(Files.size(temporary));
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        names.remove(hash);
      } finally {
        Files.deleteIfExists(temporary);
      }
      return open(hash.toString(), file);
    }
  }

  /** Returns a jar of this machine, or null if it is not there as the client has it. */
  @Nullable JarFile jarInPlace(Path file, Stamp stamp) throws IOException {
    try {
      if (!Stamp.of(file).equals(stamp)) {
        return null;
      }
      JarFile jar = open(file + "\0" + stamp, file);
      return Stamp.of(file).equals(stamp) ? jar : null;
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Returns the names in a jar. */
  JarNames names(Hash hash, Questions questions) {
    JarNames known = names.get(hash);
    if (known == null) {
      known = questions.names(hash);
      names.put(hash, known);
    }
    return known;
  }

  /** Closes the jars. Realms that use this cache are of no use afterwards. */
  @Override
  public void close() throws IOException {
    for (JarFile jar : jars.values()) {
      jar.close();
    }
    jars.clear();
  }

  private JarFile openJar(Hash hash, Path file, Questions questions) throws IOException {
    Hash actual = Hash.of(file);
    if (!actual.equals(hash)) {
      Files.delete(file);
      check(hash, actual, questions);
    }
    touch(file);
    return open(hash.toString(), file);
  }

  private JarFile open(String key, Path file) throws IOException {
    JarFile jar = jars.get(key);
    if (jar == null) {
      jar = new JarFile(file.toFile(), false, ZipFile.OPEN_READ, Runtime.version());
      JarFile other = jars.putIfAbsent(key, jar);
      if (other != null) {
        jar.close();
        jar = other;
      }
    }
    return jar;
  }

  private byte @Nullable [] get(Hash hash) throws IOException {
    synchronized (memory) {
      byte[] bytes = memory.get(hash);
      if (bytes != null) {
        return bytes;
      }
    }
    Path file = blobs.resolve(hash.toString());
    if (!Files.exists(file)) {
      return null;
    }
    try {
      byte[] bytes = Files.readAllBytes(file);
      if (!Hash.of(bytes).equals(hash)) {
        Files.deleteIfExists(file);
        return null;
      }
      touch(file);
      remember(hash, bytes);
      return bytes;
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private void put(Hash hash, byte[] bytes) {
    remember(hash, bytes);
    try {
      makeRoom(bytes.length);
      CacheDirectory.writeAtomically(blobs.resolve(hash.toString()), bytes);
    } catch (IOException e) {
      // The disk is full, or not ours any more: the next run asks again.
    }
  }

  private void remember(Hash hash, byte[] bytes) {
    synchronized (memory) {
      if (memory.put(hash, bytes) == null) {
        memoryUsed += bytes.length;
      }
      var eldest = memory.entrySet().iterator();
      while (memoryUsed > maxMemory && eldest.hasNext()) {
        memoryUsed -= eldest.next().getValue().length;
        eldest.remove();
      }
    }
  }

  private static Hash recall(Path note) throws IOException {
    try {
      byte[] sum = Files.readAllBytes(note);
      return sum.length == Hash.LENGTH ? Hash.ofSum(sum) : Hash.NONE;
    } catch (NoSuchFileException e) {
      return Hash.NONE;
    }
  }

  private static void check(Hash wanted, Hash actual, Questions questions) {
    if (!wanted.equals(actual)) {
      throw questions.unavailable(
          "code with the hash " + wanted + " was asked for, " + actual + " came: refused", null);
    }
  }

  private static void touch(Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (IOException e) {
      // Another worker removed it: then it is as good as not used.
    }
  }

  /** A file of the cache. */
  private record Kept(Path file, long size, FileTime used) {
    /** Returns all of a directory, those that were used last at the end. */
    static List<Kept> in(Path directory) throws IOException {
      List<Kept> all = new ArrayList<>();
      try (var files = Files.newDirectoryStream(directory)) {
        for (Path f : files) {
          try {
            all.add(new Kept(f, Files.size(f), Files.getLastModifiedTime(f)));
          } catch (NoSuchFileException e) {
            // Another worker removed it.
          }
        }
      }
      all.sort(Comparator.comparing(Kept::used));
      return all;
    }
  }

  /** Removes what was not used for the longest time, by anybody, and is not in use here. */
  private synchronized void makeRoom(long more) throws IOException {
    if (diskUsed >= 0 && diskUsed + more <= maxDisk) {
      diskUsed += more;
      return;
    }
    if (diskUsed < 0) {
      List<Kept> all = Kept.in(notes);
      for (Kept old : all.subList(0, Math.max(0, all.size() - MOST_NOTES))) {
        Files.deleteIfExists(old.file);
      }
    }
    FileTime abandoned = FileTime.from(Instant.now().minus(1, ChronoUnit.DAYS));
    List<Kept> all = Kept.in(blobs);
    long used = all.stream().mapToLong(Kept::size).sum() + more;
    for (Kept b : all) {
      if (used <= maxDisk) {
        break;
      }
      String name = b.file.getFileName().toString();
      // Not what is being written, nor a jar that URLs of this JVM point into.
      boolean writing = name.startsWith(".") && b.used.compareTo(abandoned) > 0;
      if (!writing && !jars.containsKey(name.replace(".jar", ""))) {
        Files.deleteIfExists(b.file);
        used -= b.size;
      }
    }
    diskUsed = used;
  }
}
