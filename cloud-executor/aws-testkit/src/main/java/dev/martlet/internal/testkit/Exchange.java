package dev.martlet.internal.testkit;

import java.nio.ByteBuffer;
import java.util.Map;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** A request and the way to answer it, from any thread and at any time. Answered once. */
public final class Exchange {
  private final Request request;
  private final Response response;
  private final Callback callback;
  private final byte[] body;

  Exchange(Request request, Response response, Callback callback, byte[] body) {
    this.request = request;
    this.response = response;
    this.callback = callback;
    this.body = body;
  }

  public String method() {
    return request.getMethod();
  }

  /** Returns the path as it was sent: encoded. */
  public String path() {
    String path = request.getHttpURI().getPath();
    return path == null ? "/" : path;
  }

  /** Returns the query as it was sent; empty if there is none. */
  public String query() {
    String query = request.getHttpURI().getQuery();
    return query == null ? "" : query;
  }

  public @Nullable String header(String name) {
    StringBuilder all = null;
    for (HttpField field : request.getHeaders()) {
      if (field.getName().equalsIgnoreCase(name)) {
        String value = field.getValue() == null ? "" : field.getValue();
        if (all == null) {
          all = new StringBuilder(value);
        } else {
          all.append(',').append(value);
        }
      }
    }
    return all == null ? null : all.toString();
  }

  public byte[] body() {
    return body;
  }

  /** Returns what stands for the connection that the request came on. */
  public Object connection() {
    return request.getConnectionMetaData().getConnection();
  }

  public void answer(int status, Map<String, String> headers, byte[] content) {
    response.setStatus(status);
    headers.forEach((name, value) -> response.getHeaders().put(name, value));
    response.write(true, ByteBuffer.wrap(content), callback);
  }

  /** Closes the connection without an answer. */
  public void cut() {
    request.getConnectionMetaData().getConnection().getEndPoint().close();
    callback.failed(new EofException("cut"));
  }
}
