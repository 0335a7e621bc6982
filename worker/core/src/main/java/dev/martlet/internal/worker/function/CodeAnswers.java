package dev.martlet.internal.worker.function;

import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Request;
import dev.martlet.internal.log.Log;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
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
 * <p>Thread-safe.
 */
final class CodeAnswers {
  private static final long MOST_CONTENT = 24L << 20;

  private final Shelf ofSession = new Shelf();
  private final Shelf ofContent = new Shelf();
  private byte[] session = {};
  private int version;
  private long epoch;
  private @Nullable WorkerStore store;

  /** Takes note of what a request says. */
  synchronized void begin(Request request, WorkerStore in) {
    if (request.version() != version || !Arrays.equals(request.session(), session)) {
      session = request.session();
      version = request.version();
      epoch++;
      ofSession.clear();
    }
    if (ofContent.bytes > MOST_CONTENT) {
      ofContent.clear();
    }
    store = in;
    ofSession.announced = request.code();
    ofContent.announced = request.content();
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
    ByteBuffer answer = (isContent ? ofContent : ofSession).to(question, from);
    String name = answer == null && isContent ? Protocol.contentName(question) : null;
    // Whoever asked checks it.
    return name == null ? answer : read(Names.content(name), from);
  }

  /** Keeps answers that came with a reply to a question of an epoch. */
  synchronized void keep(Collection<Known> known, long of) {
    for (Known k : known) {
      if (Protocol.isOfContent(k.question())) {
        ofContent.put(k);
      } else if (of == epoch) {
        ofSession.put(k);
      }
    }
  }

  /** Reads something from the store; what is missing can be asked for. */
  private static @Nullable ByteBuffer read(String name, WorkerStore from) {
    try {
      return from.get(name);
    } catch (IOException e) {
      Log.of(CodeAnswers.class).debug("Code cannot be read", e);
      return null;
    }
  }

  private static boolean is(byte[] hash, ByteBuffer bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes.duplicate());
      return MessageDigest.isEqual(digest.digest(), hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Answers of one kind. Guarded by the whole. */
  private static final class Shelf {
    final Map<ByteBuffer, ByteBuffer> answers = new HashMap<>();
    final Set<String> fetched = new HashSet<>();
    List<byte[]> announced = List.of();
    long bytes;

    void clear() {
      answers.clear();
      fetched.clear();
      bytes = 0;
    }

    void put(Known k) {
      ByteBuffer answer = k.answer().get(0);
      if (answers.putIfAbsent(k.question(), answer) == null) {
        bytes += answer.remaining();
      }
    }

    @Nullable ByteBuffer to(ByteBuffer question, WorkerStore from) {
      ByteBuffer answer = answers.get(question);
      if (answer == null && !announced.isEmpty()) {
        announced.forEach(hash -> fetch(hash, from));
        announced = List.of();
        answer = answers.get(question);
      }
      return answer == null ? null : answer.duplicate();
    }

    private void fetch(byte[] hash, WorkerStore from) {
      String name = HexFormat.of().formatHex(hash);
      ByteBuffer bundle = fetched.contains(name) ? null : read(Names.code(hash), from);
      if (bundle == null) {
        return;
      }
      fetched.add(name);
      if (is(hash, bundle)) {
        Known.decode(bundle).forEach(this::put);
      } else {
        Log.of(CodeAnswers.class)
            .warn("{} in the store is not what the client has put there", Names.code(hash));
      }
    }
  }
}
