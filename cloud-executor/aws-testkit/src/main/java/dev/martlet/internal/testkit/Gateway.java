package dev.martlet.internal.testkit;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes the requests of the SDK's clients: from a distance, checks who sent them, and whither. */
final class Gateway {
  private static final Pattern PATH =
      Pattern.compile("/20\\d\\d-\\d\\d-\\d\\d/(functions|tags|account-settings)(?:/(.*))?");

  private final Settings settings;
  private final Functions functions;
  private final Neighbours neighbours;
  private final Signatures signatures;
  private final ScheduledExecutorService timer;
  private final Executor work;
  private final Counters counters;
  private final Set<Object> connections =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  Gateway(
      Settings settings,
      Functions functions,
      Neighbours neighbours,
      ScheduledExecutorService timer,
      Executor work,
      Counters counters) {
    this.settings = settings;
    this.functions = functions;
    this.neighbours = neighbours;
    this.signatures = new Signatures(settings.accessKey(), settings.secretKey());
    this.timer = timer;
    this.work = work;
    this.counters = counters;
  }

  private void later(long nanos, Runnable action) {
    if (nanos <= 0) {
      action.run();
    } else {
      var unused = timer.schedule(() -> work.execute(action), nanos, TimeUnit.NANOSECONDS);
    }
  }

  /** Takes a request that comes from far away. */
  void receiveFar(Exchange exchange) {
    long half = settings.roundTrip().toNanos() / 2;
    boolean fresh = half > 0 && connections.add(exchange.connection());
    // A new connection costs a round trip for TCP, and one for TLS 1.3.
    receive(exchange, half + (fresh ? 4 * half : 0), half);
  }

  /** Takes a request from within the cloud. */
  void receiveNear(Exchange exchange) {
    receive(exchange, 0, 0);
  }

  private void receive(Exchange exchange, long there, long back) {
    counters.requests.increment();
    counters.bytesIn.add(exchange.body().length);
    Turn turn = new Turn(exchange, action -> later(back, action), counters);
    boolean quick = exchange.path().endsWith("/invocations");
    if (there > 0 || quick) {
      later(there, () -> handle(turn));
    } else {
      work.execute(() -> handle(turn));
    }
  }

  private void handle(Turn turn) {
    try {
      ServiceError error = signatures.check(turn.exchange());
      if (error != null) {
        throw error;
      }
      route(turn);
    } catch (ServiceError e) {
      turn.refuse(e);
    } catch (RuntimeException e) {
      turn.refuse(new ServiceError(500, "ServiceException", String.valueOf(e)));
    }
  }

  private void route(Turn turn) {
    if (Neighbours.concern(turn.exchange())) {
      Neighbours.Reply reply = neighbours.answer(turn.exchange(), turn.id());
      byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
      turn.answer(reply.status(), Map.of("Content-Type", reply.type()), body);
      return;
    }
    Matcher matcher = PATH.matcher(turn.exchange().path());
    if (!matcher.matches()) {
      throw turn.unknown();
    }
    String rest = matcher.group(2) == null ? "" : matcher.group(2);
    switch (matcher.group(1)) {
      case "account-settings" -> turn.json(200, functions.account());
      case "tags" -> functions.tags(turn, decode(rest));
      default -> {
        if (rest.isEmpty()) {
          functions.functions(turn);
        } else {
          List<String> parts = Arrays.stream(rest.split("/", -1)).map(Gateway::decode).toList();
          functions.function(turn, parts.get(0), parts.size() > 1 ? parts.get(1) : "");
        }
      }
    }
  }

  static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  static @Nullable String parameter(Turn turn, String name) {
    return parameters(turn.exchange().query()).get(name);
  }

  /** Returns the parameters of a query or a form. */
  static Map<String, String> parameters(String encoded) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String part : encoded.split("&", -1)) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        String value = part.substring(equals + 1);
        parameters.put(
            URLDecoder.decode(part.substring(0, equals), StandardCharsets.UTF_8),
            URLDecoder.decode(value, StandardCharsets.UTF_8));
      }
    }
    return parameters;
  }
}
