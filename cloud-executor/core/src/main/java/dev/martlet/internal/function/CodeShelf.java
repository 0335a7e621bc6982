package dev.martlet.internal.function;

import dev.martlet.internal.envelope.Briefing;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.log.Log;
import dev.martlet.spi.PlatformConfig.Questions;
import dev.martlet.spi.Store;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers about code, in the store before instances ask: what tasks will probably ask, and what an
 * instance had to ask.
 *
 * <p>There are two kinds. What a name means is this session's to say, and only as long as its
 * version lasts. Content is the same for everybody who asks for it by its hash: it stays when the
 * version changes, and another session that has the same code finds it there. So they lie in
 * different bundles. A bundle is named by what is in it, and a request says which there are; a
 * large piece of content lies by itself, named by its question.
 *
 * <p>Some bundles go along with requests for new instances, which say what they have needed. What
 * some of them got in vain is left in the store. They also say what they have made of the code
 * themselves, classes that are woven, which then is an answer for the session's other instances.
 *
 * <p>Thread-safe.
 */
final class CodeShelf {
  private static final int MOST_BUNDLES = 12;
  private static final long MOST_MERGED = 16 << 20;

  /** A longer answer lies by itself. */
  private static final int LARGE = 1 << 16;

  // Of what goes along with a briefing, packed; and of the classes in it, unpacked.
  private static final long MOST_BRIEF = 128 << 10;
  private static final long MOST_FIRST = 32 << 10;
  private static final long MOST_FIRST_NAMES = 24 << 10;

  // Of what is put there before anybody asks, and of what goes along with a reply.
  private static final int MOST_AHEAD = 500;
  private static final long MOST_AHEAD_BYTES = 1 << 20;
  private static final int MOST_ALONG = 200;
  private static final long MOST_ALONG_BYTES = 1 << 18;

  // Of large content, how many pieces are read at a time.
  private static final int MOST_READ = 8;

  // Of a bundle, what is worth being left out.
  private static final int PART = 8;

  // Of instances that start in a second: most make the same.
  private static final int MOST_ASKED = 4;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Store store;
  private final Questions questions;
  private final Executor executor;
  private final LongSupplier clock;
  private final Needs needs = new Needs();
  private int asked;
  private long askedSince;
  private final Row ofSession = new Row();
  private final Row ofContent = new Row();
  private int version;

  /**
   * Creates a shelf without answers.
   *
   * @param executor reads large content
   * @param clock counts nanoseconds
   */
  CodeShelf(Store store, Questions questions, Executor executor, LongSupplier clock) {
    this.store = store;
    this.questions = questions;
    this.executor = executor;
    this.clock = clock;
  }

  /**
   * The bundles that there are.
   *
   * @param ofSession hashes of those of the session
   * @param ofContent hashes of those of content
   * @param brief those that are short enough to go along with a briefing
   */
  record Bundles(List<byte[]> ofSession, List<byte[]> ofContent, List<Briefing.Bundle> brief) {}

  /**
   * Returns the bundles that there are in the questions' present version. If not all of the short
   * ones can go along, it is the latest that do, since they were made for what is submitted now.
   */
  synchronized Bundles bundles(int ofVersion) {
    renew(ofVersion);
    List<Briefing.Bundle> brief = new ArrayList<>();
    long bytes = 0;
    for (Row row : List.of(ofSession, ofContent)) {
      for (int i = row.placed.size() - 1; i >= 0; i--) {
        Placed p = row.placed.get(i);
        if (p.brief != null && bytes + p.bytes <= MOST_BRIEF) {
          bytes += p.bytes;
          brief.add(p.brief);
        }
      }
    }
    return new Bundles(ofSession.hashes(), ofContent.hashes(), brief);
  }

  /** Returns whether one more instance is to be asked for what it makes. */
  synchronized boolean asks() {
    long now = clock.getAsLong();
    if (asked == 0 || now - askedSince > SECOND) {
      asked = 0;
      askedSince = now;
    }
    return ++asked <= MOST_ASKED;
  }

