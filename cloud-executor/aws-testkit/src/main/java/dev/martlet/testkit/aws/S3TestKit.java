package dev.martlet.testkit.aws;

import dev.martlet.internal.testkit.DelayLine;
import dev.martlet.internal.testkit.S3;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * S3 on this machine, for tests: on a port of the loopback interface, in memory or in a directory.
 * Checks signatures, knows conditional writes, ranges, multipart uploads and presigned URLs.
 * Clients address buckets by path ({@code forcePathStyle(true)}).
 *
 * <pre>{@code
 * try (S3TestKit s3 = S3TestKit.start();
 *     S3Client client =
 *         S3Client.builder()
 *             .endpointOverride(s3.endpoint())
 *             .forcePathStyle(true)
 *             .region(Region.EU_WEST_1)
 *             .credentialsProvider(
 *                 StaticCredentialsProvider.create(
 *                     AwsBasicCredentials.create(s3.accessKeyId(), s3.secretAccessKey())))
 *             .build()) {
 *   s3.createBucket("bucket");
 *   client.putObject(p -> p.bucket("bucket").key("key"), RequestBody.fromString("value"));
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class S3TestKit implements AutoCloseable {
  private final S3 s3;
  private final Map<Duration, DelayLine> lines = new HashMap<>();

  private S3TestKit(S3 s3) {
    this.s3 = s3;
  }

  /** Starts an S3 that keeps its objects in memory. */
  public static S3TestKit start() {
    return new S3TestKit(S3.inMemory());
  }

  /** Starts an S3 that keeps its objects in a directory. */
  public static S3TestKit start(Path directory) {
    return new S3TestKit(S3.in(directory));
  }

  /** Returns the endpoint for clients. */
  public URI endpoint() {
    return s3.endpoint();
  }

  /**
   * Returns an endpoint for clients at a distance: what they send arrives half a round trip later,
   * and so do the answers; a new connection costs two round trips more, as with TLS.
   */
  public synchronized URI endpoint(Duration roundTrip) {
    DelayLine line =
        lines.computeIfAbsent(roundTrip, r -> new DelayLine(s3.endpoint().getPort(), r));
    return URI.create("http://127.0.0.1:" + line.port());
  }

  /** Returns the access key that requests must be signed with. */
  public String accessKeyId() {
    return S3.ACCESS_KEY;
  }

  /** Returns the secret key that requests must be signed with. */
  public String secretAccessKey() {
    return S3.SECRET_KEY;
  }

  /** Makes a bucket; nothing happens if there is one of the name. */
  public void createBucket(String bucket) {
    s3.createBucket(bucket);
  }

  /**
   * Sends a message to a queue for each object that is written to a bucket from now on, as S3's
   * event notifications do.
   */
  public void sendEvents(String bucket, SqsTestKit sqs, String queueUrl) {
    s3.listen(bucket, event -> sqs.send(queueUrl, event));
  }

  /** Writes an object. */
  public void write(String bucket, String key, byte[] content) {
    s3.write(bucket, key, content);
  }

  /**
   * Reads an object.
   *
   * @throws IllegalArgumentException if there is none
   */
  public byte[] read(String bucket, String key) {
    return s3.read(bucket, key);
  }

  /** Returns what was counted so far. */
  public S3Statistics statistics() {
    long[] n = s3.requests();
    return new S3Statistics(n[0], n[1], n[2], n[3]);
  }

  /** Ends it; objects in memory are gone. */
  @Override
  public synchronized void close() {
    lines.values().forEach(DelayLine::close);
    s3.close();
  }
}
