package dev.martlet.internal.classpath;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * The client's content by hash. A jar is hashed when somebody asks, and the sum is kept on disk
 * beside the jar's stamp; what is nested in a jar is unpacked into the cache directory once. A file
 * that is no longer what was indexed is refused.
 */
final class Blobs {
  /** The clock of a file system may be this coarse: a younger file may change unseen. */
  private static final long YOUNG_MILLIS = 2_000;

  private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

  /** What was unpacked and not used for so long is removed. */
  private static final Duration UNUSED = Duration.ofDays(60);

  /**
   * A file with content.
   *
   * @param stamp how it has to be still; null if nobody changes it, for its name is its hash
   */
  private record Source(Path file, long size, @Nullable Stamp stamp) {
    void check() throws IOException {
      if (stamp != null) {
        unchanged(file, stamp);
      }
    }
  }

  private final Path sums;
  private final Path unpacked;
  private final Map<Hash, Source> sources = new ConcurrentHashMap<>();
  private final Map<Entry, Hash> hashes = new ConcurrentHashMap<>();
  private final AtomicBoolean swept = new AtomicBoolean();

  Blobs(Path cache) throws IOException {
    sums = CacheDirectory.secure(cache.resolve("sums"));
    unpacked = CacheDirectory.secure(cache.resolve("unpacked"));
  }

  /** Returns the hash of a jar or of what is nested in one, which from then on can be read. */
  Hash hash(Entry entry) throws IOException {
    Stamp stamp = entry.stamp();
    if (stamp == null) {
      return Hash.NONE;
    }
    Hash known = hashes.get(entry);
    return known != null ? known : compute(entry, stamp);
  }

  private synchronized Hash compute(Entry entry, Stamp stamp) throws IOException {
    Hash known = hashes.get(entry);
    if (known == null) {
      known = entry.kind() == Entry.Kind.JAR ? hashJar(entry, stamp) : unpack(entry, stamp);
      hashes.put(entry, known);
    }
    return known;
  }

  /** Makes the content of a file readable. */
  void offer(Hash hash, Path file, Stamp stamp) {
    sources.put(hash, new Source(file, stamp.size(), stamp));
  }

  /** Makes content readable that is in no file. */
  void offer(Hash hash, byte[] content) throws IOException {
    Path file = unpacked.resolve(hash.toString());
    if (!Files.exists(file)) {
      if (!swept.getAndSet(true)) {
        CacheDirectory.sweep(unpacked, UNUSED);
        CacheDirectory.sweep(sums, UNUSED);
      }
      CacheDirectory.writeAtomically(file, content);
    }
    offerUnpacked(hash, file);
  }

  private void offerUnpacked(Hash hash, Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    sources.put(hash, new Source(file, Files.size(file), null));
  }

  /** Returns the length of some content, or -1 if nobody was told of it. */
  long length(Hash hash) {
    Source source = sources.get(hash);
    return source == null ? -1 : source.size;
  }

  /** Returns a piece of some content. */
  byte[] read(Hash hash, long offset, int length) throws IOException {
    Source source = source(hash);
    if (offset < 0 || length < 0 || length > Wire.CHUNK || offset > source.size) {
      throw new Wire.MalformedException("a piece of " + length + " bytes at " + offset);
    }
    int n = (int) Math.min(length, source.size - offset);
    byte[] piece = new byte[n];
    // Not a channel: an interrupt would close it.
    try (RandomAccessFile file = new RandomAccessFile(source.file.toFile(), "r")) {
      file.seek(offset);
      file.readFully(piece);
    }
    source.check();
    return piece;
  }

  /** Returns the names in a jar. */
  JarNames names(Hash hash) throws IOException {
    Source source = source(hash);
    try (JarFile jar = new JarFile(source.file.toFile(), false)) {
      List<String> names = jar.stream().map(ZipEntry::getName).toList();
      JarNames all = JarNames.of(names, jar.isMultiRelease());
      source.check();
      return all;
    }
  }

