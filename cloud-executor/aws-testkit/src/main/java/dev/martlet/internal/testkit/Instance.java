package dev.martlet.internal.testkit;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** An execution environment: runs one call at a time. */
interface Instance {
  /**
   * Runs a call.
   *
   * @return completes, always normally, when the next call can be run or none can any more
   */
  CompletableFuture<Outcome> run(Call call);

  /** Returns the name of its log's stream, which no other instance has. */
  String stream();

  /** Returns its process, if it has one and runs a call for whose answer somebody waits. */
  Optional<ProcessHandle> awaited();

  /** Whether it can run another call. */
  boolean usable();

  /** Ends it and all that it started. */
  void close();
}