  /**
   * Hears what an instance says of code.
   *
   * @param ofVersion of the request
   * @param given what went along with the request, if the instance was new
   */
  void heard(int ofVersion, List<Briefing.Bundle> given, Response.News news) {
    if (given.isEmpty() && news.equals(Response.News.NONE)) {
      return; // as most often
    }
    boolean changed;
    synchronized (this) {
      changed = needs.used(news.used());
      changed |= ofSession.wentAlong(given);
      changed |= ofContent.wentAlong(given);
    }
    List<Known> made = new ArrayList<>(news.made());
    made.removeIf(k -> isOwn(k.question()));
    if (changed || !made.isEmpty()) {
      CompletableFuture<Void> unused = keep(ofVersion, made);
    }
  }

  /** Returns whether the answer to a question is the client's to say; also if it is no question. */
  private boolean isOwn(ByteBuffer question) {
    try {
      return questions.isRepeatable(question.duplicate());
    } catch (RuntimeException e) {
      return true;
    }
  }

  /**
   * Puts onto the shelf the answers to questions, and to those that follow from them. Large content
   * is put there for the first questions only: what they lead to may never be needed.
   *
   * @return completes when they are in the store, or cannot be put there
   */
  CompletableFuture<Void> ahead(List<ByteBuffer> first) {
    int ofVersion = questions.version();
    List<Known> large = new ArrayList<>();
    List<Known> small = collect(first, large, MOST_AHEAD, MOST_AHEAD_BYTES);
    return CompletableFuture.allOf(keep(ofVersion, small), placeAll(large));
  }

  /**
   * Keeps the answer to a question that was asked, and to those that are likely to be next.
   *
   * @return answers that whoever asked can keep
   */
  List<Known> learn(int ofVersion, ByteBuffer question, List<ByteBuffer> answer) {
    List<Known> all = new ArrayList<>();
    synchronized (this) {
      boolean unused = needs.used(List.of(question.hashCode()));
    }
    if (length(answer) <= LARGE) {
      all.add(new Known(question, answer));
    }
    all.addAll(collect(questions.next(question), null, MOST_ALONG, MOST_ALONG_BYTES));
    List<Known> kept = new ArrayList<>(all);
    if (length(answer) > LARGE) {
      kept.add(new Known(question, answer));
    }
    CompletableFuture<Void> unused = keep(ofVersion, kept);
    return all;
  }

  /**
   * Answers questions and those that follow.
   *
   * @param large gets those of the first questions that are for large content, of which only some
   *     with their answers; null if what is on the shelf is to be answered, too
   */
  private List<Known> collect(
      List<ByteBuffer> first, @Nullable List<Known> large, int most, long mostBytes) {
    Set<ByteBuffer> seen = new HashSet<>();
    Deque<ByteBuffer> todo = new ArrayDeque<>(first);
    int asFirst = first.size();
    List<Known> all = new ArrayList<>();
    long bytes = 0;
    for (int i = 0; !todo.isEmpty() && all.size() < most && bytes < mostBytes; i++) {
      ByteBuffer question = todo.remove();
      if (!questions.isRepeatable(question)
          || !seen.add(question)
          || (large != null && isKept(question))) {
        continue;
      }
      List<ByteBuffer> answer = questions.answerInParts(question.duplicate());
      long length = length(answer);
      boolean isLarge = length > LARGE;
      if (isLarge && i >= asFirst) {
        continue;
      }
      if (isLarge && large != null && questions.contentName(question) != null) {
        large.add(new Known(question, large.size() < MOST_READ ? answer : List.of()));
        continue;
      }
      bytes += isLarge ? 0 : length;
      all.add(new Known(question, answer));
      todo.addAll(questions.next(question));
    }
    return all;
  }

  private synchronized boolean isKept(ByteBuffer question) {
    return ofSession.known.contains(question) || ofContent.known.contains(question);
  }

  private static long length(List<ByteBuffer> answer) {
    long n = 0;
    for (ByteBuffer b : answer) {
      n += b.remaining();
    }
    return n;
  }

