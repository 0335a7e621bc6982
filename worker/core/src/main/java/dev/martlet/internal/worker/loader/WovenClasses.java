package dev.martlet.internal.worker.loader;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Classes that were woven here or in other JVMs for the same client. Thread-safe. */
public interface WovenClasses {
  /** Keeps none. */
  WovenClasses NONE =
      new WovenClasses() {
        @Override
        public @Nullable ByteBuffer get(ByteBuffer question) {
          return null;
        }

        @Override
        public void put(ByteBuffer question, ByteBuffer answer) {}
      };

  /** Returns the answer to a question for a class, if there is one. */
  @Nullable ByteBuffer get(ByteBuffer question);

  /** Keeps an answer. */
  void put(ByteBuffer question, ByteBuffer answer);
}
