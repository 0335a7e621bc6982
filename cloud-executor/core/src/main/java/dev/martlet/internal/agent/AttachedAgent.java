package dev.martlet.internal.agent;

import java.lang.instrument.Instrumentation;
import org.jspecify.annotations.Nullable;

/**
 * Receives the instrumentation when this JVM attaches to itself. The JVM loads it by the system
 * loader, from a jar made for it, so it refers to nothing else; {@link Agent} finds it there by
 * name.
 */
public final class AttachedAgent {
  private static volatile @Nullable Instrumentation instrumentation;

  private AttachedAgent() {}

  /** Called by the JVM. */
  public static void agentmain(@Nullable String arguments, Instrumentation instrumentation) {
    AttachedAgent.instrumentation = instrumentation;
  }

  /** Returns the instrumentation, or {@code null} if the agent has not been loaded. */
  public static @Nullable Instrumentation instrumentation() {
    return instrumentation;
  }
}