  private Source source(Hash hash) {
    Source source = sources.get(hash);
    if (source == null) {
      throw new IllegalArgumentException("no content has the hash " + hash);
    }
    return source;
  }

  private Hash hashJar(Entry entry, Stamp stamp) throws IOException {
    Path file = entry.file();
    Hash hash = recall(entry, stamp);
    unchanged(file, stamp);
    if (hash == null) {
      hash = Hash.of(file);
      unchanged(file, stamp);
      remember(entry, stamp, hash);
    }
    offer(hash, file, stamp);
    return hash;
  }

  private Hash unpack(Entry entry, Stamp stamp) throws IOException {
    Hash hash = recall(entry, stamp);
    unchanged(entry.file(), stamp);
    if (hash != null) {
      Path file = unpacked.resolve(hash.toString());
      if (Files.exists(file)) {
        offerUnpacked(hash, file);
        return hash;
      }
    }
    byte[] content;
    try (JarFile outer = new JarFile(entry.file().toFile(), false)) {
      content =
          entry.inner().endsWith("/")
              ? directory(outer, entry.inner())
              : read(outer, outer.getEntry(entry.inner()), entry);
    }
    unchanged(entry.file(), stamp);
    hash = Hash.of(content);
    offer(hash, content);
    remember(entry, stamp, hash);
    return hash;
  }

  private static byte[] read(JarFile jar, @Nullable ZipEntry inner, Entry entry)
      throws IOException {
    if (inner == null) {
      throw new IOException("no " + entry.inner() + " in " + entry.path());
    }
    try (InputStream in = jar.getInputStream(inner)) {
      return in.readAllBytes();
    }
  }

  /** Returns a jar of what a jar has in a directory, the same whenever it is made. */
  private static byte[] directory(JarFile outer, String prefix) throws IOException {
    TreeSet<String> names = new TreeSet<>();
    for (Iterator<JarEntry> i = outer.entries().asIterator(); i.hasNext(); ) {
      String name = i.next().getName();
      if (name.startsWith(prefix) && !name.equals(prefix)) {
        names.add(name);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JarOutputStream out = new JarOutputStream(bytes)) {
      for (String name : names) {
        ZipEntry e = new ZipEntry(name.substring(prefix.length()));
        e.setTimeLocal(EPOCH);
        out.putNextEntry(e);
        try (InputStream in = outer.getInputStream(outer.getEntry(name))) {
          in.transferTo(out);
        }
        out.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static void unchanged(Path file, Stamp stamp) throws IOException {
    if (!Stamp.of(file).equals(stamp)) {
      throw new IOException(
          file + " was changed while this JVM uses it; its classes cannot be told for sure");
    }
  }

  private @Nullable Hash recall(Entry entry, Stamp stamp) throws IOException {
    Path file = sum(entry);
    if (!Files.exists(file)) {
      return null;
    }
    byte[] b = Files.readAllBytes(file);
    if (b.length != 3 * Long.BYTES + Hash.LENGTH) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(b);
    Stamp then = new Stamp(in.getLong(), in.getLong(), in.getLong());
    byte[] sum = new byte[Hash.LENGTH];
    in.get(sum);
    return then.equals(stamp) ? Hash.ofSum(sum) : null;
  }

  private void remember(Entry entry, Stamp stamp, Hash hash) throws IOException {
    long age = System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(stamp.modified());
    if (age < YOUNG_MILLIS) {
      return;
    }
    ByteBuffer out = ByteBuffer.allocate(3 * Long.BYTES + Hash.LENGTH);
    out.putLong(stamp.size()).putLong(stamp.modified()).putLong(stamp.inode()).put(hash.sum());
    CacheDirectory.writeAtomically(sum(entry), out.array());
  }

  private Path sum(Entry entry) {
    String key = entry.path() + "\0" + entry.inner();
    return sums.resolve(Hash.of(key.getBytes(StandardCharsets.UTF_8)).toString());
  }
}
