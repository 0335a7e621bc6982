package dev.martlet.internal.worker.lambda;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The credentials of the function's role: in the environment or, where instances are started from
 * an image, from an address that the environment names.
 */
record Credentials(String id, String secret, @Nullable String token) {
  private static final Duration EARLY = Duration.ofMinutes(5);
  private static final int TIMEOUT_MILLIS = 5_000;

  private static @Nullable Credentials kept;
  private static Instant expiry = Instant.MIN;

  @Override
  public String toString() {
    return "Credentials[" + id + "]";
  }

  /**
   * Returns the current ones.
   *
   * @throws IOException if there are none
   */
  static Credentials current() throws IOException {
    Map<String, String> environment = System.getenv();
    String id = environment.get("AWS_ACCESS_KEY_ID");
    String secret = environment.get("AWS_SECRET_ACCESS_KEY");
    if (id != null && secret != null) {
      return new Credentials(id, secret, environment.get("AWS_SESSION_TOKEN"));
    }
    String address = environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (address == null) {
      throw new IOException("this function has no credentials; it needs an execution role");
    }
    return fetch(address, environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
  }

  private static synchronized Credentials fetch(String address, @Nullable String authorization)
      throws IOException {
    Credentials c = kept;
    if (c != null && Instant.now().isBefore(expiry.minus(EARLY))) {
      return c;
    }
    HttpURLConnection http = (HttpURLConnection) URI.create(address).toURL().openConnection();
    http.setConnectTimeout(TIMEOUT_MILLIS);
    http.setReadTimeout(TIMEOUT_MILLIS);
    if (authorization != null) {
      http.setRequestProperty("Authorization", authorization);
    }
    try (InputStream in = http.getInputStream()) {
      String json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      c =
          new Credentials(
              field(json, "AccessKeyId"), field(json, "SecretAccessKey"), field(json, "Token"));
      expiry = Instant.parse(field(json, "Expiration"));
      kept = c;
      return c;
    }
  }

  private static String field(String json, String name) throws IOException {
    Matcher m = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"]*)\"").matcher(json);
    if (!m.find()) {
      throw new IOException("the function's credentials have no " + name);
    }
    return m.group(1);
  }
}
