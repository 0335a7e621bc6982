package dev.martlet.internal.worker.function;

import dev.martlet.internal.envelope.Briefing;
import dev.martlet.internal.envelope.JobEvent;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Nested;
import dev.martlet.internal.envelope.Relay;
import dev.martlet.internal.envelope.Request;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.envelope.Vault;
import dev.martlet.internal.worker.process.Elsewhere;
import dev.martlet.internal.worker.process.Line;
import dev.martlet.internal.worker.process.WorkerHost;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An instance: runs one invocation after the other. It keeps what it has learnt of a client, its
 * code above all, until it serves another one.
 *
 * <p>Nothing is begun before the first invocation, so that an image of the instance that is taken
 * before it holds no clock, no randomness and no connection.
 */
public final class FunctionWorker implements AutoCloseable {
  // Clients that share a function take turns.
  private static final int MOST_SESSIONS = 16;

  private final Surroundings surroundings;
  private volatile CallThreads threads;
  private final Watch watch = new Watch();
  private final LifeSign sign;
  private final CodeAnswers code = new CodeAnswers();
  private final Map<ByteBuffer, Briefing> briefings = new Recent();
  private @Nullable ByteBuffer world;
  private byte[] session = {};
  private @Nullable WorkerHost host;
  private Map<String, String> place = Map.of();
  private @Nullable WorkerStore store;
  private volatile @Nullable Run current;
  private boolean served;

  /** Keeps what was used last. */
  private static final class Recent extends LinkedHashMap<ByteBuffer, Briefing> {
    private static final long serialVersionUID = 1;

    Recent() {
      super(MOST_SESSIONS, 0.75f, /* accessOrder= */ true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Briefing> eldest) {
      return size() > MOST_SESSIONS;
    }
  }

  /** Creates an instance. */
  public FunctionWorker(Surroundings surroundings) {
    this(surroundings, LifeSign.PERIOD);
  }

  /**
   * Creates an instance.
   *
   * @param period how often a run shows that it goes on
   */
  FunctionWorker(Surroundings surroundings, Duration period) {
    this.surroundings = surroundings;
    this.sign = new LifeSign(period);
    this.threads = threads();
  }

  /**
   * Runs an invocation and returns its answer; an empty one if that lies in the store.
   *
   * @param nanos for how long it may run
   * @throws RuntimeException if the request is none of a client of this version
   */
  public synchronized ByteBuffer run(ByteBuffer bytes, long nanos) throws IOException {
    if (Relay.is(bytes)) {
      return new Invoker(surroundings, Relay.decode(bytes)).run();
    }
    long deadline = System.nanoTime() + nanos;
    if (JobEvent.is(bytes)) {
      runJob(JobEvent.decode(bytes), deadline);
      return ByteBuffer.allocate(0);
    }
    Nested nested = Nested.is(bytes) ? Nested.decode(bytes) : null;
    Request request = Request.decode(nested == null ? bytes : nested.request());
    long id = runId();
    Briefing briefing = briefing(request);
    if (briefing == null) {
      return untold(request, id).encode();
    }
    WorkerStore of = open(Briefing.Nesting.outOf(briefing.place()));
    Names names = new Names(request.session());
    Vault vault = new Vault(briefing.key());
    if (nested == null && request.calls().isEmpty()) {
      Mailbox mailbox = new Mailbox(of, names, vault, request.invocation(), id);
      return archive(mailbox, names, id, nanos).encode();
    }
    code.begin(request, of, /* without= */ false);
    int depth = nested == null ? 0 : nested.depth();
    NestedWays ways = new NestedWays(surroundings, code, of, request, briefing, depth);
    if (nested == null) {
      Mailbox mailbox = new Mailbox(of, names, vault, request.invocation(), id);
      Briefing fresh = request.briefing();
      boolean asked = fresh != null && fresh.asks();
      return run(request, briefing, mailbox, id, deadline, ways, () -> code.news(asked));
    }
    Mailbox mailbox = new NestedMail(of, names, vault, request.invocation(), id);
    long until = Math.min(deadline, System.nanoTime() + nested.nanos());
    return run(request, briefing, mailbox, id, until, ways, FunctionWorker::noNews);
  }

  /** Others than the session's client would not know what to do with any. */
  private static Response.News noNews() {
    return Response.News.NONE;
  }

  /**
   * Runs calls.
   *
   * @param ways where their own calls can go; null if nowhere
   * @param news what the response says about code
   */
  private ByteBuffer run(
      Request request,
      Briefing briefing,
      Mailbox mailbox,
      long id,
      long deadline,
      @Nullable NestedWays ways,
      Supplier<Response.News> news)
      throws IOException {
    boolean first = !served;
    served = true;
    Run run = new Run(request, mailbox, id, first, surroundings, news);
    if (ways != null) {
      run.nests(ways);
    }
    current = run;
    try {
      return run.run(host(request.session(), briefing), threads, watch, sign, deadline);
    } finally {
      current = null;
    }
  }

