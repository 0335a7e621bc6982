package dev.martlet.internal.aws.s3;

import dev.martlet.spi.StoreException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Reads a range of an object: its first part tells how much there is, the others follow several at
 * a time, each straight to its place. If the object is written meanwhile all of it is read anew.
 */
final class Fetch {
  private static final int TRIES = 4;

  /** Some JVMs have no longer arrays. */
  private static final int LONGEST = Integer.MAX_VALUE - 8;

  private final S3AsyncClient client;
  private final String bucket;
  private final String key;
  private final int part;

  Fetch(S3AsyncClient client, String bucket, String key, int part) {
    this.client = client;
    this.bucket = bucket;
    this.key = key;
    this.part = part;
  }

  /**
   * Reads.
   *
   * @param whole whether to fail if the object goes on after the range
   */
  CompletableFuture<@Nullable ByteBuffer> read(long from, int length, boolean whole) {
    return read(from, length, whole, 1);
  }

  private CompletableFuture<@Nullable ByteBuffer> read(
      long from, int length, boolean whole, int tries) {
    return get(from, Math.min(length, part))
        .thenCompose(first -> rest(first, from, length, whole))
        .exceptionallyCompose(
            e -> {
              Throwable cause = Failures.cause(e);
              if (Failures.isNoObject(cause)) {
                return CompletableFuture.completedFuture(null);
              }
              if (Failures.isOutside(cause)) {
                return CompletableFuture.completedFuture(ByteBuffer.allocate(0));
              }
              if (!(cause instanceof ChangedException)) {
                return CompletableFuture.failedFuture(cause);
              }
              if (tries < TRIES) {
                return read(from, length, whole, tries + 1);
              }
              return CompletableFuture.failedFuture(
                  new StoreException(key + " is written again and again", true, cause));
            });
  }

  private CompletableFuture<ByteBuffer> rest(Received first, long from, int length, boolean whole) {
    long available = first.total() - from;
    if (whole && available > LONGEST) {
      throw new StoreException(
          key + " has " + first.total() + " bytes, more than fit a buffer: read ranges of it",
          false,
          null);
    }
    int size = (int) Math.min(available, length);
    int begun = first.bytes().remaining();
    if (begun >= size) {
      return CompletableFuture.completedFuture(first.bytes());
    }
    byte[] all = new byte[size];
    first.bytes().get(all, 0, begun);
    int count = (int) (((long) size - begun + part - 1) / part);
    String tag = first.response().eTag();
    return Parts.run(
            count,
            n -> {
              long at = begun + (long) n * part;
              int most = (int) Math.min(part, size - at);
              return part(tag, from + at, most, new IntoArray(all, (int) at, most));
            })
        .thenApply(done -> ByteBuffer.wrap(all));
  }

  private CompletableFuture<?> part(String tag, long from, int length, IntoArray sink) {
    return client
        .getObject(b -> b.bucket(bucket).key(key).range(range(from, length)), sink)
        .handle(
            (r, e) -> {
              GetObjectResponse response = sink.response();
              boolean changed = response != null && !Objects.equals(tag, response.eTag());
              Throwable cause = e == null ? null : Failures.cause(e);
              if (changed
                  || (cause != null && (Failures.isOutside(cause) || Failures.isNoObject(cause)))) {
                throw new ChangedException();
              }
              if (cause != null) {
                throw new CompletionException(cause);
              }
              return r;
            });
  }

  private CompletableFuture<Received> get(long from, int length) {
    IntoArray sink = new IntoArray(null, 0, length);
    return client
        .getObject(b -> b.bucket(bucket).key(key).range(range(from, length)), sink)
        .thenApply(r -> new Received(r, ByteBuffer.wrap(sink.array())));
  }

  private static String range(long from, int length) {
    return "bytes=" + from + "-" + (from + length - 1);
  }

  /** A part is of another object than the first one. */
  private static final class ChangedException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** A first part. */
  private record Received(GetObjectResponse response, ByteBuffer bytes) {
    /** Returns the size of the whole object. */
    long total() {
      String range = response.contentRange();
      int slash = range == null ? -1 : range.lastIndexOf('/');
      return slash < 0 ? bytes.remaining() : Long.parseLong(range.substring(slash + 1));
    }
  }
}
