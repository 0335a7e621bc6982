package dev.martlet.internal.worker.lambda;

import org.jspecify.annotations.Nullable;

/**
 * Where services are, if not where they are for everybody. Read once, since tasks may see and
 * change properties.
 */
final class Endpoints {
  /** What all of AWS's SDKs are told. */
  static final @Nullable String LAMBDA = lambda();

  /** A shorter way to the client's S3 than its own: the client decides which S3 it is. */
  static final @Nullable String S3 = System.getProperty("aws.endpointUrlS3");

  private Endpoints() {}

  private static @Nullable String lambda() {
    String set = System.getenv("AWS_ENDPOINT_URL_LAMBDA");
    return set != null ? set : System.getProperty("aws.endpointUrlLambda");
  }
}
