package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.HOME;
import static dev.martlet.programs.Support.all;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.CookieHandler;
import java.net.CookieManager;
import java.net.HttpURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.MessageDigestSpi;
import java.security.Provider;
import java.security.Security;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;

/** What programs set for their whole JVM, and tasks find there. */
@SuppressWarnings("serial")
final class JvmWide {
  private JvmWide() {}

  /** Adds up bytes. */
  public static final class Sum extends MessageDigestSpi {
    private int sum;

    @Override
    protected void engineUpdate(byte b) {
      sum += b;
    }

    @Override
    protected void engineUpdate(byte[] bytes, int from, int length) {
      for (int i = 0; i < length; i++) {
        sum += bytes[from + i];
      }
    }

    @Override
    protected byte[] engineDigest() {
      return new byte[] {(byte) sum};
    }

    @Override
    protected void engineReset() {
      sum = 0;
    }
  }

  private static final class Sums extends Provider {
    Sums() {
      super("Sums", "1", "sums");
      put("MessageDigest.SUM", Sum.class.getName());
    }
  }

  @Runs(AWAY)
  static Object providersOfTheJdk(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> all(MessageDigest.getInstance("SHA-256").digest(), Security.getProperty("none")))
        .get();
  }

  @Runs(HOME)
  static Object providerAdded(ExecutorService pool) throws Exception {
    Security.addProvider(new Sums());
    try {
      return pool.submit(() -> MessageDigest.getInstance("SUM").digest(new byte[] {1, 2, 3})).get();
    } finally {
      Security.removeProvider("Sums");
    }
  }

  @Runs(HOME)
  static Object securityProperty(ExecutorService pool) throws Exception {
    String old = Security.getProperty("networkaddress.cache.negative.ttl");
    Security.setProperty("networkaddress.cache.negative.ttl", "77");
    try {
      return pool.submit(() -> Security.getProperty("networkaddress.cache.negative.ttl")).get();
    } finally {
      Security.setProperty("networkaddress.cache.negative.ttl", old);
    }
  }

  /** A driver that connects to nothing. */
  public static final class Nowhere implements Driver {
    @Override
    public Connection connect(String url, Properties info) {
      return null;
    }

    @Override
    public boolean acceptsURL(String url) {
      return url.equals("jdbc:nowhere");
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
      return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
      return 7;
    }

    @Override
    public int getMinorVersion() {
      return 0;
    }

    @Override
    public boolean jdbcCompliant() {
      return false;
    }

    @Override
    public Logger getParentLogger() {
      return null;
    }
  }

  @Runs(HOME)
  static Object driverRegistered(ExecutorService pool) throws Exception {
    Driver driver = new Nowhere();
    DriverManager.registerDriver(driver);
    try {
      return pool.submit(() -> DriverManager.getDriver("jdbc:nowhere").getMajorVersion()).get();
    } finally {
      DriverManager.deregisterDriver(driver);
    }
  }

  @Runs(HOME)
  static Object defaultsOfConnections(ExecutorService pool) throws Exception {
    HttpURLConnection.setFollowRedirects(false);
    try {
      boolean follows = pool.submit(() -> HttpURLConnection.getFollowRedirects()).get();
      HttpURLConnection.setFollowRedirects(true);
      CookieHandler.setDefault(new CookieManager());
      return all(follows, pool.submit(() -> CookieHandler.getDefault() != null).get());
    } finally {
      HttpURLConnection.setFollowRedirects(true);
      CookieHandler.setDefault(null);
    }
  }

  @Runs(HOME)
  static Object defaultHandlerOfThreads(ExecutorService pool) throws Exception {
    Thread.UncaughtExceptionHandler old = Thread.getDefaultUncaughtExceptionHandler();
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    Thread.setDefaultUncaughtExceptionHandler((thread, e) -> heard.add(e.getMessage()));
    try {
      pool.submit(
              () -> {
                Thread thread =
                    new Thread(
                        () -> {
                          throw new IllegalStateException("unseen");
                        });
                thread.start();
                thread.join();
                return null;
              })
          .get();
      return heard.poll(10, TimeUnit.SECONDS);
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(old);
    }
  }

  @Runs(HOME)
  static Object propertyThatIsNoString(ExecutorService pool) throws Exception {
    System.getProperties().put("program.number", 5);
    try {
      return pool.submit(() -> System.getProperties().get("program.number")).get();
    } finally {
      System.getProperties().remove("program.number");
    }
  }

  private static final class Echo extends URLStreamHandler {
    @Override
    protected URLConnection openConnection(URL url) {
      return new URLConnection(url) {
        @Override
        public void connect() {}

        @Override
        public InputStream getInputStream() throws IOException {
          return new ByteArrayInputStream(url.getPath().getBytes(StandardCharsets.UTF_8));
        }
      };
    }
  }

  /** It cannot be made where nobody knows of its protocol. */
  @Runs(HOME)
  static Object urlOfOwnProtocol(ExecutorService pool) throws Exception {
    URL url = new URL(null, "echo:hello", new Echo());
    return pool.submit(
            () -> {
              try (BufferedReader reader =
                  new BufferedReader(
                      new InputStreamReader(url.openStream(), StandardCharsets.UTF_8))) {
                return reader.readLine();
              }
            })
        .get();
  }
}
