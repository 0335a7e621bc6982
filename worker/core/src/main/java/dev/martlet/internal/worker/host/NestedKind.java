package dev.martlet.internal.worker.host;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the nested calls of one class of functions: how long they take, what they need
 * to leave, and whether that is of any use. Thread-safe.
 */
final class NestedKind {
  // Less is not worth a way of some milliseconds and another instance.
  private static final long WORTH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  // What comes and goes takes time as well; about 60 MB a second.
  private static final long NANOS_PER_BYTE = 16;

  // Each attempt may find one more thing that is to come along.
  private static final int MOST_VAIN = 12;
  private static final int MOST_STATICS = 50;

  private static final ClassValue<NestedKind> KINDS =
      new ClassValue<>() {
        @Override
        protected NestedKind computeValue(Class<?> type) {
          return new NestedKind();
        }
      };

  private final Map<StaticField, Boolean> statics = new LinkedHashMap<>();
  private long nanos = -1;
  private int vain;
  private @Nullable String home;

  /** A static field, by the number of the loader of its class. */
  record StaticField(int loader, String type, String name) {}

  static NestedKind of(Object function) {
    return KINDS.get(function.getClass());
  }

  /** Returns why such calls stay, or {@code null} if they need not. */
  synchronized @Nullable String home() {
    return home;
  }

  /** Nothing will make such calls leave. */
  synchronized void stay(String reason) {
    home = reason;
  }

  /** Returns the static fields that such calls use. */
  synchronized List<StaticField> statics() {
    return List.copyOf(statics.keySet());
  }

  /**
   * Such a call was away, and lacked a static field.
   *
   * @return whether the next one will have it
   */
  @CanIgnoreReturnValue
  synchronized boolean lacks(StaticField field) {
    if (statics.size() >= MOST_STATICS) {
      home = "it uses too many static fields";
    }
    return statics.put(field, true) == null;
  }

  /** Such a call was away for nothing. */
  synchronized void vain(String reason) {
    if (++vain >= MOST_VAIN) {
      home = reason;
    }
  }

  /** Such a call has run, here or elsewhere. */
  synchronized void ran(long took) {
    nanos = nanos < 0 ? took : (3 * nanos + took) / 4;
  }

  /** Such a call was away for good. */
  synchronized void ranAway(long took) {
    vain = 0;
    ran(took);
  }

  /** Returns whether such calls are known to be long enough to leave. */
  synchronized boolean isLong(long bytes) {
    return nanos >= WORTH_NANOS + NANOS_PER_BYTE * bytes;
  }
}
