package dev.martlet.internal.dispatch;

import dev.martlet.internal.codec.Scalars;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Responses without effects whose value refers to no object: most of what short tasks answer. */
final class Simple {
  private static final int NANOS = 1;
  private static final int EXTERNAL = NANOS + 8;
  private static final int EFFECTS = EXTERNAL + 1;
  private static final int VALUE = EFFECTS + 4;

  private Simple() {}

  /** Returns whether a response is of this kind. */
  static boolean is(ByteBuffer response) {
    int at = response.position();
    return response.remaining() > VALUE
        && response.get(at) == Protocol.RETURNED
        && (response.get(at + EXTERNAL) & ~Protocol.EXTERNAL) == 0
        && response.getInt(at + EFFECTS) == 0
        && Scalars.is(response, at + VALUE);
  }

  /** Returns whether a response brings an outcome and nothing else. */
  static boolean isPlain(ByteBuffer response) {
    int at = response.position();
    return response.remaining() > VALUE
        && (response.get(at) == Protocol.RETURNED || response.get(at) == Protocol.THREW)
        && response.getInt(at + EFFECTS) == 0;
  }

  /** Returns how long the task ran. */
  static long nanos(ByteBuffer response) {
    return response.getLong(response.position() + NANOS);
  }

  /** Returns the value. */
  static @Nullable Object value(ByteBuffer response) {
    return Scalars.read(response.duplicate().position(response.position() + VALUE));
  }
}
