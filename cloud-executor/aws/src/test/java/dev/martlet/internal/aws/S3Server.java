package dev.martlet.internal.aws;

import java.net.URI;
import java.util.Map;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;

/** A server of S3 in this JVM, with one bucket. */
public final class S3Server implements AutoCloseable {
  public static final String BUCKET = "bucket";
  public static final String KEY = "key";
  public static final String SECRET = "secret";

  private final S3Proxy proxy;

  /** Starts one, whose credentials become this JVM's. */
  public S3Server() throws Exception {
    System.setProperty("aws.accessKeyId", KEY);
    System.setProperty("aws.secretAccessKey", SECRET);
    TransientNio2BlobStore objects = new TransientNio2BlobStore();
    objects.createContainer(BUCKET);
    proxy =
        S3Proxy.builder()
            .blobStore(objects)
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, KEY, SECRET)
            .endpoint(URI.create("http://127.0.0.1:0"))
            .jettyMaxThreads(24)
            .build();
    proxy.start();
  }

  public AwsSettings settings() {
    return AwsSettings.read(
        Map.of(
            "region",
            "eu-west-1",
            "bucket",
            BUCKET,
            "s3Endpoint",
            "http://127.0.0.1:" + proxy.getPort()));
  }

  @Override
  public void close() {
    try {
      proxy.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
