package dev.martlet.internal.worker.function;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.envelope.Briefing;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Request;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.log.Log;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers about code that are known without asking the client: those of bundles that a request says
 * are in the store, read when the first question comes, and those that came with replies.
 *
 * <p>What a name means is one session's, in one version: another client, or a pool of the same one,
 * has other class loaders by the same numbers. Content is the same for all, and stays when the next
 * session comes, within a bound.
 *
 * <p>What was needed of it is told to the client, which sends other instances no more than that;
 * and what this instance has found itself, for them to have.
 *
 * <p>Thread-safe.
 */
final class CodeAnswers {
  private static final long MOST_CONTENT = 24L << 20;
  private static final long MOST_SHARED = 8L << 20;

  // Of what is found here, in memory and for a response.
  private static final long MOST_FOUND = 8L << 20;
  private static final long MOST_MADE = 1L << 18;

  private final Shelf ofSession = new Shelf();

  // Content that came with requests of the session, and that nobody has checked.
  private final Shelf given = new Shelf();
  private final Shelf ofContent = new Shelf();

  // Since the last response: hash codes of questions that were known, and what was found.
  private final Set<Integer> used = new HashSet<>();
  private final List<Known> made = new ArrayList<>();
  private long madeBytes;
  private byte[] session = {};
  private int version;
  private long epoch;
  private @Nullable WorkerStore store;
  private boolean alone;

  /**
   * Takes note of what a request says.
   *
   * @param without whether there is no client to ask for what is not had from the store: then that
   *     is not taken for missing, and whoever asks for it hears an {@link UncheckedIOException}
   */
  synchronized void begin(Request request, WorkerStore in, boolean without) {
    if (request.version() != version || !Arrays.equals(request.session(), session)) {
      session = request.session();
      version = request.version();
      epoch++;
      ofSession.clear();
      // Others may have it, and will check it.
      given.answers.forEach(ofContent::put);
      given.clear();
      used.clear();
      forgetMade();
    }
    if (ofContent.bytes > MOST_CONTENT) {
      ofContent.clear();
    }
    store = in;
    alone = without;
    Briefing briefing = request.briefing();
    ofSession.announce(request.code());
    ofContent.announce(request.content());
    if (briefing != null) {
      ofSession.take(briefing, ofSession.announced);
      given.take(briefing, ofContent.announced);
      ofContent.fetched.addAll(given.fetched);
    }
  }

  /** Returns a number that stands for a session and its version, as long as it is the latest. */
  synchronized long epoch(byte[] of) {
    return Arrays.equals(session, of) ? epoch : -1;
  }

  /** Returns the answer to a question in an epoch, or null. */
  synchronized @Nullable ByteBuffer to(ByteBuffer question, long in) {
    WorkerStore from = store;
    boolean isContent = Protocol.isOfContent(question);
    if (from == null || !(isContent || in == epoch)) {
      return null;
    }
    ByteBuffer trusted = isContent && in == epoch ? given.answers.get(question) : null;
    if (trusted != null) {
      used.add(question.hashCode());
      return Protocol.given(trusted);
    }
    ByteBuffer answer = (isContent ? ofContent : ofSession).to(question, from, alone);
    if (answer != null) {
      used.add(question.hashCode());
    }
    String name = answer == null && isContent ? Protocol.contentName(question) : null;
    // Whoever asked checks it.
    return name == null ? answer : read(Names.content(name), from, alone);
  }

  /** Returns what an instance, this one or another, has found in an epoch, if that is here. */
  synchronized @Nullable ByteBuffer known(ByteBuffer question, long in) {
    ByteBuffer answer = in == epoch ? ofSession.answers.get(question) : null;
    if (answer == null) {
      return null;
    }
    used.add(question.hashCode());
    return answer.duplicate();
  }

  /** Keeps what was found here. */
  synchronized void found(Known found, long in) {
    ByteBuffer answer = found.answer().get(0);
    if (in != epoch
        || ofSession.bytes + answer.remaining() > MOST_FOUND
        || !ofSession.put(found.question(), answer)) {
      return;
    }
    if (madeBytes + answer.remaining() <= MOST_MADE) {
      madeBytes += answer.remaining();
      made.add(found);
    }
  }

  /**
   * Returns what there is to say since it was last said.
   *
   * @param asked whether the client wants what was found here
   */
  synchronized Response.News news(boolean asked) {
    Response.News news =
        new Response.News(List.copyOf(used), asked ? List.copyOf(made) : List.of());
    used.clear();
    if (asked) {
      forgetMade();
    }
    return news;
  }

  private void forgetMade() {
    made.clear();
    madeBytes = 0;
  }

  /** Keeps answers that came with a reply to a question of an epoch. */
  synchronized void keep(Collection<Known> known, long of) {
    for (Known k : known) {
      if (Protocol.isOfContent(k.question())) {
        ofContent.keep(k);
      } else if (of == epoch) {
        ofSession.keep(k);
      }
    }
  }

