package dev.martlet.internal.leaf;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The stack trace of what user code threw in a leaf that was away: its own frames, then home's. */
public final class Trace {
  private static final String ROOM = Leaf.class.getPackageName() + ".";

  private Trace() {}

  /** Leaves out the frames below the leaf, of a throwable and of its causes. */
  static void cut(Throwable thrown) {
    int depth = 0;
    for (Throwable t = thrown; t != null && depth < 16; t = t.getCause(), depth++) {
      StackTraceElement[] frames = t.getStackTrace();
      for (int i = 0; i < frames.length; i++) {
        if (frames[i].getClassName().startsWith(ROOM)) {
          t.setStackTrace(Arrays.copyOf(frames, i));
          break;
        }
      }
    }
  }

  /** Adds the frames of the current thread. */
  public static Throwable home(Throwable thrown) {
    StackTraceElement[] away = thrown.getStackTrace();
    StackTraceElement[] here = new Throwable().getStackTrace();
    StackTraceElement[] all = Arrays.copyOf(away, away.length + here.length - 1);
    System.arraycopy(here, 1, all, away.length, here.length - 1);
    thrown.setStackTrace(all);
    return thrown;
  }

  /** Throws anything. */
  @SuppressWarnings("unchecked")
  public static <T extends Throwable> RuntimeException sneaky(@Nullable Throwable e) throws T {
    throw (T) (e == null ? new IllegalStateException() : e);
  }
}
