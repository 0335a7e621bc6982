package dev.martlet.internal.testkit;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A request of a service's client, and how its one answer goes back. */
final class Turn {
  private final Exchange exchange;
  private final String id = UUID.randomUUID().toString();
  private final Consumer<Runnable> way;
  private final Counters counters;
  private final AtomicBoolean answered = new AtomicBoolean();

  /**
   * Begins a turn.
   *
   * @param way runs what reaches the client, when it does
   */
  Turn(Exchange exchange, Consumer<Runnable> way, Counters counters) {
    this.exchange = exchange;
    this.way = way;
    this.counters = counters;
  }

  Exchange exchange() {
    return exchange;
  }

  /** Returns the request's id. */
  String id() {
    return id;
  }

  void json(int status, Object body) {
    answer(status, Map.of(), Json.bytes(body));
  }

  void nothing(int status) {
    answer(status, Map.of(), new byte[0]);
  }

  void answer(int status, Map<String, String> more, byte[] body) {
    if (!answered.compareAndSet(false, true)) {
      return;
    }
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("x-amzn-RequestId", id);
    if (body.length > 0) {
      headers.put("Content-Type", "application/json");
    }
    headers.putAll(more);
    counters.bytesOut.add(body.length);
    way.accept(() -> exchange.answer(status, headers, body));
  }

  void refuse(ServiceError error) {
    answer(error.status, Map.of("x-amzn-ErrorType", error.type), error.body());
  }

  /** Closes the connection. */
  void cut() {
    if (answered.compareAndSet(false, true)) {
      way.accept(exchange::cut);
    }
  }

  /** Returns that there is no such operation. */
  ServiceError unknown() {
    return new ServiceError(
        404,
        "UnknownOperationException",
        "The test kit has no " + exchange.method() + " " + exchange.path());
  }
}
