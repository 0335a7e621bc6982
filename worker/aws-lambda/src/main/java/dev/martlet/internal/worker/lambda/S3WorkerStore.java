package dev.martlet.internal.worker.lambda;

import dev.martlet.internal.worker.function.WorkerStore;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A bucket of S3, or of a server that speaks its language. Its place is told by {@code base}, the
 * address of the bucket, {@code region}, and {@code prefix}, how keys begin.
 */
final class S3WorkerStore implements WorkerStore {
  /** Gives the function's credentials. */
  @FunctionalInterface
  interface Who {
    Credentials current() throws IOException;
  }

  private static final int TRIES = 6;
  private static final long FIRST_PAUSE_MILLIS = 25;
  private static final int CONNECT_MILLIS = 3_000;
  private static final int READ_MILLIS = 60_000;
  private static final int READ_NOW_MILLIS = 4_000;
  private static final int MOST_TEXT = 500;

  private final URI base;
  private final String region;
  private final String prefix;
  private final Who who;

  S3WorkerStore(Map<String, String> place, Who who) {
    this.base = nearer(URI.create(required(place, "base")));
    this.region = required(place, "region");
    this.prefix = place.getOrDefault("prefix", "");
    this.who = who;
  }

  /**
   * Returns where the bucket is for this function, which may know a way that the client has not.
   */
  private static URI nearer(URI base) {
    String endpoint = Endpoints.S3;
    boolean named = !base.getRawPath().isEmpty(); // else it is the host that names the bucket
    return endpoint != null && named ? URI.create(endpoint).resolve(base.getRawPath()) : base;
  }

  private static String required(Map<String, String> place, String name) {
    String value = place.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the request does not tell the store's " + name);
    }
    return value;
  }

  @Override
  public @Nullable ByteBuffer get(String key) throws IOException {
    return request("GET", key, List.of(), Map.of());
  }

  @Override
  public void put(String key, List<ByteBuffer> content) throws IOException {
    ByteBuffer unused = request("PUT", key, content, Map.of());
  }

  @Override
  public void putNow(String key, List<ByteBuffer> content) throws IOException {
    ByteBuffer unused = once("PUT", key, content, Map.of(), READ_NOW_MILLIS);
  }

  @Override
  public boolean putIfAbsent(String key, List<ByteBuffer> content) throws IOException {
    return request("PUT", key, content, Map.of("If-None-Match", "*")) != null;
  }

  /** Returns what was answered; null if there is no such object, or there is one already. */
  private @Nullable ByteBuffer request(
      String method, String key, List<ByteBuffer> content, Map<String, String> conditions)
      throws IOException {
    for (int i = 1; ; i++) {
      try {
        return once(method, key, content, conditions, READ_MILLIS);
      } catch (RefusedException e) {
        throw e;
      } catch (IOException e) {
        if (i == TRIES) {
          throw new IOException(
              method + " of " + prefix + key + " failed " + i + " times: " + e.getMessage(), e);
        }
      }
      long longest = FIRST_PAUSE_MILLIS << i;
      try {
        Thread.sleep(ThreadLocalRandom.current().nextLong(longest / 2, longest));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException(method + " of " + prefix + key + " was interrupted");
      }
    }
  }

  private @Nullable ByteBuffer once(
      String method,
      String key,
      List<ByteBuffer> content,
      Map<String, String> conditions,
      int readMillis)
      throws IOException {
    String path = base.getRawPath() + "/" + encode(prefix + key);
    URI uri = base.resolve(path);
    HttpURLConnection http = (HttpURLConnection) uri.toURL().openConnection();
    http.setConnectTimeout(CONNECT_MILLIS);
    http.setReadTimeout(readMillis);
    http.setUseCaches(false);
    http.setRequestMethod(method);
    Signature.headers(method, uri.getAuthority(), path, region, who.current(), Instant.now())
        .forEach(http::setRequestProperty);
    conditions.forEach(http::setRequestProperty);
    if (method.equals("PUT")) {
      long length = 0;
      for (ByteBuffer b : content) {
        length += b.remaining();
      }
      http.setDoOutput(true);
      http.setFixedLengthStreamingMode(length);
      try (OutputStream out = http.getOutputStream()) {
        WritableByteChannel channel = Channels.newChannel(out);
        for (ByteBuffer b : content) {
          ByteBuffer rest = b.duplicate();
          while (rest.hasRemaining()) {
            channel.write(rest);
          }
        }
      }
    }
    int status = http.getResponseCode();
    if (status == HttpURLConnection.HTTP_NOT_FOUND && method.equals("GET")) {
      String text = errorText(http);
      if (text.contains("NoSuchBucket")) {
        throw new RefusedException("there is no bucket at " + base);
      }
      return null;
    }
    if (status == HttpURLConnection.HTTP_PRECON_FAILED && !conditions.isEmpty()) {
      String unused = errorText(http);
      return null;
    }
    if (status >= 300) {
      String text =
          method + " of " + prefix + key + " was answered with " + status + ": " + errorText(http);
      // Another one is just writing the same object, if it is a conflict.
      if (status >= 500 || status == 408 || status == 409 || status == 429) {
        throw new IOException(text);
      }
      throw new RefusedException(text);
    }
    try (InputStream in = http.getInputStream()) {
      return ByteBuffer.wrap(content(in, http.getContentLengthLong()));
    }
  }

  /** Reads all; where it is known how much that is, into one array. */
  private static byte[] content(InputStream in, long length) throws IOException {
    if (length < 0 || length > Integer.MAX_VALUE - 8) {
      return in.readAllBytes();
    }
    byte[] all = new byte[(int) length];
    if (in.readNBytes(all, 0, all.length) < all.length) {
      throw new EOFException("the connection ended before the object");
    }
    return all;
  }

  /** Reads what else was answered, which also gives the connection back. */
  private static String errorText(HttpURLConnection http) throws IOException {
    try (InputStream in = http.getErrorStream()) {
      if (in == null) {
        return "";
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.substring(0, Math.min(MOST_TEXT, text.length()));
    }
  }

  private static String encode(String key) {
    return key.replace("=", "%3D");
  }

  /** To try again would not help. */
  private static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
      super(message);
    }
  }
}
