package dev.martlet.internal.worker.host;

import dev.martlet.CloudContext;
import dev.martlet.CloudExecutorService;

/** What a task on this worker may know of itself. */
record WorkerContext(CloudExecutorService pool, long callId, int attempt) implements CloudContext {
  private static final String INSTANCE = "pid " + ProcessHandle.current().pid();

  @Override
  public String instance() {
    return INSTANCE;
  }
}
