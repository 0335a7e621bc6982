package dev.martlet.internal.testkit;

import dev.martlet.testkit.aws.Faults;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Invoke, with its limits, and the faults on its way. */
final class Invocations {
  private static final int LONGEST_EVENT = 1024 * 1024;
  private static final int LONGEST_REQUEST = 6 * 1024 * 1024;
  private static final int LONGEST_TAIL = 4 * 1024;

  private final Lambda lambda;
  private final Chances chances;
  private final Counters counters;

  Invocations(Lambda lambda, Chances chances, Counters counters) {
    this.lambda = lambda;
    this.chances = chances;
    this.counters = counters;
  }

  void invoke(Turn turn, Function function, Configuration version) {
    if (function.pending()) {
      throw new ServiceError(
          409,
          "ResourceConflictException",
          "The operation cannot be performed at this time. The function is currently in the"
              + " following state: Pending");
    }
    String type = turn.exchange().header("X-Amz-Invocation-Type");
    boolean event = "Event".equals(type);
    byte[] payload = payload(turn.exchange().body(), event);
    if ("DryRun".equals(type)) {
      turn.nothing(204);
      return;
    }
    if (failsBefore(turn)) {
      return;
    }
    Call call = call(turn, payload);
    boolean twice = happens(chances.faults().duplicate());
    if (event) {
      counters.invocations.increment();
      lambda.queue(function, version, call);
      if (twice) {
        lambda.queue(function, version, call);
      }
      finish(turn, 202, Map.of(), new byte[0]);
      return;
    }
    CompletableFuture<Outcome> run = lambda.run(function, version, call);
    counters.invocations.increment();
    var unused =
        run.thenAccept(
            outcome -> {
              if (twice) {
                lambda.queue(function, version, call);
              }
              finish(turn, 200, headers(turn, version, outcome), outcome.payload());
            });
  }

  /** Returns what the function is given, which is checked. */
  private static byte[] payload(byte[] payload, boolean event) {
    if (payload.length > LONGEST_REQUEST) {
      throw new ServiceError(
          413,
          "RequestEntityTooLargeException",
          "Request must be smaller than "
              + LONGEST_REQUEST
              + " bytes for the InvokeFunction operation");
    }
    if (event && payload.length > LONGEST_EVENT) {
      throw new ServiceError(
          413,
          "RequestEntityTooLargeException",
          payload.length
              + " byte payload is too large for the Event invocation type (limit "
              + LONGEST_EVENT
              + " bytes)");
    }
    if (payload.length == 0) {
      return "{}".getBytes(StandardCharsets.UTF_8);
    }
    String complaint = Json.complaint(payload);
    if (complaint != null) {
      throw new ServiceError(
          400,
          "InvalidRequestContentException",
          "Could not parse request body into json: " + complaint);
    }
    return payload;
  }

  private static Call call(Turn turn, byte[] payload) {
    String context = turn.exchange().header("X-Amz-Client-Context");
    String trace = turn.exchange().header("X-Amzn-Trace-Id");
    return new Call(
        turn.id(),
        payload,
        context == null ? "" : context,
        trace == null ? "Root=1-" + turn.id().replace("-", "").substring(0, 24) : trace,
        /* awaited= */ true);
  }

  private static Map<String, String> headers(Turn turn, Configuration version, Outcome outcome) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("X-Amz-Executed-Version", version.version());
    if (outcome.failed()) {
      headers.put("X-Amz-Function-Error", "Unhandled");
    }
    if ("Tail".equals(turn.exchange().header("X-Amz-Log-Type"))) {
      headers.put("X-Amz-Log-Result", tail(outcome.log()));
    }
    return headers;
  }

  private boolean happens(double probability) {
    boolean hit = chances.hit(probability);
    if (hit) {
      counters.faults.increment();
    }
    return hit;
  }

  /** Whether a fault keeps the function from running; then the client has been told, or cut off. */
  private boolean failsBefore(Turn turn) {
    Faults faults = chances.faults();
    if (happens(faults.throttle())) {
      counters.throttled.increment();
      throw ServiceError.throttled("ConcurrentInvocationLimitExceeded");
    }
    if (happens(faults.errorBefore())) {
      throw new ServiceError(500, "ServiceException", "An injected fault, before the function");
    }
    if (happens(faults.cutBefore())) {
      turn.cut();
      return true;
    }
    return false;
  }

  /** Answers, unless a fault takes the answer away. */
  private void finish(Turn turn, int status, Map<String, String> headers, byte[] body) {
    Faults faults = chances.faults();
    if (happens(faults.errorAfter())) {
      turn.refuse(
          new ServiceError(500, "ServiceException", "An injected fault, after the function"));
    } else if (happens(faults.cutAfter())) {
      turn.cut();
    } else if (!happens(faults.lost())) {
      turn.answer(status, headers, body);
    }
  }

  private static String tail(byte[] log) {
    byte[] end = Arrays.copyOfRange(log, Math.max(0, log.length - LONGEST_TAIL), log.length);
    return Base64.getEncoder().encodeToString(end);
  }
}
