package dev.martlet.internal.executor;

import dev.martlet.CloudContext;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.dispatch.Remote;
import dev.martlet.internal.dispatch.RemoteCall;
import org.jspecify.annotations.Nullable;

/** A way out that nobody takes: every call runs at home, for one reason. */
public class StayHome implements Remote {
  private final String reason;

  /** Creates the remote. */
  public StayHome(String reason) {
    this.reason = reason;
  }

  /** Returns what a call of the pool may know of itself, or {@code null} for what is usual. */
  public @Nullable CloudContext context(long callId, int attempt) {
    return null;
  }

  @Override
  public @Nullable String send(RemoteCall call) {
    return reason;
  }

  @Override
  public int ahead(RemoteCall call) {
    return 0;
  }

  @Override
  public void check(Body body) {}

  @Override
  public void interrupt(RemoteCall call) {}

  @Override
  public void close() {}
}
