package dev.martlet.internal.worker.process;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /**
   * Reads what the client has attached to its calls.
   *
   * @param names what it is called
   * @return the bytes of each; null of what is not there, for which the client can be asked
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  default List<@Nullable ByteBuffer> attachments(List<String> names) {
    return Collections.nCopies(names.size(), null);
  }

  /** Returns the answer to a question if it is known without asking anybody; else null. */
  default @Nullable ByteBuffer known(ByteBuffer question) {
    return null;
  }

  /** Keeps an answer that was found here, for the client's other workers as well. */
  default void found(ByteBuffer question, ByteBuffer answer) {}

  /** Returns whether an attempt may have been given to another worker, too. */
  default boolean mayRepeat() {
    return false;
  }

  /** Returns where calls can go that are made by the one that runs now; {@code null} if nowhere. */
  default @Nullable Elsewhere elsewhere() {
    return null;
  }
}
