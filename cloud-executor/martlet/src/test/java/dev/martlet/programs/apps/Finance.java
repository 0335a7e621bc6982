package dev.martlet.programs.apps;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;

import dev.martlet.programs.Runs;
import java.math.BigDecimal;
import java.math.MathContext;
import java.text.NumberFormat;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Currency;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Portfolios, calendars, accounts and ledgers. */
final class Finance {
  private Finance() {}

  private static List<Instrument> portfolio() {
    return List.of(
        new Instrument.Bond("b1", new BigDecimal("1000.005"), 0.03, LocalDate.of(2030, 1, 1)),
        new Instrument.Option("o1", true, 105),
        new Instrument.Option("o2", false, 95),
        new Instrument.Cash("c", 12.5));
  }

  @Runs(AWAY)
  static Object valueAtRisk(ExecutorService pool) throws Exception {
    RiskService.calibrate(0.35);
    RiskService service =
        new RiskService(
            pool,
            portfolio(),
            RiskService.Config.builder()
                .scenarios(40)
                .date(LocalDate.of(2024, 2, 29))
                .shock("b1", 0.97)
                .build());
    double at95 = service.valueAtRisk(0.95);
    RiskService.calibrate(0.1);
    double calm = service.valueAtRisk(0.95);
    return Arrays.asList(at95, calm, service.worst(), service.runs());
  }

  @Runs(AWAY)
  static Object badBond(ExecutorService pool) throws Exception {
    Future<Instrument> f =
        pool.submit(() -> new Instrument.Bond("x", BigDecimal.ZERO, 0, LocalDate.of(2000, 1, 1)));
    try {
      return f.get();
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  @Runs(AWAY)
  static Object americanOptionTree(ExecutorService pool) throws Exception {
    List<Future<Double>> prices = new ArrayList<>();
    for (int strike = 80; strike <= 120; strike += 10) {
      final double k = strike;
      prices.add(
          pool.submit(
              () -> {
                int n = 60;
                double u = Math.exp(0.3 * Math.sqrt(1.0 / n));
                double p = (Math.exp(0.05 / n) - 1 / u) / (u - 1 / u);
                double[] v = new double[n + 1];
                for (int i = 0; i <= n; i++) {
                  v[i] = Math.max(0, k - 100 * Math.pow(u, 2 * i - n));
                }
                for (int s = n - 1; s >= 0; s--) {
                  for (int i = 0; i <= s; i++) {
                    double hold = Math.exp(-0.05 / n) * (p * v[i + 1] + (1 - p) * v[i]);
                    v[i] = Math.max(hold, k - 100 * Math.pow(u, 2 * i - s));
                  }
                }
                return v[0];
              }));
    }
    List<Double> out = new ArrayList<>();
    for (Future<Double> f : prices) {
      out.add(f.get());
    }
    return out;
  }

  /** Business days. */
  private static final class Calendar {
    private final ZoneId zone = ZoneId.of("Europe/Berlin");
    private final List<LocalDate> holidays;

    Calendar(LocalDate... holidays) {
      this.holidays = Arrays.asList(holidays);
    }

    boolean works(LocalDate d) {
      return d.getDayOfWeek() != DayOfWeek.SATURDAY
          && d.getDayOfWeek() != DayOfWeek.SUNDAY
          && !holidays.contains(d);
    }

    LocalDate settle(LocalDate d, int days) {
      LocalDate at = d;
      for (int n = 0; n < days; ) {
        at = at.plusDays(1);
        if (works(at)) {
          n++;
        }
      }
      return at;
    }

    ZonedDateTime close(LocalDate d) {
      return d.atTime(17, 30).atZone(zone);
    }
  }

  @Runs(AWAY)
  static Object calendar(ExecutorService pool) throws Exception {
    Calendar calendar = new Calendar(LocalDate.of(2024, 3, 29), LocalDate.of(2024, 4, 1));
    Map<LocalDate, Future<String>> settled = new LinkedHashMap<>();
    for (int d = 25; d <= 31; d++) {
      LocalDate day = LocalDate.of(2024, 3, d);
      settled.put(
          day,
          pool.submit(
              () ->
                  calendar.close(calendar.settle(day, 2))
                      + " "
                      + Period.between(day, calendar.settle(day, 5))
                      + " "
                      + day.with(TemporalAdjusters.lastDayOfMonth())
                      + DateTimeFormatter.ofPattern("EEEE d. MMMM uuuu", Locale.GERMANY)
                          .format(day)));
    }
    List<Object> out = new ArrayList<>();
    for (Map.Entry<LocalDate, Future<String>> e : settled.entrySet()) {
      out.add(e.getKey());
      out.add(e.getValue().get());
    }
    return out;
  }

  @Runs(AWAY)
  static Object localeFormats(ExecutorService pool) throws Exception {
    List<Locale> locales =
        List.of(Locale.US, Locale.GERMANY, Locale.FRANCE, new Locale("hi", "IN"), Locale.ROOT);
    List<Future<String>> texts =
        locales.stream()
            .map(
                l ->
                    pool.submit(
                        () -> {
                          NumberFormat f = NumberFormat.getCurrencyInstance(l);
                          f.setCurrency(Currency.getInstance("EUR"));
                          return String.format(l, "%,.3f %tB ", 1234567.8915, LocalDate.EPOCH)
                              + f.format(-9876.5)
                              + DateTimeFormatter.ofLocalizedDate(FormatStyle.LONG)
                                  .withLocale(l)
                                  .format(LocalDate.of(2021, 12, 3));
                        }))
            .toList();
    List<Object> out = new ArrayList<>();
    for (Future<String> t : texts) {
      out.add(t.get());
    }
    return out;
  }

  /** An account with a lock of its own. */
  private static final class Account {
    final int id;
    private final Lock lock = new ReentrantLock();
    private long balance;

    Account(int id, long balance) {
      this.id = id;
      this.balance = balance;
    }

    static boolean transfer(Account a, Account b, long amount) {
      Account first = a.id < b.id ? a : b;
      Account second = a.id < b.id ? b : a;
      first.lock.lock();
      try {
        second.lock.lock();
        try {
          if (a.balance < amount) {
            return false;
          }
          a.balance -= amount;
          b.balance += amount;
          return true;
        } finally {
          second.lock.unlock();
        }
      } finally {
        first.lock.unlock();
      }
    }
  }

  @Runs(EITHER)
  static Object transfers(ExecutorService pool) throws Exception {
    List<Account> accounts = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      accounts.add(new Account(i, 1000));
    }
    List<Future<Boolean>> done = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      int from = i % 5;
      int to = (i * 3 + 1) % 5;
      if (from != to) {
        done.add(pool.submit(() -> Account.transfer(accounts.get(from), accounts.get(to), 7)));
      }
    }
    int ok = 0;
    for (Future<Boolean> f : done) {
      ok += f.get() ? 1 : 0;
    }
    return Arrays.asList(ok, accounts.stream().map(a -> a.balance).toList());
  }

