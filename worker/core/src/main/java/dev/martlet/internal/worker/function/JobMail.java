package dev.martlet.internal.worker.function;

import dev.martlet.internal.classpath.Wire;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.envelope.JobPart;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Request;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.envelope.Vault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The mail of a batch of a job's tasks, whose client may be gone: questions are answered by what
 * the client has left behind, what tasks print is kept with their outcomes, and what comes in is
 * that some are cancelled.
 */
final class JobMail extends Mailbox {
  /** So much of what a task prints and logs is kept. */
  private static final int MOST_SAID = 1 << 16;

  private static final String NOBODY =
      ", which only its client has, and a job's client may be gone";

  private final JobRun job;
  private final long run;
  private final int from;
  private final int to;
  private final Map<Integer, List<ByteBuffer>> said = new HashMap<>();
  private final Map<Integer, Integer> saidBytes = new HashMap<>();
  private final Map<Integer, Byte> longOnes = new HashMap<>();
  private final Set<Integer> told = new HashSet<>();
  private final List<ByteBuffer> incoming = new ArrayList<>();
  private boolean looked;
  private JobRun.@Nullable Marks marks;

  /**
   * Creates the mail.
   *
   * @param from the place in the group of the batch's first task
   * @param to the place behind its last one
   */
  JobMail(JobRun job, WorkerStore store, Vault vault, long run, int from, int to) {
    super(store, new Names(new byte[Request.SESSION]), vault, 0, run);
    this.job = job;
    this.run = run;
    this.from = from;
    this.to = to;
  }

  long run() {
    return run;
  }

  /** Jobs have signs of life of their own. */
  @Override
  boolean isWatched() {
    return false;
  }

  /* --------------- What tasks say --------------- */

  @Override
  synchronized boolean say(int index, ByteBuffer message) {
    int bytes = saidBytes.merge(index, message.remaining() + 8, Integer::sum);
    if (bytes <= MOST_SAID) {
      said.computeIfAbsent(index, i -> new ArrayList<>()).add(message);
    } else if (bytes - message.remaining() - 8 <= MOST_SAID) {
      byte[] cut = Protocol.utf8("[what follows was not kept]");
      ByteBuffer line = ByteBuffer.allocate(1 + cut.length).put(Protocol.OUT).put(cut).flip();
      said.computeIfAbsent(index, i -> new ArrayList<>()).add(line);
    }
    return false;
  }

  @Override
  boolean isMuch() {
    return false;
  }

  @Override
  @SuppressWarnings("UnsynchronizedOverridesSynchronized") // nothing of this is touched
  void post() {
    job.live();
  }

  @Override
  int letters() {
    return 0;
  }

  @Override
  synchronized List<ByteBuffer> take(int index) {
    List<ByteBuffer> own = said.get(index);
    return own == null ? List.of() : own;
  }

  /* --------------- What they ask --------------- */

  @Override
  String attachmentKey(String name) {
    return job.attachmentKey(name);
  }

