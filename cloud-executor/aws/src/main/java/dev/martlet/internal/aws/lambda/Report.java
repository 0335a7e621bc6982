package dev.martlet.internal.aws.lambda;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Lambda reports of one invocation.
 *
 * @param id Lambda's name of the invocation
 * @param duration how long the function ran
 * @param billed for how long it costs, with the instance's start
 * @param init how long the instance took to start; zero if it was warm
 * @param memory what the function has, in MB
 * @param used the most memory it used, in MB
 */
record Report(String id, Duration duration, Duration billed, Duration init, int memory, int used) {
  private static final Pattern LINE =
      Pattern.compile(
          "REPORT RequestId: (\\S+)\\s+Duration: ([\\d.]+) ms\\s+Billed Duration: ([\\d.]+) ms\\s+"
              + "Memory Size: (\\d+) MB\\s+Max Memory Used: (\\d+) MB"
              + "(?:\\s+(?:Init|Restore) Duration: ([\\d.]+) ms)?");

  /** Reads the end of a log, as Lambda hands it over; empty if there is no report in it. */
  static Optional<Report> ofLogTail(String base64) {
    try {
      return ofLog(new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Reads the last report of a log; what users print may look like one, and comes before it. */
  static Optional<Report> ofLog(String log) {
    Matcher m = LINE.matcher(log);
    Optional<Report> last = Optional.empty();
    while (m.find()) {
      last =
          Optional.of(
              new Report(
                  m.group(1),
                  millis(m.group(2)),
                  millis(m.group(3)),
                  m.group(6) == null ? Duration.ZERO : millis(m.group(6)),
                  Integer.parseInt(m.group(4)),
                  Integer.parseInt(m.group(5))));
    }
    return last;
  }

  private static Duration millis(String number) {
    return Duration.ofNanos(Math.round(Double.parseDouble(number) * 1e6));
  }
}
