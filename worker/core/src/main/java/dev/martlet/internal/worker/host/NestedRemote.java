package dev.martlet.internal.worker.host;

import dev.martlet.CallListener;
import dev.martlet.CallStatistics;
import dev.martlet.CloudContext;
import dev.martlet.internal.codec.CodecException;
import dev.martlet.internal.codec.GraphDecoder;
import dev.martlet.internal.codec.Trust;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.dispatch.RemoteCall;
import dev.martlet.internal.dispatch.StackTraces;
import dev.martlet.internal.effects.Commit;
import dev.martlet.internal.executor.StayHome;
import dev.martlet.internal.worker.process.Elsewhere;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where the calls of one task run: here, on the task's own objects, or on other instances of the
 * worker, for which this task is the client and its objects are home.
 *
 * <p>A call leaves if it is known to take long and as many run here as there are processors, or if
 * it was said that all shall; and if nothing that it can get at would need this instance while it
 * runs. What it has changed is applied to the task's objects, as one more thing that the task has
 * done: it comes home with the task's own outcome, or not at all. If there is no room elsewhere, if
 * the call is lost or does there what cannot be repeated or answered, it runs here: that is always
 * possible, so whoever waits for it waits for no place.
 */
final class NestedRemote extends StayHome implements CallListener {
  private static final String REASON = "a nested call runs where the task does";
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private final CallRun run;
  private final Header header;
  private final @Nullable Elsewhere elsewhere;
  private volatile long noRoomNanos = System.nanoTime() - PAUSE_NANOS;

  // Held while a call is captured, or what one has changed is applied; not the attempt's own, since
  // either may initialise classes, of which the attempt is told.
  private final Object changes = new Object();

  private final Map<Long, NestedKind> here = new ConcurrentHashMap<>();

  /** Makes what precedes the graph in a request. */
  @FunctionalInterface
  interface Header {
    ByteBuffer of(RemoteCall call, ByteBuffer ahead, byte[] initialised);
  }

  /** Tells the context of a call that runs here. */
  @FunctionalInterface
  interface Contexts {
    CloudContext of(long callId, int attempt);
  }

  private final Contexts contexts;

  NestedRemote(CallRun run, Header header, Contexts contexts, @Nullable Elsewhere elsewhere) {
    super(REASON);
    this.run = run;
    this.header = header;
    this.contexts = contexts;
    this.elsewhere = elsewhere;
  }

  @Override
  public CloudContext context(long callId, int attempt) {
    return contexts.of(callId, attempt);
  }

  @Override
  public @Nullable String send(RemoteCall call) {
    Elsewhere e = elsewhere;
    if (e == null) {
      return REASON;
    }
    NestedKind kind = NestedKind.of(call.body().function());
    String reason = leave(call, kind, e);
    if (reason != null) {
      here.put(call.id(), kind);
    }
    return reason;
  }

  private @Nullable String leave(RemoteCall call, NestedKind kind, Elsewhere to) {
    String home = kind.home();
    if (home == null) {
      home = run.keepsCalls();
    }
    if (home != null) {
      return home;
    }
    if (!to.always() && run.realm.hasLibraries()) {
      return "it may use what the call that made it keeps in a library";
    }
    boolean busy = here.size() >= PROCESSORS && System.nanoTime() - noRoomNanos > PAUSE_NANOS;
    if (!to.always() && !(busy && kind.isLong(0))) {
      return REASON;
    }
    NestedGraph graph;
    byte[] initialised;
    try {
      synchronized (changes) {
        graph = NestedGraph.capture(run, call.body(), kind.statics());
      }
      initialised = run.initialisedAtHome();
    } catch (NestedGraph.StaysException e) {
      return String.valueOf(e.getMessage());
    }
    if (!to.always() && !kind.isLong(graph.graph().remaining())) {
      return REASON;
    }
    Trip trip = new Trip(call, kind, graph, to.journey());
    call.attempt(trip);
    // A shutdown that does not find the attempt yet is told of in the header.
    ByteBuffer head = header.of(call, graph.ahead(), initialised);
    trip.start(List.of(head, graph.graph()));
    return null;
  }

  @Override
  public void interrupt(RemoteCall call) {
    if (call.attempt() instanceof Trip t) {
      t.interrupt();
    }
  }

  @Override
  public void shutDown(RemoteCall call) {
    if (call.attempt() instanceof Trip t) {
      t.journey.tell(ByteBuffer.wrap(new byte[] {Protocol.SHUT_DOWN}));
    }
  }

  /** A call has ended, wherever it has run. */
  @Override
  public void ended(CallStatistics call) {
    NestedKind kind = here.remove(call.id());
    Instant started = call.started();
    Instant ended = call.ended();
    if (kind != null && started != null && ended != null) {
      kind.ran(Duration.between(started, ended).toNanos());
    }
  }

