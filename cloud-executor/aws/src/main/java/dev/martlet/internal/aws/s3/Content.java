package dev.martlet.internal.aws.s3;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.async.AsyncRequestBody;

/** Bytes in several buffers, of which parts are sent without being copied. */
final class Content {
  private final List<ByteBuffer> buffers;
  private final long size;

  Content(List<ByteBuffer> buffers) {
    List<ByteBuffer> views = new ArrayList<>(buffers.size());
    long sum = 0;
    for (ByteBuffer b : buffers) {
      if (b.hasRemaining()) {
        views.add(b.asReadOnlyBuffer());
        sum += b.remaining();
      }
    }
    this.buffers = views;
    this.size = sum;
  }

  long size() {
    return size;
  }

  /** Returns a body that can be sent again and again. */
  AsyncRequestBody body(long from, long length) {
    if (length == 0) {
      return AsyncRequestBody.empty();
    }
    return AsyncRequestBody.fromRemainingByteBuffersUnsafe(
        slice(from, length).toArray(ByteBuffer[]::new));
  }

  List<ByteBuffer> slice(long from, long length) {
    List<ByteBuffer> slices = new ArrayList<>();
    long begin = 0;
    for (ByteBuffer b : buffers) {
      long end = begin + b.remaining();
      long first = Math.max(begin, from);
      long last = Math.min(end, from + length);
      if (first < last) {
        slices.add(b.slice(b.position() + (int) (first - begin), (int) (last - first)));
      }
      begin = end;
    }
    return slices;
  }
}
