package dev.martlet.internal.agent;

import dev.martlet.internal.shaded.bytebuddy.agent.ByteBuddyAgent;
import java.lang.instrument.Instrumentation;

/** This JVM's {@link Instrumentation}: from {@code -javaagent}, or by attaching to itself. */
public final class Agent {
  private Agent() {}

  /**
   * Returns the instrumentation.
   *
   * @throws IllegalStateException if there is no agent and self-attachment is not possible
   */
  public static Instrumentation instrumentation() {
    return Holder.INSTRUMENTATION;
  }

  private static final class Holder {
    static final Instrumentation INSTRUMENTATION = ByteBuddyAgent.install();
  }
}
