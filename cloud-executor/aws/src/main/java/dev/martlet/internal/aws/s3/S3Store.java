package dev.martlet.internal.aws.s3;

import dev.martlet.internal.agent.NoMemory;
import dev.martlet.spi.Store;
import dev.martlet.spi.StoreException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Error;

/**
 * Objects of a bucket whose keys begin with a prefix.
 *
 * <p>What is small goes and comes in one request; what is big in parts, several at a time, so that
 * the memory in use besides the object itself does not grow with it. Requests that fail for a
 * passing reason are tried again by the SDK, except where that could lie: whoever writes an object
 * unless there is one marks it with a token of its own, and so knows its own object when the answer
 * to the first try was lost and the second finds an object there.
 *
 * <p>Thread-safe.
 */
public final class S3Store implements Store {
  /** The longest prefix: S3 allows keys of 1,024 bytes. */
  public static final int LONGEST_PREFIX = 100;

  static final int PART = 16 << 20;

  /** The name of the token in the metadata of an object. */
  static final String WRITER = "martlet-writer";

  private static final int CONDITIONAL_TRIES = 4;
  private static final int DELETED_AT_ONCE = 1000;
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9/._=-]{1,900}");

  private final S3AsyncClient client;
  private final String bucket;
  private final String prefix;
  private final int part;

  /**
   * Creates a store.
   *
   * @param client belongs to the store from now on
   * @param prefix how all keys begin in the bucket; empty or with a slash at its end
   */
  public S3Store(S3AsyncClient client, String bucket, String prefix) {
    this(client, bucket, prefix, PART);
  }

  S3Store(S3AsyncClient client, String bucket, String prefix, int part) {
    if (prefix.length() > LONGEST_PREFIX
        || !(prefix.isEmpty() || (prefix.endsWith("/") && KEY.matcher(prefix).matches()))) {
      throw new IllegalArgumentException(
          String.format(
              "the prefix \"%s\" is not valid; expected at most %d letters, digits and / . _ - =,"
                  + " with a / at the end",
              prefix, LONGEST_PREFIX));
    }
    this.client = client;
    this.bucket = bucket;
    this.prefix = prefix;
    this.part = part;
  }

  @Override
  public CompletableFuture<Void> put(String key, List<ByteBuffer> content) {
    return about(
        key,
        () -> {
          Content c = new Content(content);
          if (c.size() > part) {
            String token = token();
            return new MultipartPut(client, bucket, prefix + key, part, c)
                .run(false, token)
                .exceptionallyCompose(e -> unlessOwn(key, token, Failures.cause(e)));
          }
          return client
              .putObject(b -> b.bucket(bucket).key(prefix + key), c.body(0, c.size()))
              .thenApply(r -> null);
        });
  }

  /** Fails, unless the upload is gone since it was complete before its answer was lost. */
  private CompletableFuture<Void> unlessOwn(String key, String token, Throwable failure) {
    if (!Failures.isUploadGone(failure)) {
      return CompletableFuture.failedFuture(failure);
    }
    return isOwn(key, token)
        .thenAccept(
            own -> {
              if (!own) {
                throw new CompletionException(failure);
              }
            });
  }

  @Override
  public CompletableFuture<Boolean> putIfAbsent(String key, List<ByteBuffer> content) {
    return about(
        key,
        () -> {
          Content c = new Content(content);
          String token = token();
          if (c.size() <= part) {
            return conditionally(key, token, 1, () -> putOnce(key, c, token));
          }
          // To look first costs little next to an upload in vain.
          return head(key)
              .thenCompose(
                  found ->
                      found != null
                          ? CompletableFuture.completedFuture(false)
                          : conditionally(
                              key,
                              token,
                              1,
                              () ->
                                  new MultipartPut(client, bucket, prefix + key, part, c)
                                      .run(true, token)));
        });
  }

  private CompletableFuture<Void> putOnce(String key, Content content, String token) {
    AsyncRequestBody body = content.body(0, content.size());
    return client
        .putObject(
            b ->
                b.bucket(bucket).key(prefix + key).ifNoneMatch("*").metadata(Map.of(WRITER, token)),
            body)
        .thenApply(r -> null);
  }

  /** Writes, and if an object is in the way finds out whether it is this writer's own. */
  private CompletableFuture<Boolean> conditionally(
      String key, String token, int tries, Supplier<CompletableFuture<Void>> write) {
    return write
        .get()
        .thenApply(done -> true)
        .exceptionallyCompose(
            e -> {
              Throwable cause = Failures.cause(e);
              if (Failures.isInTheWay(cause) && tries == 1 && Failures.isFirstTry(cause)) {
                return CompletableFuture.completedFuture(false);
              }
              if (Failures.isInTheWay(cause) || Failures.isUploadGone(cause)) {
                return Failures.isUploadGone(cause)
                    ? unlessOwn(key, token, cause).thenApply(own -> true)
                    : isOwn(key, token);
              }
              // Another writer or a deletion was there at the same time.
              if (Failures.isConflict(cause) && tries < CONDITIONAL_TRIES) {
                return conditionally(key, token, tries + 1, write);
              }
              return CompletableFuture.failedFuture(cause);
            });
  }

  private CompletableFuture<Boolean> isOwn(String key, String token) {
    return head(key)
        .thenApply(found -> found != null && token.equals(found.metadata().get(WRITER)));
  }

  @Override
  public CompletableFuture<@Nullable ByteBuffer> get(String key) {
    return about(
        key, () -> new Fetch(client, bucket, prefix + key, part).read(0, Integer.MAX_VALUE, true));
  }

  @Override
  public CompletableFuture<@Nullable ByteBuffer> get(String key, long from, int length) {
    return about(
        key,
        () -> {
          if (from < 0 || length < 1) {
            throw new StoreException(
                String.format("%s has no range of %d bytes from %d", key, length, from),
                false,
                null);
          }
          return new Fetch(client, bucket, prefix + key, part).read(from, length, false);
        });
  }

  @Override
  public CompletableFuture<@Nullable Item> find(String key) {
    return about(
        key,
        () ->
            head(key)
                .thenApply(
                    r -> r == null ? null : new Item(key, r.contentLength(), r.lastModified())));
  }

  private CompletableFuture<@Nullable HeadObjectResponse> head(String key) {
    return client
        .headObject(b -> b.bucket(bucket).key(prefix + key))
        .handle(
            (r, e) -> {
              if (e == null) {
                return r;
              }
              Throwable cause = Failures.cause(e);
              if (Failures.isNoObject(cause)) {
                return null;
              }
              throw new CompletionException(cause);
            });
  }

  @Override
  public CompletableFuture<Page> list(String keysBegin, String after) {
    return translated(
            "the list of " + keysBegin,
            () ->
                client.listObjectsV2(
                    b ->
                        b.bucket(bucket)
                            .prefix(prefix + keysBegin)
                            .startAfter(after.isEmpty() ? null : prefix + after)))
        .thenApply(
            r ->
                new Page(
                    r.contents().stream()
                        .map(
                            o ->
                                new Item(
                                    o.key().substring(prefix.length()), o.size(), o.lastModified()))
                        .toList(),
                    r.isTruncated()));
  }

  @Override
  public CompletableFuture<Void> delete(Collection<String> keys) {
    List<String> all = List.copyOf(keys);
    List<CompletableFuture<?>> batches = new ArrayList<>();
    for (int i = 0; i < all.size(); i += DELETED_AT_ONCE) {
      batches.add(deleteBatch(all.subList(i, Math.min(all.size(), i + DELETED_AT_ONCE))));
    }
    return CompletableFuture.allOf(batches.toArray(CompletableFuture[]::new));
  }

  private CompletableFuture<?> deleteBatch(List<String> keys) {
    String what = keys.size() == 1 ? keys.get(0) : keys.get(0) + " and others";
    return translated(
        what,
        () -> {
          keys.forEach(S3Store::check);
          List<ObjectIdentifier> objects =
              keys.stream().map(k -> ObjectIdentifier.builder().key(prefix + k).build()).toList();
          return client
              .deleteObjects(b -> b.bucket(bucket).delete(d -> d.objects(objects).quiet(true)))
              .thenAccept(this::checkDeleted);
        });
  }

  private void checkDeleted(DeleteObjectsResponse response) {
    for (S3Error e : response.errors()) {
      throw Failures.ofDeletion(e.key().substring(prefix.length()), bucket, e);
    }
  }

  @Override
  public void close() {
    client.close();
  }

  private <T extends @Nullable Object> CompletableFuture<T> about(
      String key, Supplier<CompletableFuture<T>> operation) {
    return translated(
        key,
        () -> {
          check(key);
          return operation.get();
        });
  }

  private <T extends @Nullable Object> CompletableFuture<T> translated(
      String what, Supplier<CompletableFuture<T>> operation) {
    CompletableFuture<T> begun;
    try {
      begun = operation.get();
    } catch (RuntimeException | Error e) {
      begun = CompletableFuture.failedFuture(e);
    }
    return begun.handle(
        (value, e) -> {
          if (e != null) {
            OutOfMemoryError none = NoMemory.in(e);
            if (none != null) {
              throw none;
            }
            throw Failures.translate(what, bucket, Failures.cause(e));
          }
          return value;
        });
  }

  private static void check(String key) {
    if (!KEY.matcher(key).matches()) {
      throw new StoreException(
          "\"" + key + "\" is no key of a store; expected 1 to 900 letters, digits and / . _ - =",
          false,
          null);
    }
  }

  private static String token() {
    return UUID.randomUUID().toString();
  }
}
