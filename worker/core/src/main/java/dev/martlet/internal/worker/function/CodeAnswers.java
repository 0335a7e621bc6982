package dev.martlet.internal.worker.function;

import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Request;
import dev.martlet.internal.log.Log;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The answers of one session's client about code that are known without asking it. Another client,
 * or a pool of the same one, has other class loaders by the same numbers. Thread-safe.
 */
final class CodeAnswers {
  private final Map<ByteBuffer, ByteBuffer> answers = new HashMap<>();
  private final Set<String> fetched = new HashSet<>();
  private byte[] session = {};
  private int version;

  /**
   * Fetches what is not here yet.
   *
   * @throws IOException if it is not what its hash says
   */
  synchronized void add(Request request, WorkerStore store) throws IOException {
    if (request.version() != version || !Arrays.equals(request.session(), session)) {
      session = request.session();
      version = request.version();
      answers.clear();
      fetched.clear();
    }
    for (byte[] hash : request.code()) {
      String name = HexFormat.of().formatHex(hash);
      if (!fetched.contains(name)) {
        ByteBuffer bytes = get(hash, store);
        // What is missing can be asked for.
        if (bytes != null) {
          fetched.add(name);
          check(bytes, hash);
          for (Known k : Known.decode(bytes)) {
            answers.putIfAbsent(k.question(), k.answer().get(0));
          }
        }
      }
    }
  }

  private static @Nullable ByteBuffer get(byte[] hash, WorkerStore store) {
    try {
      return store.get(Names.code(hash));
    } catch (IOException e) {
      Log.of(CodeAnswers.class).debug("Code cannot be read", e);
      return null;
    }
  }

  /** Returns the answer to a question, or null. */
  synchronized @Nullable ByteBuffer to(ByteBuffer question) {
    ByteBuffer answer = answers.get(question);
    return answer == null ? null : answer.duplicate();
  }

  private static void check(ByteBuffer bytes, byte[] hash) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes.duplicate());
      if (!MessageDigest.isEqual(digest.digest(), hash)) {
        throw new IOException(
            Names.code(hash) + " in the store is not what the client has put there");
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
