package dev.martlet.internal.testkit;

import java.nio.file.Path;
import java.util.Map;

/**
 * A function's settings, with the code that they belong to.
 *
 * @param version the number of its version, or $LATEST
 * @param timeoutMillis how long a call may take
 * @param taskRoot where its code was unpacked
 * @param codeHash the code's SHA-256 in base64
 * @param codeSize the code's bytes, packed
 * @param revision differs whenever something else does
 */
record Configuration(
    String name,
    String arn,
    String version,
    String handler,
    String runtime,
    String role,
    String description,
    int memory,
    long timeoutMillis,
    Map<String, String> environment,
    Path taskRoot,
    String codeHash,
    long codeSize,
    String architecture,
    int ephemeralStorage,
    String snapStart,
    String modified,
    String revision) {
  /** Whether its instances come from a snapshot. */
  boolean restores() {
    return !snapStart.equals("None") && !version.equals("$LATEST");
  }
}
