package dev.martlet.internal.worker.function;

import dev.martlet.internal.envelope.Boxes;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Letter;
import dev.martlet.internal.envelope.Life;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.envelope.Vault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run's way to its client: letters and replies in the store. What calls say is collected, and
 * goes with the next question, or alone if it has waited for a while or is much, or with the
 * answer. The client takes letters in their order, and may have one that could not be sent for all
 * that is known here: it is sent again as it was, before all others. Thread-safe.
 */
class Mailbox {
  private static final long SHORTEST_NANOS = 3_000_000;
  private static final long LONGEST_NANOS = 100_000_000;
  private static final int MUCH = 1 << 18;

  private final WorkerStore store;
  private final Names names;
  private final Vault vault;
  private final long invocation;
  private final long run;
  private final List<Letter.Message> said = new ArrayList<>();
  private int saidBytes;
  private int letters;
  private int messages;
  private @Nullable Letter unsent;

  Mailbox(WorkerStore store, Names names, Vault vault, long invocation, long run) {
    this.store = store;
    this.names = names;
    this.vault = vault;
    this.invocation = invocation;
    this.run = run;
  }

  /** Keeps what a call says; returns whether it is time to send it. */
  synchronized boolean say(int index, ByteBuffer message) {
    said.add(new Letter.Message(index, message));
    saidBytes += message.remaining() + 8;
    return saidBytes > MUCH;
  }

  /** Returns whether what was said is too much to go with the answer. */
  synchronized boolean isMuch() {
    return saidBytes > MUCH;
  }

  /** Sends what was said so far, if anything was. */
  synchronized void post() throws IOException {
    if (unsent != null || !said.isEmpty()) {
      resend();
      if (!said.isEmpty()) {
        send(List.of());
      }
    }
  }

  /** Returns how many letters have been sent; what was not sent is to go with the answer. */
  synchronized int letters() {
    Letter u = unsent;
    if (u != null) {
      unsent = null;
      letters--;
      said.addAll(0, u.messages());
    }
    return letters;
  }

  /** Returns what a call has said that was not sent, for its answer. */
  synchronized List<ByteBuffer> take(int index) {
    List<ByteBuffer> own = new ArrayList<>();
    for (Letter.Message m : said) {
      if (m.index() == index) {
        own.add(m.bytes());
      }
    }
    said.removeIf(m -> m.index() == index);
    return own;
  }

  /** Returns whether calls that have not begun are to wait, as one has ended like this. */
  boolean stopsAt(Response.Kind kind, List<ByteBuffer> answer) {
    return false;
  }

  private void resend() throws IOException {
    Letter u = unsent;
    if (u != null) {
      put(names.letter(invocation, run, letters - 1), List.of(u.encode()));
      unsent = null;
    }
  }

  private synchronized int send(List<ByteBuffer> questions) throws IOException {
    resend();
    Letter letter = new Letter(List.copyOf(said), questions);
    said.clear();
    saidBytes = 0;
    int number = letters++;
    unsent = letter;
    resend();
    return number;
  }

