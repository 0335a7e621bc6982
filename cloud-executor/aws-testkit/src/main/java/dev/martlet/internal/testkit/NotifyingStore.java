package dev.martlet.internal.testkit;

import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;

/**
 * Tells of objects that were written, in the form of S3's event notifications, and counts requests.
 */
final class NotifyingStore extends ForwardingBlobStore {
  private final Map<String, Consumer<String>> listeners = new ConcurrentHashMap<>();
  private final AtomicLong sequence = new AtomicLong();
  final LongAdder puts = new LongAdder();
  final LongAdder gets = new LongAdder();
  final LongAdder lists = new LongAdder();
  final LongAdder deletes = new LongAdder();

  NotifyingStore(BlobStore store) {
    super(store);
  }

  void listen(String bucket, Consumer<String> listener) {
    listeners.put(bucket, listener);
  }

  @Override
  public ListObjectsV2Response list(ListObjectsV2Request request) {
    lists.increment();
    return super.list(request);
  }

  @Override
  public ResponseInputStream<GetObjectResponse> getBlob(GetObjectRequest request) {
    gets.increment();
    return super.getBlob(request);
  }

  @Override
  public DeleteObjectResponse removeBlob(DeleteObjectRequest request) {
    deletes.increment();
    return super.removeBlob(request);
  }

  @Override
  public PutObjectResponse putBlob(PutObjectRequest request, InputStream content) {
    puts.increment();
    PutObjectResponse response = super.putBlob(request, content);
    written(request.bucket(), request.key(), "Put", response.eTag());
    return response;
  }

  @Override
  public CopyObjectResponse copyBlob(CopyObjectRequest request) {
    CopyObjectResponse response = super.copyBlob(request);
    written(request.destinationBucket(), request.destinationKey(), "Copy", null);
    return response;
  }

  @Override
  public CompleteMultipartUploadResponse completeMultipartUpload(
      MultipartUpload upload, CompleteMultipartUploadRequest request) {
    CompleteMultipartUploadResponse response = super.completeMultipartUpload(upload, request);
    written(upload.containerName(), upload.blobName(), "CompleteMultipartUpload", response.eTag());
    return response;
  }

  private void written(String bucket, String key, String how, @Nullable String tag) {
    Consumer<String> listener = listeners.get(bucket);
    if (listener == null) {
      return;
    }
    Map<String, Object> object = Json.object();
    object.put("key", URLEncoder.encode(key, StandardCharsets.UTF_8));
    Long size = blobMetadata(bucket, key).contentLength();
    object.put("size", size == null ? 0 : size);
    object.put("eTag", tag == null ? "" : tag.replace("\"", ""));
    object.put("sequencer", String.format("%016X", sequence.incrementAndGet()));
    Map<String, Object> event = Json.object();
    event.put("eventVersion", "2.1");
    event.put("eventSource", "aws:s3");
    event.put("awsRegion", "eu-west-1");
    event.put("eventTime", Instant.now().toString());
    event.put("eventName", "ObjectCreated:" + how);
    event.put(
        "s3",
        Map.of(
            "s3SchemaVersion",
            "1.0",
            "configurationId",
            "test-kit",
            "bucket",
            Map.of("name", bucket, "arn", "arn:aws:s3:::" + bucket),
            "object",
            object));
    byte[] message = Json.bytes(Map.of("Records", List.of(event)));
    listener.accept(new String(message, StandardCharsets.UTF_8));
  }
}
