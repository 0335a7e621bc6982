package dev.martlet.internal.worker.loader;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import org.jspecify.annotations.Nullable;

/** A URL that looks as it does at home, and whose content came from there. */
final class HomeUrl {
  private HomeUrl() {}

  interface Content {
    byte[] get() throws IOException;
  }

  static URL of(String url, Content content) {
    int colon = url.indexOf(':');
    try {
      return new URL(null, url, new Handler(url.substring(0, colon), content));
    } catch (MalformedURLException e) {
      throw new IllegalStateException(url, e);
    }
  }

  /** Returns a resource's name as it stands in a URL. */
  static String escape(String name) {
    try {
      return new URI(null, null, "/" + name, null).toASCIIString().substring(1);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(name, e);
    }
  }

  private static final class Handler extends URLStreamHandler {
    private final String protocol;
    private final Content content;

    Handler(String protocol, Content content) {
      this.protocol = protocol;
      this.content = content;
    }

    @Override
    protected void parseURL(URL url, String spec, int start, int limit) {
      String rest = spec.substring(start, limit);
      if (url.getFile() != null && !url.getFile().isEmpty()) {
        super.parseURL(url, spec, start, limit);
      } else {
        setURL(url, protocol, "", -1, null, null, rest, null, null);
      }
    }

    @Override
    protected String toExternalForm(URL url) {
      return protocol + ":" + url.getFile();
    }

    @Override
    protected URLConnection openConnection(URL url) {
      return new Connection(url, content);
    }
  }

  private static final class Connection extends URLConnection {
    private final Content content;
    private byte @Nullable [] bytes;

    Connection(URL url, Content content) {
      super(url);
      this.content = content;
    }

    @Override
    public void connect() throws IOException {
      bytes();
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new ByteArrayInputStream(bytes());
    }

    @Override
    public long getContentLengthLong() {
      try {
        return bytes().length;
      } catch (IOException e) {
        return -1;
      }
    }

    @Override
    public int getContentLength() {
      return (int) getContentLengthLong();
    }

    private byte[] bytes() throws IOException {
      byte[] b = bytes;
      if (b == null) {
        b = content.get();
        bytes = b;
        connected = true;
      }
      return b;
    }
  }
}
