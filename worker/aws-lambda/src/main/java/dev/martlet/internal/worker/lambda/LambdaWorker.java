package dev.martlet.internal.worker.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.martlet.internal.worker.function.FunctionWorker;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The generic worker as a function of AWS Lambda. Lambda carries nothing but JSON: requests and
 * answers are strings of Base64. Whoever may invoke the function, by the account's policies, may
 * run code in it.
 */
public final class LambdaWorker implements RequestStreamHandler {
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
    return Base64.getDecoder().decode(ByteBuffer.wrap(json, from + 1, to - from - 2));
  }

  private static void encode(ByteBuffer answer, OutputStream out) throws IOException {
    ByteBuffer text = Base64.getEncoder().encode(answer);
    out.write('"');
    out.write(text.array(), text.arrayOffset() + text.position(), text.remaining());
    out.write('"');
  }
}
