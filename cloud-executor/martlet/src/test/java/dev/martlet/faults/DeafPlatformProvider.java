package dev.martlet.faults;

import dev.martlet.internal.local.LocalPlatformProvider;
import dev.martlet.spi.Platform;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.PlatformProvider;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Local workers whose client does not answer some of their questions. */
public final class DeafPlatformProvider implements PlatformProvider {
  static final String NAME = "deaf";

  /** How many questions are not answered of those that {@link #what} tells. */
  static final AtomicInteger UNANSWERED = new AtomicInteger();

  private static volatile Predicate<ByteBuffer> what = question -> false;

  /** Creates the provider; for the service loader. */
  public DeafPlatformProvider() {}

  /** Sets which questions, and how many of them, have no answer from now on. */
  static void ignore(int times, Predicate<ByteBuffer> questions) {
    what = questions;
    UNANSWERED.set(times);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String section() {
    return "local";
  }

  @Override
  public boolean isLocal() {
    return true;
  }

  @Override
  public Platform open(PlatformConfig config) {
    PlatformConfig.Questions answers = config.questions();
    return new LocalPlatformProvider()
        .open(
            new PlatformConfig(
                config.settings(),
                config.parallelism(),
                config.workers(),
                config.environment(),
                config.jvmOptions(),
                config.world(),
                new PlatformConfig.Questions() {
                  @Override
                  public ByteBuffer answer(ByteBuffer question) {
                    check(question);
                    return answers.answer(question);
                  }

                  @Override
                  public List<ByteBuffer> answerInParts(ByteBuffer question) {
                    check(question);
                    return answers.answerInParts(question);
                  }
                }));
  }

  private static void check(ByteBuffer question) {
    if (what.test(question.duplicate()) && UNANSWERED.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      throw new IllegalStateException("deaf on purpose");
    }
  }
}
