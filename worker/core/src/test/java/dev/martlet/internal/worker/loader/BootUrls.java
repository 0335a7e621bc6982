package dev.martlet.internal.worker.loader;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;

/** URLs such as those of Spring Boot's loader, whose content is that of a jar or a directory. */
final class BootUrls {
  private BootUrls() {}

  static URL url(String url, Path content) throws MalformedURLException {
    return new URL(
        null,
        url,
        new URLStreamHandler() {
          @Override
          protected void parseURL(URL u, String spec, int start, int limit) {
            String rest = spec.substring(start, limit);
            String file = u.getFile() == null ? "" : u.getFile();
            setURL(u, "jar", "", -1, null, null, file + rest, null, null);
          }

          @Override
          protected String toExternalForm(URL u) {
            return "jar:" + u.getFile();
          }

          @Override
          protected URLConnection openConnection(URL u) throws IOException {
            String name = u.getFile().substring(u.getFile().lastIndexOf("!/") + 2);
            URL real =
                Files.isDirectory(content)
                    ? content.resolve(name).toUri().toURL()
                    : new URL("jar:" + content.toUri() + "!/" + name);
            URLConnection c = real.openConnection();
            c.setUseCaches(false);
            return c;
          }
        });
  }
}