  /**
   * Asks the client and waits for its answer, whether or not the thread is interrupted.
   *
   * @param known takes the answers that may be kept
   * @throws UncheckedIOException if the client could not answer
   */
  ByteBuffer[] ask(ByteBuffer question, Consumer<List<Known>> known) {
    boolean interrupted = Thread.interrupted();
    try {
      int number = send(List.of(question));
      String name = names.reply(invocation, run, number);
      ByteBuffer box = store.get(name);
      for (long pause = SHORTEST_NANOS;
          box == null;
          pause = Math.min(LONGEST_NANOS, pause * 3 / 2)) {
        LockSupport.parkNanos(this, pause);
        interrupted |= Thread.interrupted();
        box = store.get(name);
      }
      Letter.Replies replies = Letter.Replies.decode(vault.open(name, box));
      known.accept(replies.known());
      Letter.Reply reply = replies.replies().get(0);
      if (reply.failed()) {
        throw new IOException(
            "the client could not answer: " + StandardCharsets.UTF_8.decode(reply.answer().get(0)));
      }
      return reply.answer().toArray(new ByteBuffer[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Returns the next message of the client: the index of the call that it is for, and its bytes;
   * null if there is none.
   */
  @Nullable ByteBuffer next() throws IOException {
    String name = names.message(invocation, messages);
    ByteBuffer box = store.get(name);
    if (box == null) {
      return null;
    }
    messages++;
    return vault.open(name, box);
  }

  /** Returns whether the client looks whether a run that was submitted goes on. */
  boolean isWatched() {
    return true;
  }

  /**
   * Takes the invocation for this run.
   *
   * @return false if another run has taken it, or the client, so that none begins
   */
  boolean take() throws IOException {
    String name = names.life(invocation);
    if (store.putIfAbsent(name, Life.seal(vault, name, run))) {
      return true;
    }
    // It may have been this one, whose first try was not answered.
    ByteBuffer box = store.get(name);
    return box != null && Life.open(vault, name, box) == run;
  }

  /** Shows that the run goes on. */
  void show() throws IOException {
    String name = names.life(invocation);
    store.putNow(name, Life.seal(vault, name, run));
  }

  /** Returns the client's sign of life; null if there is none. */
  @Nullable ByteBuffer live() throws IOException {
    return store.get(names.live());
  }

  /**
   * Returns what the client has attached to calls, read at the same time, whether or not the thread
   * is interrupted; null for what is not there.
   *
   * @throws UncheckedIOException if something cannot be read
   * @throws dev.martlet.internal.envelope.MalformedException if something is not the client's
   */
  List<@Nullable ByteBuffer> attachments(List<String> all) {
    List<CompletableFuture<@Nullable ByteBuffer>> reads = new ArrayList<>(all.size());
    for (String name : all) {
      reads.add(CompletableFuture.supplyAsync(() -> attachment(name), Mailbox::start));
    }
    return join(reads);
  }

  /** Waits for what other threads do; fails as the first of it that failed. */
  private static <T extends @Nullable Object> List<T> join(List<CompletableFuture<T>> all) {
    List<T> results = new ArrayList<>(all.size());
    try {
      for (CompletableFuture<T> f : all) {
        results.add(f.join());
      }
    } catch (CompletionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
    return results;
  }

  private static void start(Runnable read) {
    Thread t = new Thread(null, read, "martlet-read", 0, false);
    t.setDaemon(true);
    t.start();
  }

  private @Nullable ByteBuffer attachment(String name) {
    String key = attachmentKey(name);
    try {
      ByteBuffer box = store.get(key);
      return box == null ? null : vault.open(key, box);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns where an attachment is. */
  String attachmentKey(String name) {
    return names.attachment(name);
  }

  /** Returns the request of a call that was too long for its invocation. */
  ByteBuffer payload(int index) throws IOException {
    return get(names.payload(invocation, index));
  }

  /**
   * Keeps the outcome of a call that is too long for the answer.
   *
   * @return what the answer is to tell of it
   */
  ByteBuffer outcome(int index, List<ByteBuffer> plain) throws IOException {
    String whole = names.outcome(invocation, run, index);
    Boxes boxes = Boxes.of(plain);
    AtomicInteger next = new AtomicInteger();
    List<CompletableFuture<Void>> ways = new ArrayList<>();
    for (int i = 1; i < Math.min(Boxes.AT_A_TIME, boxes.count()); i++) {
      ways.add(CompletableFuture.runAsync(() -> put(boxes, whole, next, plain), Mailbox::start));
    }
    try {
      put(boxes, whole, next, plain);
      List<Void> unused = join(ways);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return boxes.told();
  }

  /** Keeps boxes that nobody else has begun to keep, one after the other. */
  private void put(Boxes boxes, String whole, AtomicInteger next, List<ByteBuffer> plain) {
    try {
      for (int i = next.getAndIncrement(); i < boxes.count(); i = next.getAndIncrement()) {
        store.put(Boxes.name(whole, i), List.of(boxes.seal(vault, whole, i, plain)));
      }
    } catch (IOException e) {
      next.set(boxes.count()); // nobody needs the rest
      throw new UncheckedIOException(e);
    }
  }

  /** Keeps the answer of the run, since nobody waits for it. */
  void answer(ByteBuffer plain) throws IOException {
    put(names.answer(invocation, run), List.of(plain));
  }

  final void put(String name, List<ByteBuffer> plain) throws IOException {
    store.put(name, List.of(vault.seal(name, plain)));
  }

  /**
   * Reads something of the session.
   *
   * @throws IOException if it is not there
   */
  private ByteBuffer get(String name) throws IOException {
    ByteBuffer box = store.get(name);
    if (box == null) {
      throw new IOException("there is no " + name + " in the store");
    }
    return vault.open(name, box);
  }
}
