package dev.martlet.internal.function;

import dev.martlet.Usage;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.envelope.Response.Measure;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.FunctionClient.FunctionAnswer;
import dev.martlet.spi.FunctionException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What all invocations used that were heard of. Each counts once, whether or not its trip still
 * wants it: one that is invoked by what the cloud reports with its end, or else by its worker's own
 * clock if it has answered; one that was submitted by its worker's clock alone, and so those that
 * calls have made themselves, of which the answer tells. Thread-safe.
 */
final class Ledger {
  // Of parts whose whole has fewer digits than that after its point.
  private static final int SCALE = 18;

  private final FunctionClient functions;
  private @Nullable Usage total; // guarded by this

  Ledger(FunctionClient functions) {
    this.functions = functions;
  }

  /** Returns what all used; null if nothing is known of any. */
  synchronized @Nullable Usage total() {
    return total;
  }

  /**
   * An invocation has answered.
   *
   * @param response its answer, if that can be read
   */
  @Nullable Usage ended(FunctionAnswer answer, @Nullable Response response) {
    Usage reported = answer.usage();
    if (response != null) {
      addElsewhere(response);
    }
    return add(reported == null && response != null ? estimate(response.measure()) : reported);
  }

  /** An invocation has ended without an answer. */
  @Nullable Usage failed(FunctionException e) {
    return add(e.usage());
  }

  /** A run has put its answer into the store. If it was invoked, its end is yet to be heard of. */
  @Nullable Usage delivered(Response response) {
    addElsewhere(response);
    return response.measure().submitted() ? add(estimate(response.measure())) : null;
  }

  private void addElsewhere(Response response) {
    for (Measure m : response.elsewhere()) {
      Usage unused = add(estimate(m));
    }
  }

  private @Nullable Usage estimate(Measure m) {
    return functions.estimate(
        Duration.ofNanos(m.initNanos()), Duration.ofNanos(m.nanos()), m.memoryUsed());
  }

  private synchronized @Nullable Usage add(@Nullable Usage usage) {
    Usage t = total;
    if (usage != null) {
      total = t == null ? usage : t.plus(usage);
    }
    return usage;
  }

  /**
   * Divides what an invocation used among its calls: in proportion to the weights, and the rest to
   * the first one that has any, or the first one if none has.
   */
  static List<Usage> divide(Usage whole, long[] weights) {
    int first = 0;
    for (int i = weights.length - 1; i >= 0; i--) {
      first = weights[i] > 0 ? i : first;
    }
    long sum = Arrays.stream(weights).sum();
    List<Usage> parts = new ArrayList<>(weights.length);
    Duration duration = whole.duration();
    Duration billed = whole.billed();
    BigDecimal amount = whole.gigabyteSeconds();
    @Nullable BigDecimal price = whole.price();
    for (int i = 0; i < weights.length; i++) {
      Usage part = part(whole, weights[i], sum);
      parts.add(part);
      if (i != first) {
        duration = duration.minus(part.duration());
        billed = billed.minus(part.billed());
        amount = amount.subtract(part.gigabyteSeconds());
        price = price == null || part.price() == null ? null : price.subtract(part.price());
      }
    }
    parts.set(
        first,
        new Usage(
            whole.invocations(),
            whole.estimated(),
            whole.init(),
            duration,
            billed,
            whole.memorySize(),
            whole.memoryUsed(),
            amount,
            price,
            whole.currency()));
    return parts;
  }

  private static Usage part(Usage whole, long weight, long sum) {
    @Nullable BigDecimal price = whole.price();
    return new Usage(
        0,
        0,
        Duration.ZERO,
        part(whole.duration(), weight, sum),
        part(whole.billed(), weight, sum),
        whole.memorySize(),
        whole.memoryUsed(),
        part(whole.gigabyteSeconds(), weight, sum),
        price == null ? null : part(price, weight, sum),
        whole.currency());
  }

  private static Duration part(Duration whole, long weight, long sum) {
    BigDecimal nanos = BigDecimal.valueOf(whole.toNanos());
    return Duration.ofNanos(sum == 0 ? 0 : part(nanos, weight, sum, 0).longValueExact());
  }

  private static BigDecimal part(BigDecimal whole, long weight, long sum) {
    return sum == 0 ? BigDecimal.ZERO : part(whole, weight, sum, Math.max(SCALE, whole.scale()));
  }

  private static BigDecimal part(BigDecimal whole, long weight, long sum, int scale) {
    return whole
        .multiply(BigDecimal.valueOf(weight))
        .divide(BigDecimal.valueOf(sum), scale, RoundingMode.DOWN);
  }
}
