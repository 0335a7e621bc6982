package dev.martlet.internal.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What can be told of the JVM's options without asking the JVM, which takes longer. */
public final class CommandLine {
  private static final List<String> VARIABLES =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  private CommandLine() {}

  /**
   * Returns whether this JVM surely runs with the attach mechanism as it is by default: started on
   * Linux by the java launcher, with no option that speaks of it or might, such as an argument
   * file.
   */
  static boolean isPlain() {
    return areAll(/* plain= */ true);
  }

  /** Returns whether the options may enable or disable assertions in some classes only. */
  public static boolean mayNameAssertions() {
    return !areAll(/* plain= */ false);
  }

  private static boolean areAll(boolean plain) {
    try {
      Path launcher = Path.of("/proc/self/exe");
      if (!Files.isSymbolicLink(launcher)
          || !Files.readSymbolicLink(launcher).endsWith("bin/java")) {
        return false;
      }
      for (String variable : VARIABLES) {
        String options = System.getenv(variable);
        if (options != null && !test(plain, options.split("\\s+", -1))) {
          return false;
        }
      }
      byte[] line = Files.readAllBytes(Path.of("/proc/self/cmdline"));
      return test(plain, new String(line, StandardCharsets.UTF_8).split("\0", -1));
    } catch (IOException | SecurityException e) {
      return false;
    }
  }

  private static boolean test(boolean plain, String[] arguments) {
    return plain ? isPlain(List.of(arguments)) : !nameAssertions(arguments);
  }

  private static boolean nameAssertions(String[] arguments) {
    for (String a : arguments) {
      if (a.startsWith("@")
          || a.startsWith("-XX:Flags")
          || a.startsWith("-XX:VMOptionsFile")
          || a.startsWith("-ea:")
          || a.startsWith("-da:")
          || a.startsWith("-enableassertions:")
          || a.startsWith("-disableassertions:")) {
        return true;
      }
    }
    return false;
  }

  static boolean isPlain(List<String> arguments) {
    for (String a : arguments) {
      if (a.startsWith("@")
          || a.contains("DisableAttachMechanism")
          || a.contains("EnableDynamicAgentLoading")
          || a.startsWith("-XX:Flags")
          || a.startsWith("-XX:VMOptionsFile")
          || a.equals("-Xrs")
          || a.contains("ReadVMOptionsFile")
          || a.contains("ReduceSignalUsage")) {
        return false;
      }
    }
    return true;
  }
}