  /** One call's way to another instance and back. */
  private final class Trip {
    private final RemoteCall call;
    private final NestedKind kind;
    private final NestedGraph graph;
    private final Elsewhere.Journey journey;

    Trip(RemoteCall call, NestedKind kind, NestedGraph graph, Elsewhere.Journey journey) {
      this.call = call;
      this.kind = kind;
      this.graph = graph;
      this.journey = journey;
    }

    void start(List<ByteBuffer> request) {
      Thread t = new Thread(() -> run(request), call.threadName());
      t.setDaemon(true);
      t.start();
    }

    void interrupt() {
      journey.tell(Protocol.interruption(call.isStopped(), call.isCancelled()));
    }

    private void run(List<ByteBuffer> request) {
      try {
        run.exit(); // what is made on the way works for nobody
        Elsewhere.Answer answer = null;
        String reason = REASON;
        try {
          answer = journey.go(request);
        } catch (IOException | RuntimeException e) {
          reason = String.valueOf(e.getMessage());
          noRoomNanos = System.nanoTime();
        }
        run.enter();
        if (answer == null) {
          stay(reason);
        } else {
          arrive(answer);
        }
      } catch (Throwable e) {
        call.failed(e, 0, 0);
      } finally {
        run.exit();
      }
    }

    private void stay(String reason) {
      here.put(call.id(), kind);
      call.goHome(reason);
    }

    private void arrive(Elsewhere.Answer answer) throws Throwable {
      ByteBuffer response = answer.response();
      int bytes = response.remaining();
      byte status = response.get();
      long nanos = response.getLong();
      if (status != Protocol.RETURNED && status != Protocol.THREW) {
        doesNotCount(status, response, answer.messages());
        return;
      }
      response.get(); // how it ended
      int shipped = graph.table().size();
      ByteBuffer effects = Protocol.getBytes(response);
      Object value;
      synchronized (changes) {
        Commit commit = null;
        try {
          commit = commit(effects);
          if (commit != null) {
            commit.apply();
          }
        } catch (Commit.ConflictException e) {
          kind.vain("it " + e.getMessage());
          stay("it " + e.getMessage());
          return;
        } catch (CodecException e) {
          if (commit != null) {
            throw e;
          }
          kind.stay("what it changes cannot be read here");
          stay(String.valueOf(e.getMessage()));
          return;
        }
        value = decoder(response).read();
      }
      for (ByteBuffer m : answer.messages()) {
        run.inbound.send(m);
      }
      kind.ranAway(nanos);
      if (status == Protocol.RETURNED) {
        call.completed(value, nanos, bytes);
        return;
      }
      if (!(value instanceof Throwable failure)) {
        throw new CodecException("a task that threw nothing");
      }
      int id = graph.table().idOf(failure);
      if (id < 0 || id >= shipped) {
        StackTraces.join(failure, call.submitter());
      }
      call.failed(failure, nanos, bytes);
    }

    private void doesNotCount(byte status, ByteBuffer text, List<ByteBuffer> messages) {
      String why =
          status == Protocol.UNTRAVELABLE
              ? "answers with what cannot travel"
              : StandardCharsets.UTF_8.decode(text).toString();
      String reason = "elsewhere it " + why;
      boolean gains = false;
      boolean lacks = false;
      for (ByteBuffer m : messages) {
        if (m.hasRemaining() && m.get(m.position()) == Protocol.NEEDS) {
          lacks = true;
          gains |= lacked(m.duplicate());
        }
      }
      if (!gains) {
        if (lacks || status != Protocol.DROPPED) {
          kind.vain(reason);
        } else {
          kind.stay(reason);
        }
      }
      stay(reason);
    }

    /** Takes note of what the call lacked; returns whether the next one will have it. */
    private boolean lacked(ByteBuffer message) {
      message.get();
      int loader = message.getInt();
      String type = Protocol.getString(message);
      String field = Protocol.getString(message);
      return !field.isEmpty() && kind.lacks(new NestedKind.StaticField(loader, type, field));
    }

    private @Nullable Commit commit(ByteBuffer effects) {
      if (!effects.hasRemaining()) {
        return null;
      }
      Commit commit =
          Commit.read(decoder(Protocol.getBytes(effects)), graph.table(), /* locals= */ null);
      if (effects.hasRemaining()) {
        throw new CodecException("changes that come one after the other");
      }
      return commit;
    }

    private GraphDecoder decoder(ByteBuffer bytes) {
      return new GraphDecoder(run.space(), run.border(), graph.table(), bytes, Trust.FULL);
    }
  }
}
