package dev.martlet.internal.worker.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.martlet.internal.agent.Trusted;
import dev.martlet.internal.classpath.Wire;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.envelope.Briefing;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Relay;
import dev.martlet.internal.envelope.Request;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.envelope.Vault;
import dev.martlet.internal.worker.process.InboundCall;
import dev.martlet.internal.worker.process.Line;
import dev.martlet.internal.worker.process.WorkerHost;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An instance that serves one session after the other. */
@Timeout(60)
class FunctionWorkerTest {
  private final List<Line> lines = new ArrayList<>();
  private final List<String> submitted = new ArrayList<>();
  private final List<WeakReference<Host>> hosts = new ArrayList<>();
  private int closed;
  private @Nullable Runnable inCall;
  private boolean lends;
  private FunctionWorker worker = new FunctionWorker(new Here());

  /** This JVM, as an instance sees it. */
  private final class Here implements Surroundings {
    @Override
    public String instance() {
      return "instance";
    }

    @Override
    public int longestAnswer() {
      return 1 << 20;
    }

    @Override
    public boolean lendsThread() {
      return lends;
    }

    @Override
    public WorkerStore open(Map<String, String> place) {
      return objects;
    }

    @Override
    public WorkerHost host() {
      Host host = new Host();
      hosts.add(new WeakReference<>(host));
      return host;
    }

    @Override
    public CompletableFuture<Relay.Result> submit(
        String region, String function, ByteBuffer request) {
      submitted.add(region + "/" + function + "/" + request.get(0));
      return switch (request.get(0)) {
        case 0 -> CompletableFuture.completedFuture(Relay.Result.TAKEN);
        case 1 -> CompletableFuture.completedFuture(new Relay.Result(Relay.Kind.THROTTLED, "full"));
        default -> CompletableFuture.failedFuture(new IOException("cut"));
      };
    }

    @Override
    public ByteBuffer archive(long nanos) {
      return ByteBuffer.wrap(new byte[] {42});
    }

    @Override
    public void end(int status) {
      throw new AssertionError("ended with " + status);
    }
  }

  private final Objects objects = new Objects();

  /** A store in memory. */
  private static final class Objects implements WorkerStore {
    private final Map<String, ByteBuffer> all = new ConcurrentHashMap<>();
    private volatile int reads;

    @Override
    public synchronized @Nullable ByteBuffer get(String key) {
      reads++;
      ByteBuffer found = all.get(key);
      return found == null ? null : found.duplicate();
    }

    @Override
    public void put(String key, List<ByteBuffer> content) {
      all.put(key, content.get(0).duplicate());
    }

    @Override
    public boolean putIfAbsent(String key, List<ByteBuffer> content) {
      return all.putIfAbsent(key, content.get(0).duplicate()) == null;
    }
  }

  /** Keeps its line, and answers with nothing. */
  private final class Host implements WorkerHost {
    @Override
    public void open(ByteBuffer world, Line line) {
      lines.add(line);
    }

    @Override
    public void run(InboundCall call) {
      Runnable r = inCall;
      if (r != null) {
        r.run();
      }
      call.complete(ByteBuffer.allocate(0));
    }

    @Override
    public void close() {
      closed++;
    }
  }