  /** A ledger guarded by its own monitor. */
  private static class Ledger {
    private final Map<String, BigDecimal> totals = new HashMap<>();
    private final List<String> journal = new ArrayList<>();

    synchronized void book(String account, BigDecimal amount) {
      totals.merge(account, amount, BigDecimal::add);
      journal.add(account + amount.toPlainString());
    }

    synchronized Optional<BigDecimal> total(String account) {
      return Optional.ofNullable(totals.get(account));
    }
  }

  @Runs(EITHER)
  static Object ledger(ExecutorService pool) throws Exception {
    Ledger ledger = new Ledger();
    CountDownLatch latch = new CountDownLatch(20);
    for (int i = 0; i < 20; i++) {
      int n = i;
      pool.execute(
          () -> {
            ledger.book("acc" + n % 3, new BigDecimal(n).movePointLeft(2));
            latch.countDown();
          });
    }
    latch.await();
    List<String> journal = new ArrayList<>(ledger.journal);
    journal.sort(null);
    return Arrays.asList(journal, ledger.total("acc0"), ledger.total("acc1"), ledger.total("none"));
  }

  @Runs(AWAY)
  static Object bigDecimalSeries(ExecutorService pool) throws Exception {
    MathContext mc = new MathContext(60);
    List<CompletableFuture<BigDecimal>> parts =
        IntStream.range(0, 6)
            .mapToObj(
                p ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          BigDecimal sum = BigDecimal.ZERO;
                          for (int k = p * 8; k < p * 8 + 8; k++) {
                            BigDecimal f = BigDecimal.ONE;
                            for (int i = 2; i <= k; i++) {
                              f = f.multiply(BigDecimal.valueOf(i));
                            }
                            sum = sum.add(BigDecimal.ONE.divide(f, mc), mc);
                          }
                          return sum;
                        },
                        pool))
            .toList();
    return parts.stream().map(CompletableFuture::join).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /** One row of a trade file. */
  private record Trade(String symbol, char side, int quantity, BigDecimal price) {
    static Trade parse(String line) {
      String[] c = line.split(";", -1);
      try {
        return new Trade(c[0].trim(), c[1].charAt(0), Integer.parseInt(c[2]), new BigDecimal(c[3]));
      } catch (RuntimeException e) {
        throw new BadLine(line, e);
      }
    }

    BigDecimal cash() {
      BigDecimal value = price.multiply(BigDecimal.valueOf(quantity));
      return side == 'B' ? value.negate() : value;
    }
  }

  private static final class BadLine extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String line;

    BadLine(String line, Throwable cause) {
      super("bad line", cause);
      this.line = line;
    }
  }

  @Runs(AWAY)
  static Object trades(ExecutorService pool) throws Exception {
    List<String> files =
        List.of(
            "IBM;B;100;12.50\nSAP;S;3;101.00\nIBM;S;40;13",
            "SAP;B;10;99.99\nXYZ;B;one;1",
            "ABC;S;1;0.01\n\n",
            "IBM;B;1;1e2\nABC;B;7;3");
    List<Future<Map<String, BigDecimal>>> positions = new ArrayList<>();
    for (String file : files) {
      positions.add(
          pool.submit(
              () ->
                  Stream.of(file.split("\n"))
                      .map(Trade::parse)
                      .collect(
                          Collectors.groupingBy(
                              Trade::symbol,
                              Collectors.reducing(
                                  BigDecimal.ZERO, Trade::cash, BigDecimal::add)))));
    }
    List<Object> out = new ArrayList<>();
    for (Future<Map<String, BigDecimal>> f : positions) {
      try {
        out.add(f.get());
      } catch (ExecutionException e) {
        out.add(e.getCause());
      }
    }
    return out;
  }
}
