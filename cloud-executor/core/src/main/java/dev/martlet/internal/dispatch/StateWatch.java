package dev.martlet.internal.dispatch;

import java.util.Locale;
import java.util.Properties;
import java.util.TimeZone;
import org.jspecify.annotations.Nullable;

/** Notices cheaply that the JVM-wide state may have changed. Thread-safe; may err on changed. */
final class StateWatch {
  private volatile @Nullable Seen seen;

  private record Seen(
      Locale locale,
      Locale display,
      Locale format,
      TimeZone zone,
      Properties properties,
      int hash) {
    @SuppressWarnings("ReferenceEquality") // comparing contents would take far longer
    boolean isSame(Seen that) {
      return locale == that.locale
          && display == that.display
          && format == that.format
          && properties == that.properties
          && hash == that.hash
          && zone.equals(that.zone);
    }
  }

  /** Returns whether anything may have changed since the last call. */
  boolean changed() {
    Properties properties = System.getProperties();
    Seen now =
        new Seen(
            Locale.getDefault(),
            Locale.getDefault(Locale.Category.DISPLAY),
            Locale.getDefault(Locale.Category.FORMAT),
            TimeZone.getDefault(),
            properties,
            properties.hashCode());
    Seen before = seen;
    if (before != null && now.isSame(before)) {
      return false;
    }
    seen = now;
    return true;
  }
}
