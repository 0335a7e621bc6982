package dev.martlet.internal.testkit;

import java.util.Locale;
import java.util.Map;

/** What came of a call. */
final class Outcome {
  private final boolean failed;
  private final byte[] payload;
  private final byte[] log;

  /**
   * Creates an outcome.
   *
   * @param failed whether the function failed, which the payload then tells
   * @param payload the function's answer
   * @param log what Lambda's log has of the call
   */
  Outcome(boolean failed, byte[] payload, byte[] log) {
    this.failed = failed;
    this.payload = payload;
    this.log = log;
  }

  boolean failed() {
    return failed;
  }

  byte[] payload() {
    return payload;
  }

  byte[] log() {
    return log;
  }

  /** Lambda's own account of a function that did not answer. */
  static byte[] error(String type, String message) {
    Map<String, Object> error = Json.object();
    error.put("errorType", type);
    error.put("errorMessage", message);
    return Json.bytes(error);
  }

  static byte[] timedOut(String id, long millis) {
    return error("Sandbox.Timedout", "RequestId: " + id + " Error: " + after(millis));
  }

  /** What the log says of a call that took too long. */
  static String timeOutNote(String id, long millis) {
    return id + " " + after(millis) + "\n";
  }

  private static String after(long millis) {
    return String.format(Locale.ROOT, "Task timed out after %.2f seconds", millis / 1000.0);
  }

  /** The text of a runtime's exit; the status is the JDK's, which is 128 more than a signal. */
  static byte[] exited(String id, int status) {
    String how =
        switch (status) {
          case 0 -> "Runtime exited without providing a reason";
          case 128 + 6 -> "Runtime exited with error: signal: aborted";
          case 128 + 9 -> "Runtime exited with error: signal: killed";
          case 128 + 11 -> "Runtime exited with error: signal: segmentation fault";
          case 128 + 15 -> "Runtime exited with error: signal: terminated";
          default -> "Runtime exited with error: exit status " + status;
        };
    return error("Runtime.ExitError", "RequestId: " + id + " Error: " + how);
  }
}
