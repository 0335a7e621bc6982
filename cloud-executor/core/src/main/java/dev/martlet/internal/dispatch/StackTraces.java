package dev.martlet.internal.dispatch;

import java.util.ArrayList;
import java.util.List;

/** Stack traces that read as if the task had run where it was submitted. */
public final class StackTraces {
  private static final String INTERNAL = "dev.martlet.internal.";
  private static final String BRIDGE = "$martlet$";

  private StackTraces() {}

  /** Takes Martlet's own frames from a trace of the worker, and puts the submitter's below it. */
  public static void join(Throwable thrown, StackTraceElement[] submitter) {
    List<StackTraceElement> frames = new ArrayList<>();
    for (StackTraceElement f : thrown.getStackTrace()) {
      if (!f.getClassName().startsWith(INTERNAL) && !f.getMethodName().startsWith(BRIDGE)) {
        frames.add(f);
      } else if (f.getClassName().endsWith(".CallHost")) {
        break;
      }
    }
    frames.addAll(List.of(submitter));
    thrown.setStackTrace(frames.toArray(new StackTraceElement[0]));
  }
}
