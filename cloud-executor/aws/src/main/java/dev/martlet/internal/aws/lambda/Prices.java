package dev.martlet.internal.aws.lambda;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What Lambda costs, by a table of a certain date. Without free amounts and discounts: an upper
 * bound.
 */
public final class Prices {
  private static final String DATE = "# date,";

  private final LocalDate date;
  private final Map<String, Price> prices;

  private Prices(LocalDate date, Map<String, Price> prices) {
    this.date = date;
    this.prices = prices;
  }

  /**
   * The prices of one region and architecture.
   *
   * @param gigabyteSecond of memory, in USD
   * @param request of one invocation, in USD
   * @param storage of a gigabyte-second of {@code /tmp} beyond what is free, in USD; {@code null}
   *     if it is not known
   */
  public record Price(
      BigDecimal gigabyteSecond, BigDecimal request, @Nullable BigDecimal storage) {}

  /** Returns the table that comes with Martlet. */
  public static Prices table() {
    try (InputStream in = Prices.class.getResourceAsStream("prices.csv")) {
      if (in == null) {
        throw new IllegalStateException("there is no table of prices");
      }
      return read(new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Prices read(BufferedReader lines) throws IOException {
    LocalDate date = LocalDate.MIN;
    Map<String, Price> prices = new HashMap<>();
    boolean header = true;
    for (String line; (line = lines.readLine()) != null; ) {
      if (line.startsWith(DATE)) {
        date = LocalDate.parse(line.substring(DATE.length()));
      } else if (!line.startsWith("#")) {
        if (!header) {
          String[] cells = line.split(",", -1);
          prices.put(
              key(cells[0], cells[1]),
              new Price(
                  new BigDecimal(cells[2]),
                  new BigDecimal(cells[3]),
                  cells[4].isEmpty() ? null : new BigDecimal(cells[4])));
        }
        header = false;
      }
    }
    return new Prices(date, prices);
  }

  private static String key(String region, String architecture) {
    return region + "," + architecture;
  }

  /** Returns the day of the price list that the table is of. */
  public LocalDate date() {
    return date;
  }

  /** Returns the prices; empty if the table has none for the region. */
  public Optional<Price> of(String region, String architecture) {
    return Optional.ofNullable(prices.get(key(region, architecture)));
  }
}