  @Test
  @DisplayName("runs are told apart even if their instances go on with the same random numbers")
  void drawsApart() throws Exception {
    VarHandle seed =
        Trusted.lookup().findVarHandle(Thread.class, "threadLocalRandomSeed", long.class);
    VarHandle probe =
        Trusted.lookup().findVarHandle(Thread.class, "threadLocalRandomProbe", int.class);
    int unused = ThreadLocalRandom.current().nextInt();
    Set<Long> runs = new HashSet<>();
    Set<Long> numbers = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      try (FunctionWorker restored = new FunctionWorker(new Here())) {
        seed.set(Thread.currentThread(), 42L);
        probe.set(Thread.currentThread(), 7);
        Request untold =
            new Request(
                new byte[Request.SESSION], null, 1, false, 0, List.of(), List.of(), List.of());
        runs.add(Response.decode(restored.run(untold.encode(), 1_000_000_000)).run());
        numbers.add(ThreadLocalRandom.current().nextLong());
      }
    }
    assertThat(numbers).hasSize(1);
    assertThat(runs).hasSize(3);
  }

  @Test
  @DisplayName("an archive of classes is made by an instance that has run no call, and is sealed")
  void archives() throws Exception {
    byte[] name = new byte[Request.SESSION];
    Briefing briefing = new Briefing(new byte[Vault.KEY], Map.of(), ByteBuffer.allocate(0));
    ByteBuffer order =
        new Request(name, briefing, 1, false, 0, List.of(), List.of(), List.of()).encode();
    String key = new Names(name).archive();
    assertThat(Response.decode(worker.run(order, TimeUnit.SECONDS.toNanos(60))).outcomes())
        .isEmpty();
    ByteBuffer box = objects.get(key);
    assertThat(new Vault(new byte[Vault.KEY]).open(key, box).array()).containsExactly(42);
    objects.all.clear();
    run(1);
    assertThat(Response.decode(worker.run(order, TimeUnit.SECONDS.toNanos(60))).outcomes())
        .isEmpty();
    assertThat(objects.all).isEmpty();
  }

  @Test
  @DisplayName("what came with the briefing is not looked for in the store, and the rest is")
  void bundles() throws Exception {
    ByteBuffer near = question(1);
    ByteBuffer far = question(2);
    byte[] nearHash = new byte[Request.HASH];
    ByteBuffer there = Known.encode(List.of(new Known(far, List.of(ByteBuffer.wrap(OK)))));
    byte[] farHash = MessageDigest.getInstance("SHA-256").digest(bytes(there));
    objects.put(Names.code(farHash), List.of(there));
    ByteBuffer here = Known.encode(List.of(new Known(near, List.of(ByteBuffer.wrap(OK)))));
    Briefing briefing =
        new Briefing(new byte[Vault.KEY], Map.of(), ByteBuffer.wrap(new byte[] {1}))
            .with(List.of(new Briefing.Bundle(nearHash, here)), false);
    List<Integer> reads = new ArrayList<>();
    List<ByteBuffer> answers = new ArrayList<>();
    inCall =
        () -> {
          for (ByteBuffer question : List.of(near, far)) {
            answers.add(lines.get(0).ask(question.duplicate()));
            reads.add(objects.reads);
          }
        };
    Request request =
        new Request(
            new byte[Request.SESSION],
            briefing,
            1,
            false,
            0,
            List.of(nearHash, farHash),
            List.of(),
            List.of(new Request.Call(0, false, List.of(ByteBuffer.allocate(0)), List.of())));
    Response answer = Response.decode(worker.run(request.encode(), TimeUnit.SECONDS.toNanos(60)));
    assertThat(answer.outcomes().get(0).kind()).isEqualTo(Response.Kind.ANSWERED);
    assertThat(answers).containsOnly(ByteBuffer.wrap(OK)).hasSize(2);
    assertThat(reads).containsExactly(0, 1);
  }

  @Test
  @DisplayName("what an instance has needed it says, and what it has found to a client that asks")
  void news() throws Exception {
    ByteBuffer given = ByteBuffer.wrap(new byte[] {Protocol.CLASSPATH, Wire.IMAGE, 0, 0, 0, 1});
    ByteBuffer vain = ByteBuffer.wrap(new byte[] {Protocol.CLASSPATH, Wire.IMAGE, 0, 0, 0, 2});
    ByteBuffer found = ByteBuffer.wrap(new byte[] {Protocol.CLASSPATH, Wire.WOVEN, 1});
    ByteBuffer later = ByteBuffer.wrap(new byte[] {Protocol.CLASSPATH, Wire.WOVEN, 2});
    List<ByteBuffer> answer = List.of(ByteBuffer.wrap(OK));
    ByteBuffer bundle = Known.encode(List.of(new Known(given, answer), new Known(vain, answer)));
    byte[] hash = new byte[Request.HASH];
    Briefing briefing =
        new Briefing(new byte[Vault.KEY], Map.of(), ByteBuffer.wrap(new byte[] {1}))
            .with(List.of(new Briefing.Bundle(hash, bundle)), true);
    List<ByteBuffer> known = new ArrayList<>();
    List<Response.News> said = new ArrayList<>();
    List<Runnable> calls =
        List.of(
            () -> {
              Line line = lines.get(0);
              known.add(line.ask(given.duplicate()));
              known.add(line.known(found));
              line.found(found, ByteBuffer.wrap(OK));
            },
            () -> {
              known.add(lines.get(0).known(found));
              lines.get(0).found(later, ByteBuffer.wrap(OK));
            },
            () -> {});
    for (int i = 0; i < calls.size(); i++) {
      inCall = calls.get(i);
      Request request =
          new Request(
              new byte[Request.SESSION],
              i == 1 ? null : briefing,
              1,
              false,
              0,
              List.of(hash),
              List.of(),
              List.of(new Request.Call(0, false, List.of(ByteBuffer.allocate(0)), List.of())));
      said.add(Response.decode(worker.run(request.encode(), TimeUnit.SECONDS.toNanos(60))).news());
    }
    ByteBuffer ok = ByteBuffer.wrap(OK);
    assertThat(known).containsExactly(ok, null, ok);
    assertThat(said)
        .containsExactly(
            new Response.News(List.of(given.hashCode()), List.of(new Known(found, answer))),
            new Response.News(List.of(found.hashCode()), List.of()),
            new Response.News(List.of(), List.of(new Known(later, answer))));
  }

  @Test
  @DisplayName("content that came with a briefing is its session's alone, and marked as such")
  void content() throws Exception {
    ByteBuffer question =
        ByteBuffer.allocate(46).put(Protocol.CLASSPATH).put(Wire.BLOB).putInt(42, 1 << 20);
    question.clear();
    ByteBuffer bundle = Known.encode(List.of(new Known(question, List.of(ByteBuffer.wrap(OK)))));
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes(bundle));
    objects.put(Names.code(hash), List.of(bundle));
    Briefing briefing =
        new Briefing(new byte[Vault.KEY], Map.of(), ByteBuffer.wrap(new byte[] {1}))
            .with(List.of(new Briefing.Bundle(hash, bundle)), false);
    List<ByteBuffer> answers = new ArrayList<>();
    inCall = () -> answers.add(lines.get(lines.size() - 1).ask(question.duplicate()));
    for (int session = 1; session <= 2; session++) {
      byte[] name = new byte[Request.SESSION];
      name[0] = (byte) session;
      Request request =
          new Request(
              name,
              session == 1 ? briefing : briefing.with(List.of(), false),
              1,
              false,
              0,
              List.of(),
              List.of(hash),
              List.of(new Request.Call(0, false, List.of(ByteBuffer.allocate(0)), List.of())));
      Response unused = Response.decode(worker.run(request.encode(), TimeUnit.SECONDS.toNanos(60)));
    }
    assertThat(answers)
        .containsExactly(ByteBuffer.wrap(new byte[] {Wire.GIVEN}), ByteBuffer.wrap(OK));
  }

  private static final byte[] OK = {0};

  private static ByteBuffer question(int loader) {
    return ByteBuffer.allocate(6).put(Protocol.CLASSPATH).put((byte) 1).putInt(loader).flip();
  }

  private static byte[] bytes(ByteBuffer b) {
    byte[] bytes = new byte[b.remaining()];
    b.duplicate().get(bytes);
    return bytes;
  }

  @AfterEach
  void close() {
    worker.close();
  }

  private Response run(int session) throws Exception {
    return run(session, /* briefed= */ true);
  }

  private Response run(int session, boolean briefed) throws Exception {
    byte[] name = new byte[Request.SESSION];
    name[0] = (byte) session;
    Request request =
        new Request(
            name,
            briefed
                ? new Briefing(new byte[Vault.KEY], Map.of(), ByteBuffer.wrap(new byte[] {1}))
                : null,
            1,
            false,
            0,
            List.of(),
            List.of(),
            List.of(new Request.Call(0, false, List.of(ByteBuffer.allocate(0)), List.of())));
    return Response.decode(worker.run(request.encode(), TimeUnit.SECONDS.toNanos(60)));
  }

  @Test
  @DisplayName("a session keeps its host, and another one has a host of its own")
  void hosts() throws Exception {
    assertThat(run(1).first()).isTrue();
    assertThat(run(1).first()).isFalse();
    assertThat(lines).hasSize(1);
    assertThat(run(2).first()).isFalse();
    assertThat(lines).hasSize(2);
  }

  private void lend() {
    worker.close();
    lends = true;
    worker = new FunctionWorker(new Here());
  }

  @SuppressWarnings("ThreadPriorityCheck") // as a task may do
  @Test
  @DisplayName(
      "a thread that is lent keeps for a session what it was given there, and gets its own back")
  void lends() throws Exception {
    lend();
    ThreadLocal<String> local = new ThreadLocal<>();
    local.set("own");
    Thread own = Thread.currentThread();
    int priority = own.getPriority();
    Thread.UncaughtExceptionHandler handler = own.getUncaughtExceptionHandler();
    List<Object> seen = new ArrayList<>();
    inCall =
        () -> {
          Thread t = Thread.currentThread();
          seen.add(t == own && !t.isInterrupted());
          seen.add(String.valueOf(local.get()));
          seen.add(t.getPriority());
          seen.add(t.getUncaughtExceptionHandler() == t.getThreadGroup());
          local.set("theirs");
          t.setPriority(Thread.MAX_PRIORITY);
          t.setUncaughtExceptionHandler((thread, e) -> {});
          t.interrupt();
        };
    run(1);
    run(1);
    run(2);
    assertThat(seen)
        .containsExactly(
            true,
            "null",
            Thread.NORM_PRIORITY,
            true,
            true,
            "theirs",
            Thread.MAX_PRIORITY,
            false,
            true,
            "null",
            Thread.NORM_PRIORITY,
            true);
    assertThat(own.isInterrupted()).isFalse();
    assertThat(local.get()).isEqualTo("own");
    assertThat(own.getPriority()).isEqualTo(priority);
    assertThat(own.getUncaughtExceptionHandler()).isSameAs(handler);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("an instance that has served many sessions keeps host and thread of the last alone")
  void forgets(boolean lent) throws Exception {
    if (lent) {
      lend();
    }
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    inCall = () -> threads.add(Thread.currentThread());
    for (int session = 1; session <= 20; session++) {
      run(session);
    }
    assertThat(hosts).hasSize(20);
    assertThat(closed).isEqualTo(19);
    await().until(() -> threads.stream().filter(Thread::isAlive).count() == 1);
    threads.clear();
    await()
        .until(
            () -> {
              System.gc();
              return hosts.stream().filter(h -> h.get() != null).count() == 1;
            });
  }

  @Test
  @DisplayName(
      "a session is told of once; an instance that was not told begins nothing and says so")
  void told() throws Exception {
    assertThat(run(1, false).outcomes())
        .extracting(Response.Outcome::kind)
        .containsExactly(Response.Kind.UNTOLD);
    assertThat(lines).isEmpty();
    assertThat(run(1, true).first()).isTrue();
    assertThat(run(2, false).outcomes().get(0).kind()).isEqualTo(Response.Kind.UNTOLD);
    assertThat(run(1, false).outcomes().get(0).kind()).isEqualTo(Response.Kind.ANSWERED);
    run(2, true);
    assertThat(run(1, false).outcomes().get(0).kind()).isEqualTo(Response.Kind.ANSWERED);
  }

  @Test
  @DisplayName("what is left of a session asks nobody, above all not another session's client")
  void asksItsOwn() throws Exception {
    run(1);
    assertThatIllegalStateException().isThrownBy(() -> lines.get(0).ask(ByteBuffer.allocate(1)));
    List<Throwable> refused = new ArrayList<>();
    inCall =
        () -> {
          try {
            lines.get(0).ask(ByteBuffer.allocate(1));
          } catch (IllegalStateException e) {
            refused.add(e);
          }
        };
    Response answer = run(2);
    assertThat(refused).hasSize(1);
    assertThat(answer.letters()).isZero();
  }

  @Test
  @DisplayName("each run of an invocation has a number of its own")
  void runs() throws Exception {
    assertThat(run(1).run()).isNotEqualTo(run(1).run());
  }

  @Test
  @DisplayName("requests that are to be relayed are submitted as they are, and each is told of")
  void relays() throws Exception {
    List<ByteBuffer> requests = new ArrayList<>();
    for (byte i = 0; i < 3; i++) {
      requests.add(ByteBuffer.wrap(new byte[] {i}));
    }
    ByteBuffer answer = worker.run(new Relay("here", "own", requests).encode(), 1_000_000_000);
    assertThat(Relay.Results.decode(answer).all())
        .containsExactly(
            Relay.Result.TAKEN,
            new Relay.Result(Relay.Kind.THROTTLED, "full"),
            new Relay.Result(Relay.Kind.UNKNOWN, "cut"));
    assertThat(submitted).containsExactly("here/own/0", "here/own/1", "here/own/2");
  }
}
