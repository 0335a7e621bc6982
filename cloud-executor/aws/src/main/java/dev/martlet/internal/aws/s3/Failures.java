package dev.martlet.internal.aws.s3;

import dev.martlet.internal.aws.Credentials;
import dev.martlet.internal.aws.Said;
import dev.martlet.spi.StoreException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Error;

/** What S3's answers mean. */
final class Failures {
  private static final Set<String> PASSING =
      Set.of(
          "InternalError",
          "ServiceUnavailable",
          "SlowDown",
          "RequestTimeout",
          "OperationAborted",
          "ConditionalRequestConflict",
          "Throttling",
          "RequestLimitExceeded");

  private Failures() {}

  static Throwable cause(Throwable e) {
    Throwable cause = e;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** Returns whether a condition on what is there was not met. */
  static boolean isInTheWay(Throwable e) {
    return status(e) == 412;
  }

  /** Returns whether the SDK did not try before what failed. */
  static boolean isFirstTry(Throwable e) {
    return e instanceof SdkException s && s.numAttempts() != null && s.numAttempts() == 1;
  }

  static boolean isConflict(Throwable e) {
    return status(e) == 409;
  }

  static boolean isUploadGone(Throwable e) {
    return code(e).equals("NoSuchUpload");
  }

  /** Returns whether a range begins after the object's end. */
  static boolean isOutside(Throwable e) {
    return status(e) == 416;
  }

  /** Returns whether there is no such object; an answer without a body does not say of what. */
  static boolean isNoObject(Throwable e) {
    return status(e) == 404 && !code(e).equals("NoSuchBucket") && !isUploadGone(e);
  }

  static StoreException translate(String key, String bucket, Throwable e) {
    if (e instanceof StoreException known) {
      return known;
    }
    String place = key + " in bucket " + bucket + ": ";
    if (e instanceof AwsServiceException) {
      int status = status(e);
      String code = code(e);
      boolean passing = status >= 500 || status == 429 || status == 409 || PASSING.contains(code);
      return new StoreException(place + advice(status, code, bucket) + e.getMessage(), passing, e);
    }
    if (Credentials.areMissing(e)) {
      return new StoreException(place + Credentials.ADVICE, false, e);
    }
    return new StoreException(place + Said.by(e), e instanceof SdkClientException, e);
  }

  static StoreException ofDeletion(String key, String bucket, S3Error e) {
    return new StoreException(
        key + " in bucket " + bucket + " was not deleted: " + e.code() + " " + e.message(),
        PASSING.contains(String.valueOf(e.code())),
        null);
  }

  private static String advice(int status, String code, String bucket) {
    if (code.equals("NoSuchBucket")) {
      return "there is no such bucket: set aws.bucket, or create it with `aws s3 mb s3://"
          + bucket
          + "`; ";
    }
    if (status == 301 || status == 307) {
      return "the bucket is in another region: set aws.region to the bucket's; ";
    }
    return switch (code) {
      case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken" ->
          "the credentials are not valid: renew them; ";
      default ->
          status == 403 ? "not allowed: `martlet doctor` shows which permission is missing; " : "";
    };
  }

  private static int status(Throwable e) {
    return e instanceof AwsServiceException s ? s.statusCode() : 0;
  }

  private static String code(Throwable e) {
    return e instanceof AwsServiceException s && s.awsErrorDetails() != null
        ? String.valueOf(s.awsErrorDetails().errorCode())
        : "";
  }
}
