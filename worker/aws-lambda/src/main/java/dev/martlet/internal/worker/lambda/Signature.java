package dev.martlet.internal.worker.lambda;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * AWS Signature Version 4 (<a
 * href="https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html">S3's form of
 * it</a>) for requests without a query. A worker signs itself because the SDK takes longer to load
 * than most tasks to run.
 */
final class Signature {
  private static final String UNSIGNED = "UNSIGNED-PAYLOAD";
  private static final int BLOCK = 64;
  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final HexFormat HEX = HexFormat.of();

  private Signature() {}

  /**
   * Returns the headers that sign a request to S3, but for its body.
   *
   * @param path the path, encoded
   */
  static Map<String, String> headers(
      String method, String host, String path, String region, Credentials who, Instant now) {
    return headers(method, host, path, region, "s3", UNSIGNED, who, now);
  }

  /** Returns the headers that sign a request to Lambda with its body. */
  static Map<String, String> headers(
      String host, String path, String region, byte[] body, Credentials who, Instant now) {
    return headers("POST", host, path, region, "lambda", HEX.formatHex(sha256(body)), who, now);
  }

  private static Map<String, String> headers(
      String method,
      String host,
      String path,
      String region,
      String service,
      String content,
      Credentials who,
      Instant now) {
    String time = TIME.format(now);
    String day = time.substring(0, 8);
    TreeMap<String, String> headers = new TreeMap<>();
    headers.put("host", host);
    headers.put("x-amz-content-sha256", content);
    headers.put("x-amz-date", time);
    String token = who.token();
    if (token != null) {
      headers.put("x-amz-security-token", token);
    }
    StringBuilder canonical = new StringBuilder(method).append('\n').append(path).append("\n\n");
    headers.forEach((name, value) -> canonical.append(name).append(':').append(value).append('\n'));
    String signed = String.join(";", headers.keySet());
    canonical.append('\n').append(signed).append('\n').append(content);
    String scope = day + "/" + region + "/" + service + "/aws4_request";
    String toSign =
        ALGORITHM
            + "\n"
            + time
            + "\n"
            + scope
            + "\n"
            + HEX.formatHex(sha256(utf8(canonical.toString())));
    byte[] key = utf8("AWS4" + who.secret());
    for (String part : scope.split("/", -1)) {
      key = hmac(key, part);
    }
    headers.remove("host"); // the connection sets it
    headers.put(
        "Authorization",
        ALGORITHM
            + " Credential="
            + who.id()
            + "/"
            + scope
            + ", SignedHeaders="
            + signed
            + ", Signature="
            + HEX.formatHex(hmac(key, toSign)));
    return headers;
  }

  private static byte[] utf8(String s) {
    return s.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] sha256(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return digest.digest();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Returns the HMAC-SHA-256 (RFC 2104) of a text. The JDK's own takes much longer the first time,
   * since it goes through all providers of cryptography for one that has it.
   */
  static byte[] hmac(byte[] key, String s) {
    byte[] inner = new byte[BLOCK];
    byte[] outer = new byte[BLOCK];
    byte[] k = key.length > BLOCK ? sha256(key) : key;
    for (int i = 0; i < BLOCK; i++) {
      byte b = i < k.length ? k[i] : 0;
      inner[i] = (byte) (b ^ 0x36);
      outer[i] = (byte) (b ^ 0x5c);
    }
    return sha256(outer, sha256(inner, utf8(s)));
  }
}
