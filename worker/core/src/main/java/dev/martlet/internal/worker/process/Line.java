package dev.martlet.internal.worker.process;

import java.nio.ByteBuffer;

/** The way from a worker to its client. Thread-safe. */
public interface Line {
  /**
   * Asks the client and waits for its answer, whether or not the thread is interrupted.
   *
   * @throws java.io.UncheckedIOException if the client could not answer
   */
  ByteBuffer ask(ByteBuffer question);

  /** As {@link #ask}; of the answer's parts some may be long arrays that came by themselves. */
  default ByteBuffer[] askForParts(ByteBuffer question) {
    return new ByteBuffer[] {ask(question)};
  }

  /**
   * Tells the client that this JVM is about to exit, and returns once that and all that was sent
   * before is out.
   */
  void exiting(int status);
}
