package dev.martlet.spi;

import dev.martlet.Usage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Invokes the generic worker where a cloud runs it as a function: an adapter of a cloud is this and
 * a {@link Store}. Carries opaque bytes, whatever the cloud's own encoding is. Does not try again
 * what failed. Thread-safe; no method blocks.
 */
public interface FunctionClient extends AutoCloseable {
  /** Returns what an invocation can carry: bytes before the cloud's own encoding. */
  PlatformLimits limits();

  /**
   * Returns the largest request in bytes that can be {@linkplain #submit submitted}; 0 if none can.
   */
  int longestSubmission();

  /** Returns how long an invocation may run and how that is changed, for a person. */
  default String timeLimit() {
    return "an invocation may run for " + limits().longestRun();
  }

  /** Returns how many invocations can be under way at a time; others wait for a connection. */
  default int connections() {
    return Integer.MAX_VALUE;
  }

  /**
   * Returns what an instance must know to {@linkplain #submit submit} to its own function; null if
   * it cannot.
   */
  default @Nullable Place relay() {
    return null;
  }

  /**
   * Invokes the function and brings its answer. Cancelling the future closes the connection.
   *
   * @return completes with the answer, or with a {@link FunctionException}
   */
  CompletableFuture<FunctionAnswer> invoke(ByteBuffer request);

  /**
   * Has the cloud invoke the function when there is room, perhaps twice and perhaps never; its
   * answer is lost.
   *
   * @return completes when the cloud has taken the request, or with a {@link FunctionException}
   */
  CompletableFuture<Void> submit(ByteBuffer request);

  /**
   * Returns what an invocation used that was not reported, as far as its worker can tell.
   *
   * @param init how long the instance took to start; zero if it was warm
   * @param duration how long the worker ran
   * @param memoryUsed in bytes; 0 if that is not known
   * @return the estimate; {@code null} if nothing is known
   */
  default @Nullable Usage estimate(Duration init, Duration duration, long memoryUsed) {
    return null;
  }

  /** Gives connections back. What is under way may fail. */
  @Override
  void close();

  /**
   * Where a function is.
   *
   * @param region the cloud's name of the place
   * @param function the cloud's name of the function
   */
  record Place(String region, String function) {}

  /**
   * What a function answered.
   *
   * @param payload its answer
   * @param id the cloud's name of the invocation, for its logs
   * @param usage what the cloud reports of the invocation; {@code null} if it reports nothing
   */
  record FunctionAnswer(ByteBuffer payload, String id, @Nullable Usage usage) {}
}
