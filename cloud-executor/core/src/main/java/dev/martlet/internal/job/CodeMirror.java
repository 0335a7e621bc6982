package dev.martlet.internal.job;

import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.classpath.Entry;
import dev.martlet.internal.classpath.Hash;
import dev.martlet.internal.classpath.LoaderImage;
import dev.martlet.internal.classpath.Wire;
import dev.martlet.internal.dispatch.Protocol;
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
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
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

  /** The hashes of answers about code: of this JVM's world, and of content. */
  record Mirrored(List<byte[]> code, List<byte[]> content) {}

  private final PlatformConfig.Questions questions;
  private final Store store;
  private final Executor threads;
  private int version = -1;
  private CompletableFuture<Mirrored> current =
      CompletableFuture.completedFuture(new Mirrored(List.of(), List.of()));

  CodeMirror(PlatformConfig.Questions questions, Store store, Executor threads) {
    this.questions = questions;
    this.store = store;
    this.threads = threads;
  }

  /** Returns the hashes of the answers about code, once all is there. */
  synchronized CompletableFuture<Mirrored> at(int ofVersion) {
    if (ofVersion != version || current.isCompletedExceptionally()) {
      version = ofVersion;
      current = CompletableFuture.completedFuture(null).thenComposeAsync(n -> mirror(), threads);
    }
    return current;
  }

  private CompletableFuture<Mirrored> mirror() {
    List<Known> answers = new ArrayList<>();
    Set<Hash> files = new LinkedHashSet<>();
    List<Known> contents = new ArrayList<>();
    for (ByteBuffer question : questions.expected()) {
      (questions.isOfContent(question) ? contents : answers).add(known(question));
    }
    Wire.Reader image = answer(new Wire.Writer(Wire.IMAGE).integer(ClassWorld.SYSTEM));
    image.integer();
    for (int n = image.count(); n > 0; n--) {
      String unused = image.string();
    }
    Set<String> names = new TreeSet<>();
    for (Entry e : LoaderImage.read(image).entries()) {
      if (e.kind() == Entry.Kind.DIRECTORY) {
        names(e, names);
      }
    }
    List<Known> inDirectories = new ArrayList<>();
    for (String name : names) {
      find(name, inDirectories, contents, files);
    }
    Wire.Reader hashes = answer(new Wire.Writer(Wire.HASHES).integer(ClassWorld.SYSTEM));
    for (int n = hashes.count(); n > 0; n--) {
      Hash hash = hashes.hash();
      if (!hash.equals(Hash.NONE)) {
        files.add(hash);
      }
    }
    List<CompletableFuture<?>> all = new ArrayList<>();
    List<byte[]> hashesOf = new ArrayList<>();
    for (List<Known> some : List.of(answers, inDirectories, contents)) {
      ByteBuffer bytes = Known.encode(some);
      byte[] hash = sum(bytes);
      hashesOf.add(hash);
      all.add(put(Names.code(hash), bytes));
    }
    Mirrored mirrored = new Mirrored(hashesOf.subList(0, 2), hashesOf.subList(2, 3));
    for (Hash file : files) {
      all.add(CompletableFuture.completedFuture(null).thenComposeAsync(n -> file(file), threads));
    }
    return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]))
        .thenApply(done -> mirrored);
  }

  private static byte[] sum(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return Hash.of(copy).sum();
  }

  /** Finds the names of all that is in a directory. */
  private static void names(Entry entry, Set<String> to) {
    Path root = entry.file();
    if (!Files.isDirectory(root)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(root)) {
      paths
          .map(p -> root.relativize(p).toString().replace('\\', '/'))
          .filter(name -> !name.isEmpty() && !entry.hides(name))
          .forEach(to::add);
    } catch (IOException | UncheckedIOException e) {
      throw new IllegalStateException("the class path cannot be read: " + root, e);
    }
  }

  /** Finds what the directories have under a name; what is long is left to be sent as a file. */
  private void find(String name, List<Known> to, List<Known> contents, Set<Hash> files) {
    Known known =
        known(framed(new Wire.Writer(Wire.FILES).integer(ClassWorld.SYSTEM).string(name)));
    Wire.Reader in = new Wire.Reader(known.answer().get(0).duplicate());
    if (in.get() != Wire.OK) {
      return;
    }
    to.add(known);
    for (int n = in.count(); n > 0; n--) {
      in.integer();
      Hash hash = in.hash();
      long length = in.number();
      if (in.bool()) {
        byte[] unused = in.bytes(Wire.INLINE);
      }
      if (length > Wire.INLINE) {
        files.add(hash);
      } else {
        contents.add(known(framed(blob(hash, 0, Wire.CHUNK))));
      }
    }
  }

  /** Puts a file into the store, unless it is there. */
  private CompletableFuture<Void> file(Hash hash) {
    long length = answer(blob(hash, 0, 1)).number();
    long last = Math.max(0, (length - 1) / Wire.CHUNK * Wire.CHUNK);
    // The last piece is put there last.
    return store
        .find(name(hash, last))
        .thenComposeAsync(
            item -> {
              if (item != null && item.modified().isAfter(Instant.now().minus(OLD))) {
                return CompletableFuture.<Void>completedFuture(null);
              }
              CompletableFuture<Void> before = CompletableFuture.completedFuture(null);
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
    return store.put(name(hash, from), List.of(bytes));
  }

  /** Returns what instances call the answer to the question for a piece. */
  private String name(Hash hash, long from) {
    String name = questions.contentName(framed(blob(hash, from, Wire.CHUNK)));
    return Names.content(Objects.requireNonNull(name));
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
