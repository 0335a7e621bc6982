package dev.martlet.internal.worker.function;

import dev.martlet.internal.envelope.Boxes;
import dev.martlet.internal.envelope.Briefing;
import dev.martlet.internal.envelope.MalformedException;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Nested;
import dev.martlet.internal.envelope.Request;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.envelope.Response.Measure;
import dev.martlet.internal.envelope.Response.Outcome;
import dev.martlet.internal.envelope.Vault;
import dev.martlet.internal.log.Log;
import dev.martlet.internal.worker.process.Elsewhere;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The invocations that one run makes of its own function, for calls of its calls. They are of the
 * client's session, under numbers of their own, and know what this instance knows of its code. Each
 * is tried once. Thread-safe.
 */
final class NestedCalls implements Elsewhere {
  // What would have less time is better begun here.
  private static final long SHORTEST_NANOS = TimeUnit.SECONDS.toNanos(2);

  // What more than these used is told in one sum, lest the answer be too long.
  private static final int MOST_MEASURES = 1 << 12;

  // For an answer on its way.
  private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Surroundings surroundings;
  private final CodeAnswers code;
  private final WorkerStore store;
  private final Request request;
  private final Briefing briefing;
  private final Names names;
  private final Vault vault;
  private final int depth;
  private final Briefing.Nesting nesting;
  private final long deadline;
  private final Set<Way> under = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  // What they used, and what those used that they have made; guarded by itself.
  private final List<Measure> used = new ArrayList<>();

  NestedCalls(NestedWays ways, Briefing.Nesting nesting, long deadline) {
    this.surroundings = ways.surroundings();
    this.code = ways.code();
    this.store = ways.store();
    this.request = ways.request();
    this.briefing = ways.briefing();
    this.names = new Names(request.session());
    this.vault = new Vault(briefing.key());
    this.depth = ways.depth();
    this.nesting = nesting;
    this.deadline = deadline;
  }

  @Override
  public boolean always() {
    return nesting.always();
  }

  @Override
  public Journey journey() {
    return new Way();
  }

  /** Has all that are under way end, since nobody will hear of them. */
  void stop() {
    stopped = true;
    under.forEach(w -> w.say(ByteBuffer.allocate(4).putInt(-1).flip()));
  }

  /** Returns what the invocations used that have answered. */
  List<Measure> used() {
    synchronized (used) {
      return List.copyOf(used);
    }
  }

  private void used(Measure one) {
    synchronized (used) {
      if (used.size() < MOST_MEASURES) {
        used.add(one);
      } else {
        used.set(0, used.get(0).plus(one));
      }
    }
  }

  private final class Way implements Journey {
    // The client counts from 1.
    private final long invocation = ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE;
    private int messages;

    @Override
    public Answer go(List<ByteBuffer> payload) throws IOException {
      long left = deadline - System.nanoTime();
      if (stopped || left < SHORTEST_NANOS) {
        throw new InterruptedIOException("there is too little time left");
      }
      ByteBuffer bytes = request(payload, left);
      under.add(this);
      try {
        if (stopped) {
          throw new InterruptedIOException("the run has ended");
        }
        Response response = Response.decode(invoke(bytes, left));
        used(response.measure());
        response.elsewhere().forEach(NestedCalls.this::used);
        return answer(response);
      } catch (MalformedException e) {
        throw new IOException("another instance has answered with what is none of its answers", e);
      } finally {
        under.remove(this);
      }
    }

    private ByteBuffer request(List<ByteBuffer> payload, long nanos) throws IOException {
      CodeAnswers.Shared shared = code.share(code.epoch(request.session()));
      ByteBuffer bytes = request(payload, shared, /* stored= */ false, nanos);
      if (bytes.remaining() > surroundings.longestAnswer()) {
        String name = names.payload(invocation, 0);
        store.put(name, List.of(vault.seal(name, payload)));
        bytes = request(List.of(), shared, /* stored= */ true, nanos);
      }
      return bytes;
    }

    private ByteBuffer request(
        List<ByteBuffer> payload, CodeAnswers.Shared shared, boolean stored, long nanos) {
      Request.Call call = new Request.Call(0, stored, payload, List.of());
      ByteBuffer inner =
          new Request(
                  request.session(),
                  briefing,
                  invocation,
                  /* submitted= */ false,
                  request.version(),
                  with(request.code(), shared.ofSession()),
                  with(request.content(), shared.ofContent()),
                  List.of(call))
              .encode();
      return new Nested(depth + 1, nanos, inner).encode();
    }

    private static List<byte[]> with(List<byte[]> hashes, byte @Nullable [] one) {
      List<byte[]> all = new ArrayList<>(hashes);
      if (one != null) {
        all.add(one);
      }
      return all;
    }

    private ByteBuffer invoke(ByteBuffer bytes, long nanos) throws IOException {
      CompletableFuture<ByteBuffer> answer =
          surroundings.invoke(nesting.region(), nesting.function(), bytes);
      try {
        return answer.get(nanos + LATE_NANOS, TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        Throwable cause = e.getCause();
        throw new IOException(String.valueOf(cause == null ? e : cause.getMessage()), e);
      } catch (TimeoutException | InterruptedException e) {
        answer.cancel(true);
        throw new IOException("the time is up", e);
      }
    }

    private Answer answer(Response response) throws IOException {
      if (response.outcomes().size() != 1) {
        throw new IOException(response.outcomes().size() + " outcomes of one call");
      }
      Outcome o = response.outcomes().get(0);
      return switch (o.kind()) {
        case ANSWERED -> new Answer(o.messages(), o.answer().get(0));
        case STORED ->
            new Answer(
                o.messages(),
                stored(names.outcome(invocation, response.run(), 0), o.answer().get(0)));
        default ->
            throw new IOException(
                "another instance could not run it: "
                    + o.kind()
                    + " "
                    + StandardCharsets.UTF_8.decode(o.answer().get(0).duplicate()));
      };
    }

    private ByteBuffer stored(String whole, ByteBuffer told) throws IOException {
      Boxes boxes = Boxes.read(told);
      byte[] all = new byte[boxes.bytes()];
      for (int i = 0; i < boxes.count(); i++) {
        ByteBuffer box = store.get(Boxes.name(whole, i));
        if (box == null) {
          throw new IOException("there is no " + Boxes.name(whole, i) + " in the store");
        }
        boxes.open(vault, whole, i, box, all);
      }
      return ByteBuffer.wrap(all);
    }

    @Override
    public void tell(ByteBuffer message) {
      say(ByteBuffer.allocate(4 + message.remaining()).putInt(0).put(message.duplicate()).flip());
    }

    private synchronized void say(ByteBuffer plain) {
      String name = names.message(invocation, messages++);
      try {
        store.put(name, List.of(vault.seal(name, List.of(plain))));
      } catch (IOException e) {
        Log.of(NestedCalls.class).debug("A nested call cannot be told to stop", e);
      }
    }
  }
}
