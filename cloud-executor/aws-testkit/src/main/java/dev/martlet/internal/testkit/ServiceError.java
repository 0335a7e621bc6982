package dev.martlet.internal.testkit;

import java.util.Map;

/** An error as Lambda's REST API tells it. */
final class ServiceError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  final int status;
  final String type;

  /** Why Lambda throttles; empty for other errors. */
  final String reason;

  ServiceError(int status, String type, String message) {
    this(status, type, message, "");
  }

  ServiceError(int status, String type, String message, String reason) {
    super(message, null, false, false);
    this.status = status;
    this.type = type;
    this.reason = reason;
  }

  static ServiceError notFound(String arn) {
    return new ServiceError(404, "ResourceNotFoundException", "Function not found: " + arn);
  }

  static ServiceError invalid(String message) {
    return new ServiceError(400, "InvalidParameterValueException", message);
  }

  static ServiceError throttled(String reason) {
    return new ServiceError(429, "TooManyRequestsException", "Rate Exceeded.", reason);
  }

  String text() {
    String message = getMessage();
    return message == null ? type : message;
  }

  byte[] body() {
    Map<String, Object> body = Json.object();
    body.put("Type", status >= 500 ? "Service" : "User");
    body.put(status == 429 ? "message" : "Message", text());
    if (!reason.isEmpty()) {
      body.put("Reason", reason);
    }
    return Json.bytes(body);
  }
}
