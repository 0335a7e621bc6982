package dev.martlet.internal.aws;

import software.amazon.awssdk.core.exception.SdkClientException;

/** What is said of credentials that the SDK does not find. */
public final class Credentials {
  /** What to do. */
  public static final String ADVICE =
      "no AWS credentials were found: run `aws configure` or `aws sso login`, or set"
          + " AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";

  private Credentials() {}

  /** Returns whether an exception says that there are no credentials. */
  public static boolean areMissing(Throwable e) {
    return e instanceof SdkClientException
        && String.valueOf(e.getMessage()).contains("Unable to load credentials");
  }
}
