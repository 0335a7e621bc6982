package dev.martlet.internal.aws;

import software.amazon.awssdk.core.exception.SdkClientException;

/** What is said of credentials that the SDK does not find. */
public final class Credentials {
  /** Hands the credentials of a login to the programs of a shell. */
  public static final String FROM_LOGIN =
      "eval \"$(aws configure export-credentials --format env)\"";

  /** What to do. */
  public static final String ADVICE =
      "no AWS credentials were found: run `aws configure`; or, after `aws sso login`, "
          + FROM_LOGIN
          + "; or set AWS_PROFILE";

  private Credentials() {}

  /** Returns whether an exception says that there are no credentials. */
  public static boolean areMissing(Throwable e) {
    return e instanceof SdkClientException
        && String.valueOf(e.getMessage()).contains("Unable to load credentials");
  }
}
