package dev.martlet.spi;

import dev.martlet.Usage;
import dev.martlet.WorkerLostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A place where functions run. Carries opaque bytes to instances of the one generic worker and
 * back; knows nothing of tasks. Thread-safe.
 */
public interface Platform extends AutoCloseable {
  /** Returns the platform's name, as in the configuration. */
  String name();

  /** Returns what the platform can carry. */
  PlatformLimits limits();

  /**
   * Returns whether another request may be made: those of invocations under way do not take too
   * much memory.
   */
  default boolean hasRoom() {
    return true;
  }

  /**
   * Waits, not for long, until another request may be made. Called on threads of the program only,
   * since those on which invocations end must not wait for others.
   */
  default void awaitRoom() {}

  /**
   * Has an action run that makes another request, when it may be made, or not long after: one such
   * action at a time, in their order, on another thread.
   */
  default void whenRoom(Runnable action) {
    action.run();
  }

  /**
   * Starts an invocation and returns at once. Starts an instance if need be.
   *
   * @param slot the slot of the pool, which runs one invocation at a time, in order; where the
   *     platform is {@linkplain PlatformLimits#interactive interactive} they go to one instance
   *     while it lives. A slot from the pool's parallelism on, below twice as many, has an instance
   *     for itself
   * @param payload the request; the buffers belong to the platform from now on
   * @param listener hears of the invocation, on threads that must not be held up. Exactly one of
   *     {@code completed}, {@code failed} and {@code lost} is called, once, and nothing after it,
   *     unless that throws: then {@code failed} is. They may be called before this method returns
   * @return the running invocation
   */
  Invocation invoke(int slot, List<ByteBuffer> payload, InvocationListener listener);

  /**
   * Starts an invocation that will look for attachments. A platform without a place for them may
   * drop them: then the call asks for what it lacks. Only where the platform is not {@linkplain
   * PlatformLimits#interactive interactive}.
   *
   * @param attachments what the call will look for
   * @see #invoke(int, List, InvocationListener)
   */
  default Invocation invoke(
      int slot,
      List<ByteBuffer> payload,
      List<Attachment> attachments,
      InvocationListener listener) {
    return invoke(slot, payload, listener);
  }

  /**
   * A call of this slot will come soon: time to start an instance if there is none. Returns at
   * once. Called when a pool is made, for its first slot, and when it gets its first task; so
   * making a pool already starts one worker in the background, while the client loads its agent.
   */
  default void prepare(int slot) {}

  /**
   * Returns what all invocations used that were heard of so far, also those of calls that have
   * ended otherwise; {@code null} if there were none, or if they cost nothing.
   */
  default @Nullable Usage usage() {
    return null;
  }

  /**
   * Invocations from now on are likely to ask certain questions: time to put the answers where
   * instances find them. Returns at once.
   *
   * @param questions returns {@linkplain PlatformConfig.Questions#isRepeatable repeatable} ones; it
   *     may take a while
   */
  default void expect(Supplier<List<ByteBuffer>> questions) {}

  /** Returns what stays when the client has gone; null if nothing does. */
  default @Nullable Depot depot() {
    return null;
  }

  /** Ends all instances. Invocations that still run are lost. Leaves no process behind. */
  @Override
  void close();

  /**
   * Bytes that invocations need besides their requests; often many need the same.
   *
   * @param name of ASCII letters, digits and {@code -}. What has the same name in a pool is as good
   *     as the same, if it has as many bytes or more
   * @param bytes how many bytes there are, but for some that say what they are
   * @param content returns the bytes; called if they are to be brought to where instances find them
   */
  record Attachment(String name, long bytes, Supplier<List<ByteBuffer>> content) {}

  /** A running invocation. */
  interface Invocation {
    /** Sends a message to the running call; dropped if it has ended. */
    void send(ByteBuffer message);

    /**
     * The call will look for attachments when it has read an answer to a question of its own, which
     * is about to be given.
     */
    default void attach(List<Attachment> attachments) {}

    /**
     * Gives the invocation up: it is lost, and those of its slot that were to follow it may be. Its
     * instance takes no more, and ends when the invocations of other slots that it runs have ended.
     */
    void kill();
  }

  /** Hears what becomes of an invocation. */
  interface InvocationListener {
    /**
     * The invocation was handed to an instance.
     *
     * @param instance the instance's name, such as {@code local-1 (pid 4711)}; the platform's if it
     *     does not know yet
     * @param cold whether the instance was started for it
     */
    void sent(String instance, boolean cold);

    /**
     * Which instance has run the invocation, from a platform that learns it with the answer only.
     * Called before the end, if at all.
     *
     * @param instance the instance's name
     * @param cold whether the instance was started for it
     */
    default void ran(String instance, boolean cold) {}

    /**
     * What was attached is where the instance finds it, and need not be kept here.
     *
     * @param bytes how many bytes were brought there for this invocation
     */
    default void attached(long bytes) {}

    /**
     * What the invocation's part was of what the cloud's function used. Called before the end, if
     * at all.
     */
    default void used(Usage usage) {}

    /**
     * The running call will soon be ended, since its invocation may not run for longer.
     *
     * @param ran how long it has run
     * @param left how long it may go on
     * @param limit how long an invocation may run and how that is changed, for a person
     */
    default void nearsTimeLimit(Duration ran, Duration left, String limit) {}

    /** The running call sent a message: output, a part of its effects. */
    void received(ByteBuffer message);

    /** The call has answered. */
    void completed(ByteBuffer response);

    /**
     * As {@link #completed(ByteBuffer)}, in place of it, from a platform that received long arrays
     * of bytes, which instances hand out as read-only buffers, into arrays of their own.
     *
     * @param parts a plain part, then such an array and a plain part in turn
     */
    default void completed(ByteBuffer[] parts) {
      int size = 0;
      for (ByteBuffer b : parts) {
        size += b.remaining();
      }
      ByteBuffer all = ByteBuffer.allocate(size);
      for (ByteBuffer b : parts) {
        all.put(b);
      }
      completed(all.flip());
    }

    /**
     * The call has answered, but the answer cannot be taken here, as if there is no memory for it.
     * By default the invocation counts as lost.
     *
     * @param cause why
     */
    default void failed(Throwable cause) {
      lost(WorkerLostException.Reason.DISCONNECTED, cause.toString(), true);
    }

    /**
     * The invocation got lost.
     *
     * @param reason how
     * @param detail for a person: the instance, its exit status, its last words
     * @param begun whether the instance may have begun to run it
     */
    void lost(WorkerLostException.Reason reason, @Nullable String detail, boolean begun);
  }
}
