package dev.martlet.internal.threads;

import org.jspecify.annotations.Nullable;

/** A thread of Martlet's own, on which calls end: it must not wait for other calls. */
public class OwnThread extends Thread {
  /** Creates a thread that does not inherit what belongs to the program. */
  public OwnThread(@Nullable ThreadGroup group, @Nullable Runnable action, String name) {
    super(group, action, name, 0, false);
  }

  /** Returns whether the current thread is one. */
  public static boolean isCurrent() {
    return Thread.currentThread() instanceof OwnThread;
  }
}
