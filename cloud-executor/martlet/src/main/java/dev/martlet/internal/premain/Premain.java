package dev.martlet.internal.premain;

import java.lang.instrument.Instrumentation;
import org.jspecify.annotations.Nullable;

/**
 * Receives the instrumentation from {@code -javaagent}. It lives in the system loader, perhaps
 * without the rest of Martlet, so it refers to nothing else; Martlet's core finds it there by name.
 */
public final class Premain {
  private static volatile @Nullable Instrumentation instrumentation;

  private Premain() {}

  /** Called by the JVM before {@code main}. */
  public static void premain(@Nullable String arguments, Instrumentation instrumentation) {
    Premain.instrumentation = instrumentation;
  }

  /** Called by the JVM when a tool attaches the jar to a running program. */
  public static void agentmain(@Nullable String arguments, Instrumentation instrumentation) {
    Premain.instrumentation = instrumentation;
  }

  /** Returns the instrumentation, or {@code null} if the JVM has no such agent. */
  public static @Nullable Instrumentation instrumentation() {
    return instrumentation;
  }
}
