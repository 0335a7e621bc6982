package dev.martlet.internal.worker.host;

import dev.martlet.CloudContext;
import dev.martlet.CloudExecutorService;
import dev.martlet.spi.CurrentContext;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a task on this worker may know of itself. */
record WorkerContext(CloudExecutorService pool, long callId, int attempt, @Nullable CallRun run)
    implements CloudContext, CurrentContext.Keeper {
  @Override
  public <T> T keep(Supplier<? extends T> maker) {
    return run == null ? maker.get() : run.keep(maker);
  }

  @Override
  public String instance() {
    return "pid " + ProcessHandle.current().pid();
  }
}
