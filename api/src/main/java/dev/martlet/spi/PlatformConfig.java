package dev.martlet.spi;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a platform is told when it is opened.
 *
 * @param settings resolved settings by configuration key
 * @param parallelism the pool's slots
 * @param workers how many instances to keep at most
 * @param environment variables to pass on to workers
 * @param jvmOptions options for worker JVMs that the platform starts itself
 * @param world what every instance is told before its first invocation; opaque to the platform
 * @param questions answers what instances ask
 */
public record PlatformConfig(
    Map<String, Object> settings,
    int parallelism,
    int workers,
    Map<String, String> environment,
    List<String> jvmOptions,
    ByteBuffer world,
    Questions questions) {

  /** Creates the configuration with unmodifiable copies. */
  public PlatformConfig {
    settings = Map.copyOf(settings);
    environment = Map.copyOf(environment);
    jvmOptions = List.copyOf(jvmOptions);
    world = world.asReadOnlyBuffer();
  }

  /** Answers questions that an instance asks outside of any reply: for code, for statics. */
  @FunctionalInterface
  public interface Questions {
    /**
     * Answers. Called on threads of the platform that may block; several at a time.
     *
     * @param question the question's bytes, from position to limit
     * @return the answer's bytes
     */
    ByteBuffer answer(ByteBuffer question);

    /**
     * As {@link #answer}, for platforms that need not join a long answer: the bytes of all parts
     * are the answer. Parts that are read-only never change.
     */
    default List<ByteBuffer> answerInParts(ByteBuffer question) {
      return List.of(answer(question));
    }

    /**
     * Returns whether all instances get the same answer to a question, as long as {@link #version}
     * stays the same, so that it may be kept for those that are to ask it.
     *
     * @param question the question's bytes, from position to limit; not consumed
     */
    default boolean isRepeatable(ByteBuffer question) {
      return false;
    }

    /**
     * Returns repeatable questions that every instance begins with, so that their answers can be
     * kept before. It may take a while.
     */
    default List<ByteBuffer> expected() {
      return List.of();
    }

    /**
     * Returns repeatable questions that an instance is likely to ask next if it asks this one, so
     * that their answers can go along. It may take a while.
     *
     * @param question the question's bytes, from position to limit; not consumed
     */
    default List<ByteBuffer> next(ByteBuffer question) {
      return List.of();
    }

    /**
     * Returns whether the answer to a repeatable question depends on nothing but the question, so
     * that it is the same for the instances of all clients, whatever {@link #version} says.
     *
     * @param question the question's bytes, from position to limit; not consumed
     */
    default boolean isOfContent(ByteBuffer question) {
      return false;
    }

    /**
     * Returns a name under which the answer to such a question may be kept, and taken from whoever
     * has it, since instances check that it is what they have asked for; null if they cannot.
     * Letters, digits and hyphens.
     *
     * @param question the question's bytes, from position to limit; not consumed
     */
    default @Nullable String contentName(ByteBuffer question) {
      return null;
    }

    /** Returns a number that changes when answers that were kept are void. */
    default int version() {
      return 0;
    }
  }
}
