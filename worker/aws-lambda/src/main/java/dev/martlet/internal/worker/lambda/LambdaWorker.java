package dev.martlet.internal.worker.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.martlet.internal.worker.function.FunctionWorker;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The generic worker as a function of AWS Lambda. Lambda carries nothing but JSON: requests and
 * answers are strings of Base64. Whoever may invoke the function, by the account's policies, may
 * run code in it.
 */
public final class LambdaWorker implements RequestStreamHandler {
  // A multiple of four characters.
  private static final int PIECE = 64;
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  private static final byte[] VALUES = values();

  private final @Nullable Rehearsal rehearsal =
      System.getenv(Rehearsal.VARIABLE) == null ? null : new Rehearsal();
  private @Nullable FunctionWorker worker;

  /** Creates the handler; Lambda does. */
  public LambdaWorker() {}

  @Override
  public void handleRequest(InputStream in, OutputStream out, Context context) throws IOException {
    long nanos = TimeUnit.MILLISECONDS.toNanos(context.getRemainingTimeInMillis());
    ByteBuffer request = decode(in.readAllBytes());
    if (rehearsal != null) {
      encode(rehearsal.run(), out);
      return;
    }
    FunctionWorker w = worker;
    if (w == null) {
      w = new FunctionWorker(new LambdaSurroundings(context.getLogStreamName()));
      worker = w;
    }
    encode(w.run(request, nanos), out);
  }

  /** Returns the bytes of a string of JSON that is Base64. */
  static ByteBuffer decode(byte[] json) {
    int from = 0;
    int to = json.length;
    while (from < to && json[from] <= ' ') {
      from++;
    }
    while (from < to && json[to - 1] <= ' ') {
      to--;
    }
    if (to - from < 2 || json[from] != '"' || json[to - 1] != '"') {
      throw new IllegalArgumentException(
          "this function runs Martlet's calls: what it was invoked with is no such call");
    }
    return decode(json, from + 1, to - 1);
  }

  private static ByteBuffer decode(byte[] json, int from, int to) {
    byte[] bytes = new byte[(to - from) / 4 * 3 + 2];
    int whole = Math.max(0, to - from - 1) / PIECE;
    int wrong = 0;
    for (int i = 0; i < whole; i++) {
      wrong |= decode(json, from + i * PIECE, bytes, i * (PIECE / 4 * 3));
    }
    if (wrong < 0) {
      throw new IllegalArgumentException("what this function was invoked with is no Base64");
    }
    ByteBuffer all = ByteBuffer.wrap(bytes).position(whole * (PIECE / 4 * 3));
    int rest = from + whole * PIECE;
    all.put(Base64.getDecoder().decode(ByteBuffer.wrap(json, rest, to - rest)));
    return all.flip();
  }

  /**
   * Decodes a piece that has no padding. A JVM compiles what is called often long before what loops
   * for long, as the JDK's decoder does, which matters while an instance starts.
   *
   * @return negative if the piece is no Base64
   */
  private static int decode(byte[] json, int at, byte[] bytes, int to) {
    int wrong = 0;
    for (int end = at + PIECE; at < end; at += 4, to += 3) {
      int bits =
          VALUES[json[at] & 0xff] << 18
              | VALUES[json[at + 1] & 0xff] << 12
              | VALUES[json[at + 2] & 0xff] << 6
              | VALUES[json[at + 3] & 0xff];
      wrong |= bits;
      bytes[to] = (byte) (bits >> 16);
      bytes[to + 1] = (byte) (bits >> 8);
      bytes[to + 2] = (byte) bits;
    }
    return wrong;
  }

  private static byte[] values() {
    byte[] values = new byte[256];
    Arrays.fill(values, (byte) -1);
    for (int i = 0; i < ALPHABET.length(); i++) {
      values[ALPHABET.charAt(i)] = (byte) i;
    }
    return values;
  }

  private static void encode(ByteBuffer answer, OutputStream out) throws IOException {
    ByteBuffer text = Base64.getEncoder().encode(answer);
    out.write('"');
    out.write(text.array(), text.arrayOffset() + text.position(), text.remaining());
    out.write('"');
  }
}
