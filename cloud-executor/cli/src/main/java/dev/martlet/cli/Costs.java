package dev.martlet.cli;

import dev.martlet.Usage;
import dev.martlet.internal.aws.lambda.Prices;
import java.math.BigDecimal;
import java.util.Locale;

/** What calls have cost, for a person. */
final class Costs {
  private Costs() {}

  static String of(Usage usage) {
    String text =
        String.format(
            Locale.ROOT,
            "%d invocations%s: %.3f s billed, of which %.3f s to start instances, %.3f GB-seconds,"
                + " %s.",
            usage.invocations(),
            usage.estimated() == 0 ? "" : " (" + usage.estimated() + " of them estimated)",
            usage.billed().toNanos() / 1e9,
            usage.init().toNanos() / 1e9,
            usage.gigabyteSeconds(),
            price(usage));
    return usage.memoryUsed() == 0
        ? text
        : text
            + String.format(
                Locale.ROOT,
                " At most %d of %d MB were in use.",
                usage.memoryUsed() >> 20,
                usage.memorySize() >> 20);
  }

  private static String price(Usage usage) {
    BigDecimal price = usage.price();
    return price == null
        ? "of a region whose prices are not known"
        : String.format(
            Locale.ROOT,
            "%s %.7f by the list of %s",
            usage.currency(),
            price,
            Prices.table().date());
  }
}
