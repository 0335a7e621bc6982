package dev.martlet.internal.worker.process;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/** A call that has arrived. Thread-safe. */
public interface InboundCall {
  /** Returns the call's number on this line. */
  long id();

  /** Returns the client's slot. */
  int slot();

  /** Returns the request, or its first part. */
  ByteBuffer payload();

  /** Returns what follows the first part: a long array of bytes and a plain part in turn. */
  default List<ByteBuffer> more() {
    return List.of();
  }

  /**
   * Says who takes the client's messages to this call, also those that have arrived before.
   *
   * @param sink called on a thread that must not be held up
   */
  void onMessage(Consumer<ByteBuffer> sink);

  /** Sends a message to the client. The buffer must not change any more. */
  void send(ByteBuffer message);

  /**
   * Lets the next call of this slot begin although this one has not ended: it waits for something
   * that may need the slot. A slot otherwise runs one call at a time.
   */
  void release();

  /**
   * Answers the call; to be called once. The buffers must not change any more.
   *
   * @param response the parts of the response
   */
  void complete(ByteBuffer... response);
}
