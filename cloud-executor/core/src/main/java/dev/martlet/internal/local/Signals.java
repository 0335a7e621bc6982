package dev.martlet.internal.local;

import java.util.Map;

/** Names of signals. */
final class Signals {
  private static final Map<Integer, String> NAMES =
      Map.of(
          1, "SIGHUP", 2, "SIGINT", 3, "SIGQUIT", 4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8,
          "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV", 15, "SIGTERM");

  private Signals() {}

  static String name(int signal) {
    return NAMES.getOrDefault(signal, "signal " + signal);
  }
}
