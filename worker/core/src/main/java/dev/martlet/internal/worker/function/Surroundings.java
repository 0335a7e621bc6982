package dev.martlet.internal.worker.function;

import dev.martlet.internal.envelope.Relay;
import dev.martlet.internal.worker.process.WorkerHost;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What differs from cloud to cloud. */
public interface Surroundings {
  /** Returns the instance's name. */
  String instance();

  /** Returns how many bytes an answer may have. */
  int longestAnswer();

  /** Opens the client's store. */
  WorkerStore open(Map<String, String> place);

  /** Makes a host for the calls of a client; called again for each other client. */
  WorkerHost host();

  /**
   * Submits a request, as it is, to the instance's own function.
   *
   * @param region where that is
   * @param function its name
   * @return completes with what became of it
   */
  CompletableFuture<Relay.Result> submit(String region, String function, ByteBuffer request);

  /**
   * Invokes the instance's own function, once.
   *
   * @param region where that is
   * @param function its name
   * @return completes with its answer, or exceptionally with why there is none
   */
  default CompletableFuture<ByteBuffer> invoke(String region, String function, ByteBuffer request) {
    return CompletableFuture.failedFuture(
        new UnsupportedOperationException("instances cannot invoke others here"));
  }

  /**
   * Returns whether the thread that is given an invocation is like a thread of a JDK pool, so that
   * its calls can run on it.
   */
  default boolean lendsThread() {
    return false;
  }

  /**
   * Makes an archive of the classes that an instance loads, for other instances to begin with, and
   * returns it; null if there can be none.
   *
   * @param nanos for how long that may take
   */
  default @Nullable ByteBuffer archive(long nanos) {
    return null;
  }

  /** Ends the instance at once, and does not return. */
  void end(int status);
}
