package dev.martlet.internal.aws.s3;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** Writes one big object in parts. An upload that fails is taken back. */
final class MultipartPut {
  /** S3 allows 10,000. */
  private static final int MOST_PARTS = 9_000;

  private final S3AsyncClient client;
  private final String bucket;
  private final String key;
  private final Content content;
  private final long part;
  private final int count;

  MultipartPut(S3AsyncClient client, String bucket, String key, int part, Content content) {
    this.client = client;
    this.bucket = bucket;
    this.key = key;
    this.content = content;
    this.part = Math.max(part, (content.size() + MOST_PARTS - 1) / MOST_PARTS);
    this.count = Math.toIntExact((content.size() + this.part - 1) / this.part);
  }

  CompletableFuture<Void> run(boolean onlyIfAbsent, String token) {
    return client
        .createMultipartUpload(
            b -> b.bucket(bucket).key(key).metadata(Map.of(S3Store.WRITER, token)))
        .thenCompose(
            created ->
                upload(created.uploadId(), onlyIfAbsent)
                    .exceptionallyCompose(e -> abort(created.uploadId(), e)));
  }

  private CompletableFuture<Void> upload(String id, boolean onlyIfAbsent) {
    AtomicReferenceArray<@Nullable CompletedPart> done = new AtomicReferenceArray<>(count);
    return Parts.run(count, n -> uploadPart(id, n).thenAccept(p -> done.set(n, p)))
        .thenCompose(
            all ->
                client.completeMultipartUpload(
                    b ->
                        b.bucket(bucket)
                            .key(key)
                            .uploadId(id)
                            .ifNoneMatch(onlyIfAbsent ? "*" : null)
                            .multipartUpload(
                                m ->
                                    m.parts(
                                        IntStream.range(0, count).mapToObj(done::get).toList()))))
        .thenApply(r -> null);
  }

  private CompletableFuture<CompletedPart> uploadPart(String id, int n) {
    long from = n * part;
    long length = Math.min(part, content.size() - from);
    return client
        .uploadPart(
            b -> b.bucket(bucket).key(key).uploadId(id).partNumber(n + 1).contentLength(length),
            content.body(from, length))
        .thenApply(
            r ->
                CompletedPart.builder()
                    .partNumber(n + 1)
                    .eTag(r.eTag())
                    .checksumCRC32(r.checksumCRC32())
                    .build());
  }

  private CompletableFuture<Void> abort(String id, Throwable failure) {
    return client
        .abortMultipartUpload(b -> b.bucket(bucket).key(key).uploadId(id))
        .handle(
            (r, ignored) -> {
              throw new CompletionException(Failures.cause(failure));
            });
  }
}
