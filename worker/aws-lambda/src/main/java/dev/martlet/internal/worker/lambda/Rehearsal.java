package dev.martlet.internal.worker.lambda;

import dev.martlet.internal.envelope.Briefing;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Relay;
import dev.martlet.internal.envelope.Request;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.envelope.Vault;
import dev.martlet.internal.log.Log;
import dev.martlet.internal.worker.function.FunctionWorker;
import dev.martlet.internal.worker.function.Surroundings;
import dev.martlet.internal.worker.function.WorkerStore;
import dev.martlet.internal.worker.host.CallHost;
import dev.martlet.internal.worker.process.InboundCall;
import dev.martlet.internal.worker.process.Line;
import dev.martlet.internal.worker.process.WorkerHost;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** Does what an instance does at first, for nobody, and ends when it is invoked again. */
final class Rehearsal implements Surroundings {
  /** The environment's variable that wants it. */
  static final String VARIABLE = "MARTLET_INTERNAL_REHEARSAL";

  private static final int LONG_ENOUGH = 2_000;
  private static final ByteBuffer QUESTION = ByteBuffer.allocate(1);

  private final LambdaSurroundings real = new LambdaSurroundings("rehearsal");
  private boolean done;

  /** Returns what is to be answered. */
  ByteBuffer run() {
    if (done) {
      System.exit(0);
    }
    done = true;
    ByteBuffer answer = ByteBuffer.allocate(0);
    try {
      answer = call();
      WorkerStore store =
          real.open(
              Map.of(
                  "base",
                  "http://" + System.getenv("AWS_LAMBDA_RUNTIME_API") + "/bucket",
                  "region",
                  "none"));
      ByteBuffer unused = store.get("nothing");
      Vault vault = new Vault(new byte[Vault.KEY]);
      unused = vault.open("nothing", vault.seal("nothing", List.of(answer)));
      greet();
    } catch (GeneralSecurityException | IOException | RuntimeException | LinkageError e) {
      Log.of(Rehearsal.class).debug("The rehearsal ended early", e);
    }
    real.host().rehearse();
    return answer;
  }

  /** Does what a connection that is encrypted does at first: that to the store is, in the cloud. */
  private static void greet() throws GeneralSecurityException, IOException {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine("localhost", 443);
    engine.setUseClientMode(true);
    ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    Object unused = engine.wrap(ByteBuffer.allocate(0), hello);
  }

  /** Has a worker run a request that is long enough to be packed. */
  private ByteBuffer call() throws IOException {
    byte[] hash = new byte[Request.HASH];
    Known known = new Known(QUESTION, List.of(ByteBuffer.allocate(1)));
    Briefing briefing =
        new Briefing(
                new byte[Vault.KEY], Map.of("region", "none"), ByteBuffer.allocate(LONG_ENOUGH))
            .with(List.of(new Briefing.Bundle(hash, Known.encode(List.of(known)))), true);
    Request.Call call = new Request.Call(0, false, List.of(ByteBuffer.allocate(1)), List.of());
    Request request =
        new Request(
            new byte[Request.SESSION],
            briefing,
            1,
            false,
            0,
            List.of(hash),
            List.of(hash),
            List.of(call));
    try (FunctionWorker worker = new FunctionWorker(this)) {
      ByteBuffer answer = worker.run(request.encode(), TimeUnit.SECONDS.toNanos(60));
      Response unused = Response.decode(answer);
      return answer;
    }
  }

  @Override
  public String instance() {
    return real.instance();
  }

  @Override
  public int longestAnswer() {
    return real.longestAnswer();
  }

  @Override
  public WorkerStore open(Map<String, String> place) {
    return new NoStore();
  }

  @Override
  public WorkerHost host() {
    CallHost unused = new CallHost();
    return new NoHost();
  }

  @Override
  public boolean lendsThread() {
    return real.lendsThread();
  }

  @Override
  public CompletableFuture<Relay.Result> submit(
      String region, String function, ByteBuffer request) {
    return CompletableFuture.completedFuture(Relay.Result.TAKEN);
  }

  @Override
  public void end(int status) {}

  private static final class NoStore implements WorkerStore {
    @Override
    public ByteBuffer get(String key) {
      return ByteBuffer.allocate(0);
    }

    @Override
    public void put(String key, List<ByteBuffer> content) {}

    @Override
    public boolean putIfAbsent(String key, List<ByteBuffer> content) {
      return true;
    }
  }

  private static final class NoHost implements WorkerHost {
    @Override
    public void open(ByteBuffer world, Line line) {
      Object unused = line.ask(QUESTION.duplicate());
    }

    @Override
    public void run(InboundCall call) {
      call.onMessage(message -> {});
      call.complete(ByteBuffer.allocate(LONG_ENOUGH));
    }
  }
}