  /**
   * Hashes of what is in the store for other instances.
   *
   * @param ofSession answers of one session; null if there are none
   * @param ofContent likewise of those that are the same for all
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Shared(byte @Nullable [] ofSession, byte @Nullable [] ofContent) {}

  /** Puts into the store what came with replies, and is not there as far as this instance knows. */
  Shared share(long in) throws IOException {
    WorkerStore to;
    Shelf.Own session;
    Shelf.Own content;
    synchronized (this) {
      to = store;
      session = in == epoch ? ofSession.own() : Shelf.Own.NONE;
      content = ofContent.own();
    }
    return to == null ? new Shared(null, null) : new Shared(put(session, to), put(content, to));
  }

  private byte @Nullable [] put(Shelf.Own own, WorkerStore to) throws IOException {
    if (own.known().isEmpty()) {
      return null;
    }
    if (own.hash() == null) {
      ByteBuffer bundle = Known.encode(own.known());
      byte[] hash = hash(bundle);
      to.put(Names.code(hash), List.of(bundle));
      synchronized (this) {
        own.shelf().shared(own.known().size(), hash);
      }
      return hash;
    }
    return own.hash();
  }

  /** Reads something from the store; what is missing can be asked for, unless alone. */
  private static @Nullable ByteBuffer read(String name, WorkerStore from, boolean alone) {
    try {
      ByteBuffer found = from.get(name);
      if (found == null && alone) {
        throw new IOException(name + " is not in the store any more");
      }
      return found;
    } catch (IOException e) {
      if (alone) {
        throw new UncheckedIOException(e);
      }
      Log.of(CodeAnswers.class).debug("Code cannot be read", e);
      return null;
    }
  }

  private static boolean is(byte[] hash, ByteBuffer bytes) {
    return MessageDigest.isEqual(hash(bytes), hash);
  }

  private static byte[] hash(ByteBuffer bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes.duplicate());
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Answers of one kind. Guarded by the whole. */
  private static final class Shelf {
    final Map<ByteBuffer, ByteBuffer> answers = new HashMap<>();
    final Set<String> fetched = new HashSet<>();
    Deque<byte[]> announced = new ArrayDeque<>();
    long bytes;

    // What came with replies, and the hash of a bundle of that, if that is in the store.
    private final List<Known> own = new ArrayList<>();
    private long ownBytes;
    private byte @Nullable [] ownHash;

    /** What came with replies, as far as that is not much. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Own(@Nullable Shelf of, List<Known> known, byte @Nullable [] hash) {
      static final Own NONE = new Own(null, List.of(), null);

      Shelf shelf() {
        return Objects.requireNonNull(of);
      }
    }

    void clear() {
      answers.clear();
      fetched.clear();
      own.clear();
      ownHash = null;
      ownBytes = 0;
      bytes = 0;
    }

    /** Takes note of bundles. */
    void announce(List<byte[]> hashes) {
      announced = new ArrayDeque<>();
      for (byte[] hash : hashes) {
        announced.add(hash);
      }
    }

    /** Takes those of some bundles that came with the request, so that they need not be read. */
    void take(Briefing briefing, Collection<byte[]> from) {
      for (Briefing.Bundle b : briefing.bundles()) {
        boolean mine = from.removeIf(h -> Arrays.equals(h, b.hash()));
        if (mine && fetched.add(HexFormat.of().formatHex(b.hash()))) {
          for (Known k : Known.decode(b.bytes())) {
            put(k.question(), k.answer().get(0));
          }
        }
      }
    }

    /** Returns whether that was not known. */
    @CanIgnoreReturnValue
    boolean put(ByteBuffer question, ByteBuffer answer) {
      boolean fresh = answers.putIfAbsent(question, answer) == null;
      if (fresh) {
        bytes += answer.remaining();
      }
      return fresh;
    }

    /** Puts what came with a reply. */
    void keep(Known k) {
      if (put(k.question(), k.answer().get(0))) {
        own.add(k);
        ownBytes += k.answer().get(0).remaining();
        ownHash = null;
      }
    }

    Own own() {
      return ownBytes > MOST_SHARED ? Own.NONE : new Own(this, List.copyOf(own), ownHash);
    }

    /** As many as that are in the store. */
    void shared(int count, byte[] hash) {
      if (own.size() == count) {
        ownHash = hash;
      }
    }

    @Nullable ByteBuffer to(ByteBuffer question, WorkerStore from, boolean alone) {
      ByteBuffer answer = answers.get(question);
      while (answer == null && !announced.isEmpty()) {
        fetch(announced.element(), from, alone);
        announced.remove();
        answer = answers.get(question);
      }
      return answer == null ? null : answer.duplicate();
    }

    private void fetch(byte[] hash, WorkerStore from, boolean alone) {
      String name = HexFormat.of().formatHex(hash);
      ByteBuffer bundle = fetched.contains(name) ? null : read(Names.code(hash), from, alone);
      if (bundle == null) {
        return;
      }
      if (is(hash, bundle)) {
        Known.decode(bundle).forEach(k -> put(k.question(), k.answer().get(0)));
      } else {
        String what = Names.code(hash) + " in the store is not what the client has put there";
        Log.of(CodeAnswers.class).warn(what);
        if (alone) {
          throw new UncheckedIOException(new IOException(what));
        }
      }
      fetched.add(name);
    }
  }
}
