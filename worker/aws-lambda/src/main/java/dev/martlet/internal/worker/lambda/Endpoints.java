package dev.martlet.internal.worker.lambda;

import org.jspecify.annotations.Nullable;

/**
 * Where services are, if not where AWS has them: what all of AWS's SDKs are told by variables or
 * properties. Read once, since tasks may see and change properties.
 */
final class Endpoints {
  static final @Nullable String LAMBDA = find("AWS_ENDPOINT_URL_LAMBDA", "aws.endpointUrlLambda");
  static final @Nullable String S3 = find("AWS_ENDPOINT_URL_S3", "aws.endpointUrlS3");

  private Endpoints() {}

  private static @Nullable String find(String variable, String property) {
    String set = System.getenv(variable);
    return set != null ? set : System.getProperty(property);
  }
}