  @Override
  ByteBuffer[] ask(ByteBuffer question, Consumer<List<Known>> known) {
    ByteBuffer q = question.duplicate();
    try {
      return new ByteBuffer[] {
        switch (q.get()) {
          case Protocol.CLASSPATH -> code(q.get());
          case Protocol.INITIALISE -> initialise(q);
          case Protocol.STATIC -> refusal(about(q) + NOBODY);
          case Protocol.LOGGER -> level();
          case Protocol.FLUSH ->
              refusal("a detached task has nobody to show changes to; let it return them");
          case Protocol.PIECES ->
              throw new IOException("it needs a part of a long array that is not in the store");
          default -> throw new IOException("a question that only a client can answer");
        }
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What of the class path is not among what the client has left behind is not there. */
  private static ByteBuffer code(byte question) throws IOException {
    return switch (question) {
      case Wire.FIND, Wire.CLASS, Wire.TYPE, Wire.CONSTANTS -> absent();
      case Wire.FILES -> ByteBuffer.allocate(5).put(Wire.OK).putInt(0).flip();
      case Wire.BLOB -> throw new IOException("it needs a file of the class path" + NOBODY);
      default ->
          throw new IOException("it needs what a class loader of the program's own has" + NOBODY);
    };
  }

  private static ByteBuffer absent() {
    return ByteBuffer.wrap(new byte[] {Wire.ABSENT});
  }

  private ByteBuffer initialise(ByteBuffer q) {
    q.getLong();
    q.getInt();
    String type = Protocol.getString(q);
    return job.isInitialised(type)
        ? ByteBuffer.wrap(new byte[] {Protocol.OK})
        : refusal("its initialiser runs at home, and a job's client may be gone");
  }

  private static String about(ByteBuffer q) {
    q.getLong();
    q.getInt();
    return Protocol.getString(q) + "." + Protocol.getString(q);
  }

  private static ByteBuffer level() {
    byte[] utf8 = Protocol.utf8("INFO");
    ByteBuffer b = ByteBuffer.allocate(1 + 4 + utf8.length).put(Protocol.OK);
    Protocol.putString(b, utf8);
    return b.flip();
  }

  private static ByteBuffer refusal(String why) {
    byte[] utf8 = Protocol.utf8(why);
    ByteBuffer b = ByteBuffer.allocate(1 + 4 + utf8.length).put(Protocol.DROPPED);
    Protocol.putString(b, utf8);
    return b.flip();
  }

  /* --------------- What they are told --------------- */

  @Override
  @SuppressWarnings("ReferenceEquality") // they are new whenever they were read
  synchronized @Nullable ByteBuffer next() throws IOException {
    boolean first = !looked;
    looked = true;
    JobRun.Marks now = job.marks();
    if (now != marks) {
      look(now, first);
      marks = now;
    }
    return incoming.isEmpty() ? null : incoming.remove(0);
  }

  /**
   * Looks for tasks that are cancelled.
   *
   * @param first whether none of the batch has begun
   */
  private void look(JobRun.Marks now, boolean first) {
    for (int i = from; i < to; i++) {
      boolean cancelled = now.gone() || (first && now.flushed()) || now.cancelled().contains(i);
      if (cancelled && told.add(i - from)) {
        incoming.add(
            ByteBuffer.allocate(6)
                .putInt(i - from)
                .put(Protocol.INTERRUPT)
                .put(Protocol.UNWANTED)
                .flip());
      }
    }
  }

  /* --------------- What became of them --------------- */

  @Override
  synchronized ByteBuffer outcome(int index, List<ByteBuffer> plain) throws IOException {
    longOnes.put(index, plain.get(0).get(plain.get(0).position()));
    put(job.outcome(run, index), plain);
    return ByteBuffer.allocate(0);
  }

  /** Where code could not be had, the tasks that follow need not try in vain, too. */
  @Override
  boolean stopsAt(Response.Kind kind, List<ByteBuffer> answer) {
    return isLost(kind, answer.get(0)) && job.mayTryAgain();
  }

  /** Returns whether an attempt does not count: something was lacking that is no task's fault. */
  private static boolean isLost(Response.Kind kind, ByteBuffer answer) {
    return kind == Response.Kind.ABANDONED
        || (kind == Response.Kind.ANSWERED && answer.get(answer.position()) == Protocol.UNANSWERED);
  }

  /** Returns why an attempt does not count. */
  private static String why(Response.Kind kind, ByteBuffer answer) {
    int from = kind == Response.Kind.ANSWERED ? 1 + Long.BYTES : 0;
    ByteBuffer text = answer.duplicate().position(answer.position() + from);
    return StandardCharsets.UTF_8.decode(text).toString();
  }

  @Override
  synchronized void answer(ByteBuffer plain) throws IOException {
    Response response = Response.decode(plain);
    List<JobPart.Outcome> outcomes = new ArrayList<>();
    boolean last = false;
    for (int i = 0; i < response.outcomes().size(); i++) {
      Response.Outcome o = response.outcomes().get(i);
      boolean early = o.kind() == Response.Kind.OUT_OF_TIME && !job.hadAllTime(from + i);
      if (o.kind() == Response.Kind.NOT_BEGUN || early) {
        last = true;
        break;
      }
      ByteBuffer answer = o.answer().get(0);
      if (told.contains(i) || !isLost(o.kind(), answer)) {
        job.counts();
        outcomes.add(new JobPart.Outcome(end(i, o), o.kind(), o.messages(), answer));
        continue;
      }
      ByteBuffer failure = job.lost(why(o.kind(), answer));
      if (failure == null) {
        break; // it runs again
      }
      outcomes.add(
          new JobPart.Outcome(JobPart.End.FAILED, Response.Kind.ABANDONED, o.messages(), failure));
    }
    job.ended(from, new JobPart(run, job.instance(), outcomes), last);
  }

  private JobPart.End end(int i, Response.Outcome o) {
    if (told.contains(i)) {
      return JobPart.End.CANCELLED;
    }
    ByteBuffer answer = o.answer().get(0);
    byte status =
        switch (o.kind()) {
          case ANSWERED -> answer.get(answer.position());
          case STORED -> longOnes.getOrDefault(i, Protocol.REFUSED);
          default -> Protocol.REFUSED;
        };
    return status == Protocol.RETURNED ? JobPart.End.DONE : JobPart.End.FAILED;
  }
}
