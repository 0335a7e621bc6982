package dev.martlet.internal.job;

import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.classpath.Entry;
import dev.martlet.internal.classpath.Hash;
import dev.martlet.internal.classpath.LoaderImage;
import dev.martlet.internal.classpath.Wire;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.envelope.JobNames;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Names;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/**
 * The class path of this JVM, in the store: an instance finds there all that it would ask a client
 * for. What is in directories goes together, jars go in pieces, as the instance would ask for them.
 * All is named by its content, so that it is put there once, for all jobs; what has been there for
 * some time is put there again, since old objects are cleaned away. Thread-safe.
 */
final class CodeMirror {
  private static final Duration OLD = Duration.ofHours(12);

  private final PlatformConfig.Questions questions;
  private final Store store;
  private final Executor threads;
  private int version = -1;
  private CompletableFuture<List<byte[]>> current = CompletableFuture.completedFuture(List.of());

  CodeMirror(PlatformConfig.Questions questions, Store store, Executor threads) {
    this.questions = questions;
    this.store = store;
    this.threads = threads;
  }

  /** Returns the hashes of the answers about code, once all is there. */
  synchronized CompletableFuture<List<byte[]>> at(int ofVersion) {
    if (ofVersion != version) {
      version = ofVersion;
      current = CompletableFuture.supplyAsync(this::mirror, threads).thenCompose(f -> f);
    }
    return current;
  }

  private CompletableFuture<List<byte[]>> mirror() {
    List<Known> answers = new ArrayList<>();
    Set<Hash> files = new LinkedHashSet<>();
    for (ByteBuffer question : questions.expected()) {
      answers.add(known(question));
    }
    List<Known> inDirectories = new ArrayList<>();
    int system = ClassWorld.SYSTEM;
    Wire.Reader image = answer(new Wire.Writer(Wire.IMAGE).integer(system));
    image.integer();
    for (int n = image.count(); n > 0; n--) {
      String unused = image.string();
    }
    List<Entry> entries = LoaderImage.read(image).entries();
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).kind() == Entry.Kind.DIRECTORY) {
        directory(entries.get(i), i, inDirectories, files);
      }
    }
    Wire.Reader hashes = answer(new Wire.Writer(Wire.HASHES).integer(system));
    for (int n = hashes.count(); n > 0; n--) {
      Hash hash = hashes.hash();
      if (!hash.equals(Hash.NONE)) {
        files.add(hash);
      }
    }
    List<byte[]> names = new ArrayList<>();
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (List<Known> some : List.of(answers, inDirectories)) {
      ByteBuffer bytes = Known.encode(some);
      byte[] hash = sum(bytes);
      names.add(hash);
      all.add(put(Names.code(hash), bytes));
    }
    for (Hash file : files) {
      all.add(CompletableFuture.supplyAsync(() -> file(file), threads).thenCompose(f -> f));
    }
    return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]))
        .thenApply(done -> names);
  }

  private static byte[] sum(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return Hash.of(copy).sum();
  }

  /** Finds all that is in a directory; what is long is left to be sent as a file. */
  private void directory(Entry entry, int index, List<Known> to, Set<Hash> files) {
    Path root = entry.file();
    if (!Files.isDirectory(root)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path p : (Iterable<Path>) paths::iterator) {
        String name = root.relativize(p).toString().replace('\\', '/');
        if (name.isEmpty() || entry.hides(name)) {
          continue;
        }
        Wire.Writer question =
            new Wire.Writer(Wire.FIND)
                .integer(ClassWorld.SYSTEM)
                .integer(index)
                .string(name)
                .hash(Hash.NONE);
        Known known = known(framed(question));
        Wire.Reader in = new Wire.Reader(known.answer().get(0).duplicate());
        if (in.get() == Wire.OK) {
          to.add(known);
          Hash hash = in.hash();
          long unused = in.number();
          if (!in.bool()) {
            files.add(hash);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the class path cannot be read: " + root, e);
    }
  }

  /** Puts a file into the store, unless it is there. */
  private CompletableFuture<?> file(Hash hash) {
    long length = answer(blob(hash, 0, 1)).number();
    long last = Math.max(0, (length - 1) / Wire.CHUNK * Wire.CHUNK);
    // The last piece is put there last.
    return store
        .find(JobNames.piece(hash.toString(), last))
        .thenComposeAsync(
            item -> {
              if (item != null && item.modified().isAfter(Instant.now().minus(OLD))) {
                return CompletableFuture.completedFuture(null);
              }
              CompletableFuture<?> before = CompletableFuture.completedFuture(null);
              for (long from = 0; from <= last; from += Wire.CHUNK) {
                long at = from;
                before = before.thenComposeAsync(done -> piece(hash, at), threads);
              }
              return before;
            },
            threads);
  }

  private CompletableFuture<Void> piece(Hash hash, long from) {
    ByteBuffer bytes = known(framed(blob(hash, from, Wire.CHUNK))).answer().get(0);
    return store.put(JobNames.piece(hash.toString(), from), List.of(bytes));
  }

  private static Wire.Writer blob(Hash hash, long from, int length) {
    return new Wire.Writer(Wire.BLOB).hash(hash).number(from).integer(length);
  }

  private CompletableFuture<Void> put(String key, ByteBuffer bytes) {
    return store
        .find(key)
        .thenCompose(
            item ->
                item != null && item.modified().isAfter(Instant.now().minus(OLD))
                    ? CompletableFuture.<Void>completedFuture(null)
                    : store.put(key, List.of(bytes)));
  }

  private Known known(ByteBuffer question) {
    ByteBuffer copy = question.duplicate();
    return new Known(copy, questions.answerInParts(question));
  }

  private Wire.Reader answer(Wire.Writer question) {
    Wire.Reader in = new Wire.Reader(questions.answer(framed(question)));
    if (in.get() != Wire.OK) {
      throw new IllegalStateException("the class path cannot be read");
    }
    return in;
  }

  static ByteBuffer framed(Wire.Writer question) {
    ByteBuffer bytes = question.done();
    return ByteBuffer.allocate(1 + bytes.remaining()).put(Protocol.CLASSPATH).put(bytes).flip();
  }
}
