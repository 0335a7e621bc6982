package dev.martlet.internal.aws;

import software.amazon.awssdk.core.exception.SdkClientException;

/** What an exception of the SDK says to a person. */
public final class Said {
  private static final String NO_CONNECTION = "Acquire operation took longer";

  private Said() {}

  /**
   * Returns an exception's message; where the SDK advises, of a server that nobody can connect to,
   * to have it make more connections, what to look at instead.
   */
  public static String by(Throwable e) {
    String message = String.valueOf(e.getMessage());
    return e instanceof SdkClientException && message.contains(NO_CONNECTION)
        ? "no connection was to be had: look at the network, at aws.region and, if one is set, at the"
            + " endpoint"
        : message;
  }
}
