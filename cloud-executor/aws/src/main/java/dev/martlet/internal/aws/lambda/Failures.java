package dev.martlet.internal.aws.lambda;

import dev.martlet.Usage;
import dev.martlet.internal.aws.Credentials;
import dev.martlet.internal.aws.Said;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.FunctionException.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;

/** What Lambda's failures mean. */
final class Failures {
  /** Answered with a status of the server's, but will not pass. */
  private static final Set<String> LASTING =
      Set.of(
          "InvalidRuntimeException",
          "InvalidZipFileException",
          "InvalidSecurityGroupIDException",
          "InvalidSubnetIDException",
          "KMSAccessDeniedException",
          "KMSDisabledException",
          "KMSInvalidStateException",
          "KMSNotFoundException");

  private Failures() {}

  /** Returns what it means that an invocation was not answered by the function. */
  static FunctionException translate(String function, Throwable failure) {
    Throwable e = failure;
    while (e instanceof CompletionException && e.getCause() != null) {
      e = e.getCause();
    }
    String name = "function " + function + ": ";
    if (e instanceof AwsServiceException service) {
      Kind kind = kind(service);
      return new FunctionException(kind, name + advice(service) + e.getMessage(), e);
    }
    if (Credentials.areMissing(e)) {
      return new FunctionException(Kind.REFUSED, Credentials.ADVICE, e);
    }
    return new FunctionException(
        e instanceof SdkException ? Kind.CUT : Kind.UNAVAILABLE, name + Said.by(e), e);
  }

  private static Kind kind(AwsServiceException e) {
    int status = e.statusCode();
    if (status == 429 || e.isThrottlingException()) {
      return Kind.THROTTLED;
    }
    if (status == 413) {
      return Kind.TOO_LARGE;
    }
    if (LASTING.contains(code(e))) {
      return Kind.REFUSED;
    }
    // 409: the function is being created or updated.
    return status >= 500 || status == 409 || status == 408 ? Kind.UNAVAILABLE : Kind.REFUSED;
  }

  private static String advice(AwsServiceException e) {
    return switch (e.statusCode()) {
      case 404 -> "there is no such function: run `martlet deploy`; ";
      case 403 ->
          code(e).startsWith("AccessDenied")
              ? "not allowed: the credentials need lambda:InvokeFunction on it; `martlet doctor`"
                  + " shows the policy; "
              : "the credentials are not valid: renew them; ";
      default -> "";
    };
  }

  private static String code(AwsServiceException e) {
    return e.awsErrorDetails() == null ? "" : String.valueOf(e.awsErrorDetails().errorCode());
  }

  /**
   * Returns what it means that the function ended other than by an answer.
   *
   * @param usage what is reported of it, if anything
   */
  static FunctionException ofFunction(
      String function, String id, byte[] payload, @Nullable Usage usage) {
    String type = "";
    String message;
    try {
      JsonNode error = JsonNode.parser().parse(payload);
      type = text(error, "errorType");
      message = text(error, "errorMessage");
    } catch (RuntimeException e) { // not JSON
      message = new String(payload, StandardCharsets.UTF_8);
    }
    Kind kind = ofFunction(type, message);
    String what = (type + " " + message).strip();
    return new FunctionException(
        kind, String.format("function %s, request %s: %s", function, id, what), null, usage);
  }

  private static Kind ofFunction(String type, String message) {
    if (type.equals("Sandbox.Timedout") || message.contains("Task timed out after")) {
      return Kind.TIMED_OUT;
    }
    if (type.equals("Function.ResponseSizeTooLarge")) {
      return Kind.TOO_LARGE;
    }
    // The kernel kills what uses more memory than the function has.
    if (type.endsWith("OutOfMemoryError")
        || type.equals("Runtime.OutOfMemory")
        || (type.equals("Runtime.ExitError") && message.contains("signal: killed"))) {
      return Kind.OUT_OF_MEMORY;
    }
    if (type.startsWith("Runtime.Init")
        || type.equals("Runtime.HandlerNotFound")
        || type.equals("Runtime.BadFunctionCode")
        || type.startsWith("Runtime.Invalid")
        || type.startsWith("Extension.")
        || type.startsWith("Sandbox.")
        || type.endsWith("ClassNotFoundException")
        || type.endsWith("NoClassDefFoundError")) {
      return Kind.NOT_STARTED;
    }
    return Kind.CRASHED;
  }

  private static String text(JsonNode error, String field) {
    @Nullable JsonNode value = error.isObject() ? error.field(field).orElse(null) : null;
    return value != null && value.isString() ? value.asString() : "";
  }
}
