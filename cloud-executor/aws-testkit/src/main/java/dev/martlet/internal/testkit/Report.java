package dev.martlet.internal.testkit;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The lines that Lambda writes around a call's own. */
final class Report {
  private Report() {}

  /**
   * Returns a call's log.
   *
   * @param before what the instance wrote while it was initialised
   * @param output what it wrote during the call
   * @param note what Lambda says of a call that failed for its environment; null if nothing
   * @param initNanos how long the initialisation took; negative if the instance was warm
   */
  static byte[] of(
      Call call,
      Configuration function,
      byte[] before,
      byte[] output,
      @Nullable String note,
      long nanos,
      long initNanos,
      long memoryUsed) {
    double millis = nanos / 1e6;
    long billed = (long) Math.ceil(millis + Math.max(0, initNanos) / 1e6);
    StringBuilder start = new StringBuilder();
    if (initNanos >= 0) {
      start.append("INIT_START Runtime Version: ").append(function.runtime()).append(".testkit\n");
    }
    StringBuilder begin = new StringBuilder();
    begin
        .append("START RequestId: ")
        .append(call.id())
        .append(" Version: ")
        .append(function.version())
        .append('\n');
    StringBuilder end = new StringBuilder();
    if (output.length > 0 && output[output.length - 1] != '\n') {
      end.append('\n');
    }
    if (note != null) {
      end.append(note).append('\n');
    }
    end.append("END RequestId: ").append(call.id()).append('\n');
    end.append("REPORT RequestId: ").append(call.id());
    end.append(String.format(Locale.ROOT, "\tDuration: %.2f ms", millis));
    end.append("\tBilled Duration: ").append(billed).append(" ms");
    end.append("\tMemory Size: ").append(function.memory()).append(" MB");
    end.append("\tMax Memory Used: ").append(memoryUsed).append(" MB");
    if (initNanos >= 0) {
      end.append(String.format(Locale.ROOT, "\tInit Duration: %.2f ms", initNanos / 1e6));
    }
    end.append("\t\n");
    return join(bytes(start), before, bytes(begin), output, bytes(end));
  }

  private static byte[] bytes(StringBuilder text) {
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] join(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }
}
