package dev.martlet.internal.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.net.URI;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import org.gaul.shaded.org.eclipse.jetty.server.Connector;
import org.gaul.shaded.org.eclipse.jetty.server.Server;
import org.gaul.shaded.org.eclipse.jetty.server.ServerConnector;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** An s3proxy in this JVM. */
public final class S3 implements AutoCloseable {
  public static final String ACCESS_KEY = "AKIATESTKITTESTKIT00";
  public static final String SECRET_KEY = "test-kit-secret";

  private static final int MOST_WAITING = 4096;

  private final NotifyingStore store;
  private final S3Proxy proxy;

  private S3(BlobStore objects) {
    store = new NotifyingStore(objects);
    proxy =
        S3Proxy.builder()
            .blobStore(store)
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
            .endpoint(URI.create("http://127.0.0.1:0"))
            .ignoreUnknownHeaders(true)
            .v4MaxNonChunkedRequestSize(512L * 1024 * 1024)
            .stopTimeout(0)
            .build();
    try {
      widen(proxy);
      proxy.start();
    } catch (Exception e) {
      throw new IllegalStateException("S3 does not start", e);
    }
  }

  /**
   * Has a thousand instances connect at once. By default 50 may, beyond which connections are tried
   * again after one, three, seven seconds and so on; s3proxy has no setting for that.
   */
  private static void widen(S3Proxy proxy) throws ReflectiveOperationException {
    Field server = S3Proxy.class.getDeclaredField("server");
    server.setAccessible(true);
    for (Connector c : ((Server) server.get(proxy)).getConnectors()) {
      ((ServerConnector) c).setAcceptQueueSize(MOST_WAITING);
    }
  }

  public static S3 inMemory() {
    return new S3(new TransientNio2BlobStore());
  }

  public static S3 in(Path directory) {
    return new S3(new FilesystemNio2BlobStore(directory.toString()));
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + proxy.getPort());
  }

  public void createBucket(String bucket) {
    if (!store.containerExists(bucket)) {
      var unused = store.createContainer(bucket);
    }
  }

  /** Sends an event of each object that is written to a bucket from now on. */
  public void listen(String bucket, Consumer<String> listener) {
    store.listen(bucket, listener);
  }

  public void write(String bucket, String key, byte[] content) {
    PutObjectRequest request =
        PutObjectRequest.builder()
            .bucket(bucket)
            .key(key)
            .contentLength((long) content.length)
            .build();
    var unused = store.putBlob(request, new ByteArrayInputStream(content));
  }

  public byte[] read(String bucket, String key) {
    try (InputStream object = store.getBlob(bucket, key)) {
      if (object == null) {
        throw missing(bucket, key);
      }
      return object.readAllBytes();
    } catch (S3Exception e) {
      throw missing(bucket, key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns how many requests there were: to write, to read, to list and to delete objects. */
  public long[] requests() {
    return new long[] {store.puts.sum(), store.gets.sum(), store.lists.sum(), store.deletes.sum()};
  }

  private static IllegalArgumentException missing(String bucket, String key) {
    return new IllegalArgumentException("No object " + key + " in " + bucket);
  }

  @Override
  public void close() {
    try {
      proxy.stop();
    } catch (Exception e) {
      throw new IllegalStateException("S3 does not stop", e);
    } finally {
      store.close();
    }
  }
}
