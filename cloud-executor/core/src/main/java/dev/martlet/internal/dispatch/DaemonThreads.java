package dev.martlet.internal.dispatch;

import dev.martlet.internal.threads.OwnThread;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Martlet's own threads: daemons without a user's context loader. */
public final class DaemonThreads implements ThreadFactory {
  private final String prefix;
  private final AtomicInteger count = new AtomicInteger();

  public DaemonThreads(String prefix) {
    this.prefix = prefix;
  }

  @Override
  public Thread newThread(Runnable r) {
    Thread t = new OwnThread(null, r, prefix + "-" + count.incrementAndGet());
    t.setDaemon(true);
    return t;
  }
}
