package dev.martlet.internal.aws.s3;

import dev.martlet.internal.agent.NoMemory;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Writes what is received into an array, with no copy besides. A request that is tried again begins
 * anew; what a former try left is not touched by it any more.
 */
final class IntoArray implements AsyncResponseTransformer<GetObjectResponse, GetObjectResponse> {
  private final int at;
  private final int most;
  private final boolean exact;
  private volatile byte[] array;
  private volatile Attempt attempt = new Attempt();

  /**
   * Creates a sink.
   *
   * @param target where to write exactly {@code most} bytes; null for an array of what there is
   */
  IntoArray(byte @Nullable [] target, int at, int most) {
    this.array = target == null ? new byte[0] : target;
    this.exact = target != null;
    this.at = at;
    this.most = most;
  }

  /** Returns the array; valid when the request is complete. */
  byte[] array() {
    return array;
  }

  /** Returns the last response that has come, if only its head. */
  @Nullable GetObjectResponse response() {
    return attempt.response;
  }

  @Override
  public CompletableFuture<GetObjectResponse> prepare() {
    attempt = new Attempt();
    return attempt.done;
  }

  @Override
  public void onResponse(GetObjectResponse response) {
    attempt.response = response;
  }

  @Override
  public void onStream(SdkPublisher<ByteBuffer> stream) {
    Attempt a = attempt;
    GetObjectResponse response = a.response;
    long length = response == null ? -1 : response.contentLength();
    if (length < 0 || (exact ? length != most : length > most)) {
      a.broken = "there are " + length + " bytes instead of " + most;
    } else if (!exact) {
      try {
        array = new byte[(int) length];
      } catch (OutOfMemoryError e) {
        a.done.completeExceptionally(NoMemory.told(e, "an object", length));
      }
    }
    a.target = array;
    a.position = at;
    a.end = at + (int) Math.max(0, Math.min(length, most));
    stream.subscribe(a);
  }

  @Override
  public void exceptionOccurred(Throwable e) {
    attempt.done.completeExceptionally(e);
  }

  /** One try of the request. */
  private static final class Attempt implements Subscriber<ByteBuffer> {
    final CompletableFuture<GetObjectResponse> done = new CompletableFuture<>();
    volatile @Nullable GetObjectResponse response;
    private @Nullable String broken;
    private byte[] target = new byte[0];
    private int position;
    private int end;

    @Override
    public void onSubscribe(Subscription s) {
      s.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuffer bytes) {
      int n = bytes.remaining();
      if (n > end - position) {
        broken = "there are more bytes than were announced";
      }
      if (broken == null && !done.isDone()) {
        bytes.get(target, position, n);
        position += n;
      }
    }

    @Override
    public void onError(Throwable e) {
      done.completeExceptionally(e);
    }

    @Override
    public void onComplete() {
      if (broken == null && position == end) {
        done.complete(response);
      } else {
        String what = broken == null ? "the connection ended before the object" : broken;
        done.completeExceptionally(SdkClientException.create(what));
      }
    }
  }
}