  private CompletableFuture<Void> keep(int ofVersion, List<Known> answers) {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    synchronized (this) {
      renew(ofVersion);
      for (Known k : answers) {
        boolean isContent = questions.isOfContent(k.question());
        Row row = isContent ? ofContent : ofSession;
        if ((!isContent && ofVersion != version) || !row.known.add(k.question().duplicate())) {
          continue;
        }
        if (length(k.answer()) > LARGE && questions.contentName(k.question()) != null) {
          all.add(place(k.question(), k::answer));
        } else {
          row.fresh.put(k.question().duplicate(), k);
        }
      }
    }
    all.add(place(ofContent));
    all.add(place(ofSession));
    return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]));
  }

  private synchronized void renew(int newest) {
    if (newest > version) {
      version = newest;
      ofSession.clear();
    }
  }

  /** Writes large content, of which little is in memory at a time. */
  private CompletableFuture<Void> placeAll(List<Known> large) {
    Queue<Known> todo = new ConcurrentLinkedQueue<>();
    synchronized (this) {
      for (Known k : large) {
        if (ofContent.known.add(k.question().duplicate())) {
          todo.add(k);
        }
      }
    }
    CompletableFuture<?>[] ways = new CompletableFuture<?>[Math.min(MOST_READ, todo.size())];
    Arrays.setAll(ways, i -> placeNext(todo));
    return CompletableFuture.allOf(ways);
  }

  private CompletableFuture<Void> placeNext(Queue<Known> todo) {
    Known k = todo.poll();
    return k == null
        ? CompletableFuture.completedFuture(null)
        : place(k.question(), () -> answer(k)).thenCompose(done -> placeNext(todo));
  }

  private List<ByteBuffer> answer(Known k) {
    if (!k.answer().isEmpty()) {
      return k.answer();
    }
    List<ByteBuffer> answer = questions.answerInParts(k.question().duplicate());
    if (length(answer) <= LARGE) {
      throw new IllegalStateException("the content is not there any more"); // but a refusal
    }
    return answer;
  }

  private CompletableFuture<Void> place(ByteBuffer question, Supplier<List<ByteBuffer>> answer) {
    String name = Objects.requireNonNull(questions.contentName(question));
    return write(Names.content(name), answer)
        .handle(
            (done, failure) -> {
              if (failure != null) {
                forget(ofContent, List.of(question), failure);
              }
              return null;
            });
  }

  /** Instances go on asking for what cannot be put there. */
  private void forget(Row row, List<ByteBuffer> all, Throwable failure) {
    Log.of(CodeShelf.class).debug("Code was not put into the store", failure);
    synchronized (this) {
      all.forEach(row.known::remove);
    }
  }

  /** Writes something that is named by its content, unless it is there. */
  private CompletableFuture<Void> write(String name, Supplier<List<ByteBuffer>> bytes) {
    return store
        .find(name)
        .thenComposeAsync(
            found ->
                found == null
                    ? store.putIfAbsent(name, bytes.get())
                    : CompletableFuture.completedFuture(false),
            executor)
        .thenApply(written -> null);
  }

  /** Writes what is fresh in a bundle of its own; one at a time is written. */
  private synchronized CompletableFuture<Void> place(Row row) {
    if (!row.fresh.isEmpty() || row.hasStale()) {
      row.written = row.written.thenCompose(done -> writeBundle(row));
    }
    return row.written;
  }

  private CompletableFuture<Void> writeBundle(Row row) {
    List<Known> fresh;
    List<Placed> merged = new ArrayList<>();
    List<Known> content = new ArrayList<>();
    int ofVersion;
    synchronized (this) {
      ofVersion = version;
      fresh = List.copyOf(row.fresh.values());
      row.fresh.clear();
      for (Placed p : row.placed) {
        boolean many = row.placed.size() >= MOST_BUNDLES && p.bytes < MOST_MERGED;
        if (many || isStale(p)) {
          merged.add(p);
          content.addAll(p.part.content);
        }
      }
      content.addAll(fresh);
    }
    List<Placed> added = new ArrayList<>();
    List<CompletableFuture<Void>> written = new ArrayList<>();
    for (Part part : split(content)) {
      ByteBuffer bytes = Known.encode(part.content);
      byte[] hash = sha256(bytes);
      added.add(new Placed(hash, part, bytes));
      written.add(write(Names.code(hash), () -> List.of(bytes)));
    }
    return CompletableFuture.allOf(written.toArray(new CompletableFuture<?>[0]))
        .handle(
            (done, failure) -> {
              if (failure != null) {
                forget(row, fresh.stream().map(Known::question).toList(), failure);
                return null;
              }
              synchronized (this) {
                if (row == ofContent || ofVersion == version) {
                  row.replace(merged, added);
                }
              }
              return null;
            });
  }

  /**
   * Sets apart what can go with a briefing: the first classes, and the names of what is in small
   * jars, which are looked through for each class; but not what went there in vain.
   */
  private List<Part> split(List<Known> content) {
    List<Known> brief = new ArrayList<>();
    List<Known> rest = new ArrayList<>();
    List<Known> inVain = new ArrayList<>();
    long bytes = 0;
    for (Known k : content) {
      long length = length(k);
      if (isVain(k)) {
        inVain.add(k);
        continue;
      }
      boolean names =
          questions.isOfContent(k.question()) && questions.contentName(k.question()) == null;
      if (bytes + length > (names ? MOST_FIRST_NAMES : MOST_FIRST)) {
        rest.add(k);
      } else {
        brief.add(k);
        bytes += length;
      }
    }
    List<Part> parts = new ArrayList<>();
    parts.add(new Part(inVain, true));
    parts.add(new Part(rest, false));
    parts.add(new Part(brief, false));
    parts.removeIf(p -> p.content.isEmpty());
    return parts;
  }

  private static long length(Known k) {
    return k.question().remaining() + length(k.answer());
  }

  private synchronized boolean isVain(Known k) {
    return needs.isVain(k.question().hashCode());
  }

  /** A bundle that is to be. */
  private record Part(List<Known> content, boolean isVain) {}

  /** A bundle in the store. Guarded by the shelf. */
  private static final class Placed {
    final byte[] hash;
    final Part part;
    final long bytes;
    final Briefing.@Nullable Bundle brief;

    Placed(byte[] hash, Part part, ByteBuffer packed) {
      this.hash = hash;
      this.bytes = packed.remaining();
      this.part = bytes < MOST_MERGED ? part : new Part(List.of(), part.isVain);
      this.brief = part.isVain || bytes > MOST_BRIEF ? null : new Briefing.Bundle(hash, packed);
    }
  }

  /** Returns whether what goes along of a bundle should be other than it is. */
  private boolean isStale(Placed p) {
    long inVain = 0;
    long all = 0;
    for (Known k : p.part.content) {
      all += length(k);
      inVain += isVain(k) ? length(k) : 0;
    }
    return p.part.isVain ? inVain < all : p.brief != null && inVain > all / PART;
  }

  /** Bundles of one kind. Guarded by the shelf. */
  private final class Row {
    final Set<ByteBuffer> known = new HashSet<>();
    final Map<ByteBuffer, Known> fresh = new LinkedHashMap<>();
    final List<Placed> placed = new ArrayList<>();
    CompletableFuture<Void> written = CompletableFuture.completedFuture(null);

    /** Returns the order to look in: the latest was made for what is submitted now. */
    List<byte[]> hashes() {
      Deque<byte[]> hashes = new ArrayDeque<>(placed.size());
      List<byte[]> last = new ArrayList<>();
      for (Placed p : placed) {
        if (p.part.isVain) {
          last.add(p.hash);
        } else {
          hashes.addFirst(p.hash);
        }
      }
      hashes.addAll(last);
      return List.copyOf(hashes);
    }

    boolean hasStale() {
      return placed.stream().anyMatch(CodeShelf.this::isStale);
    }

    /**
     * Some bundles have gone along with a request.
     *
     * @return whether something of them is in vain from now on
     */
    boolean wentAlong(List<Briefing.Bundle> along) {
      boolean changed = false;
      for (Placed p : placed) {
        if (p.brief != null && along.contains(p.brief)) {
          for (Known k : p.part.content) {
            changed |= needs.given(k.question().hashCode());
          }
        }
      }
      return changed;
    }

    void replace(List<Placed> old, List<Placed> with) {
      int at = old.isEmpty() ? placed.size() : placed.indexOf(old.get(0));
      placed.removeAll(old);
      placed.addAll(at, with);
    }

    void clear() {
      known.clear();
      fresh.clear();
      placed.clear();
    }
  }

  private static byte[] sha256(ByteBuffer bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes.duplicate());
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