  private void runJob(JobEvent event, long deadline) throws IOException {
    WorkerStore of = open(event.place());
    JobRun job = new JobRun(event, of, surroundings.instance(), deadline);
    for (JobRun.Batch b = job.next(runId()); b != null; b = job.next(runId())) {
      code.begin(b.request(), of, /* without= */ true);
      code.keep(job.known(), code.epoch(b.request().session()));
      ByteBuffer unused =
          run(
              b.request(),
              job.briefing(),
              b.mail(),
              b.mail().run(),
              deadline,
              null,
              FunctionWorker::noNews);
    }
  }

  private WorkerStore open(Map<String, String> where) {
    if (store == null || !place.equals(where)) {
      store = surroundings.open(where);
      place = where;
    }
    return Objects.requireNonNull(store);
  }

  private @Nullable Briefing briefing(Request request) {
    ByteBuffer of = ByteBuffer.wrap(request.session());
    Briefing fresh = request.briefing();
    if (fresh == null) {
      return briefings.get(of);
    }
    Briefing kept = fresh.with(List.of(), false);
    briefings.put(of, kept);
    return kept;
  }

  private Response untold(Request request, long id) {
    Response.Outcome outcome =
        new Response.Outcome(Response.Kind.UNTOLD, 0, List.of(), List.of(ByteBuffer.allocate(0)));
    List<Response.Outcome> outcomes = Collections.nCopies(request.calls().size(), outcome);
    return answer(id, outcomes);
  }

  private Response answer(long id, List<Response.Outcome> outcomes) {
    Response.Measure nothing = new Response.Measure(false, 0, 0, 0);
    return new Response(
        id, 0, surroundings.instance(), false, nothing, List.of(), Response.News.NONE, outcomes);
  }

  /**
   * Puts an archive of classes into the store, if there can be one. Where calls have run it is not
   * to be trusted: all instances would begin with it, and other clients' calls run in them.
   */
  private Response archive(Mailbox mailbox, Names names, long id, long nanos) throws IOException {
    ByteBuffer archive = served ? null : surroundings.archive(nanos);
    if (archive != null) {
      mailbox.put(names.archive(), List.of(archive));
    }
    return answer(id, List.of());
  }

  /**
   * Returns a number that no other run of the same invocation has. Instances that were started from
   * one image go on with the same random numbers, but have names and clocks of their own.
   */
  private long runId() {
    long name = (long) surroundings.instance().hashCode() << Integer.SIZE;
    return name ^ System.nanoTime() ^ ThreadLocalRandom.current().nextLong();
  }

  /** Lets the threads end that calls run on, where the JVM does not end with the instance. */
  @Override
  public void close() {
    threads.close();
    watch.close();
    sign.close();
  }

  private CallThreads threads() {
    return new CallThreads(surroundings.lendsThread());
  }

  private WorkerHost host(byte[] ofSession, Briefing briefing) {
    WorkerHost h = host;
    ByteBuffer itsWorld = briefing.packed();
    if (h == null || !itsWorld.equals(world) || !Arrays.equals(session, ofSession)) {
      if (h != null) {
        h.close();
        // Their thread-locals hold what is that client's.
        threads.close();
        threads = threads();
      }
      h = surroundings.host();
      h.open(briefing.world(), new ToClient(ofSession));
      host = h;
      world = itsWorld;
      session = ofSession;
    }
    return h;
  }

  /** The way to one session's client, as long as an invocation of it is running. */
  private final class ToClient implements Line {
    private final byte[] of;

    ToClient(byte[] of) {
      this.of = of;
    }

    @Override
    public ByteBuffer ask(ByteBuffer question) {
      ByteBuffer[] parts = askForParts(question);
      return parts[0];
    }

    @Override
    public ByteBuffer[] askForParts(ByteBuffer question) {
      Run run = run();
      // Of a thread that is left over from an earlier call, too, though the next may begin now.
      long epoch = code.epoch(of);
      ByteBuffer known = code.to(question, epoch);
      return known != null
          ? new ByteBuffer[] {known}
          : run.ask(question, all -> code.keep(all, epoch));
    }

    @Override
    public @Nullable ByteBuffer known(ByteBuffer question) {
      return code.known(question, code.epoch(of));
    }

    @Override
    public void found(ByteBuffer question, ByteBuffer answer) {
      code.found(new Known(question, List.of(answer)), code.epoch(of));
    }

    private Run run() {
      Run run = current;
      if (run == null || !run.isOf(of)) {
        // A thread that is left over from an earlier call, perhaps of another client.
        throw new IllegalStateException("the call has ended");
      }
      return run;
    }

    @Override
    public List<@Nullable ByteBuffer> attachments(List<String> all) {
      return run().attachments(all);
    }

    @Override
    public boolean mayRepeat() {
      return true; // an event is delivered twice at times
    }

    @Override
    public @Nullable Elsewhere elsewhere() {
      Run run = current;
      return run == null || !run.isOf(of) ? null : run.elsewhere();
    }

    @Override
    public void exiting(int status) {
      Run run = current;
      if (run != null) {
        run.exiting(status);
      }
    }
  }
}
