package dev.martlet.internal.worker.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Other instances of the worker, where calls of a call can run that runs here. Nothing of what such
 * a call does counts before its answer has come. Thread-safe.
 */
public interface Elsewhere {
  /** Returns whether calls shall leave whether or not that is worth while. */
  boolean always();

  /** Returns a way for one call. */
  Journey journey();

  /** One call's way there and back. Thread-safe. */
  interface Journey {
    /**
     * Sends the call and waits for its answer.
     *
     * @param request what a {@link WorkerHost} there is to run
     * @throws IOException if there is no answer, and none will come: there is no room, the instance
     *     was lost, or the time is up
     */
    Answer go(List<ByteBuffer> request) throws IOException;

    /** Says something to the call; it does not matter if that fails. */
    void tell(ByteBuffer message);
  }

  /**
   * What came back.
   *
   * @param messages what the call has said, in order
   * @param response what it answered
   */
  record Answer(List<ByteBuffer> messages, ByteBuffer response) {}
}
