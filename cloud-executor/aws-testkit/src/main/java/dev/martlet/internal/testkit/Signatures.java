package dev.martlet.internal.testkit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Checks requests that are signed with AWS's Signature Version 4. */
final class Signatures {
  private static final Pattern AUTHORIZATION =
      Pattern.compile(
          "AWS4-HMAC-SHA256 +Credential=([^/]+)/(\\d{8})/([^/]+)/([^/]+)/aws4_request, *"
              + "SignedHeaders=([^, ]+), *Signature=([0-9a-f]{64})");

  private final String accessKey;
  private final String secretKey;

  Signatures(String accessKey, String secretKey) {
    this.accessKey = accessKey;
    this.secretKey = secretKey;
  }

  /** Returns what is wrong with a request; null if nothing is. */
  @Nullable ServiceError check(Exchange exchange) {
    String authorization = exchange.header("Authorization");
    if (authorization == null) {
      return new ServiceError(
          403, "MissingAuthenticationTokenException", "Missing Authentication Token");
    }
    Matcher matcher = AUTHORIZATION.matcher(authorization);
    if (!matcher.matches()) {
      return new ServiceError(
          403, "IncompleteSignatureException", "Authorization header is not of version 4");
    }
    if (!matcher.group(1).equals(accessKey)) {
      return new ServiceError(
          403,
          "UnrecognizedClientException",
          "The security token included in the request is invalid.");
    }
    String scope = matcher.group(2) + "/" + matcher.group(3) + "/" + matcher.group(4);
    String date = exchange.header("X-Amz-Date");
    String payload = hash(exchange.body());
    String claimed = exchange.header("x-amz-content-sha256");
    boolean whole =
        claimed == null || claimed.equals(payload) || claimed.equals("UNSIGNED-PAYLOAD");
    String canonical =
        exchange.method()
            + "\n"
            + path(exchange.path())
            + "\n"
            + query(exchange.query())
            + "\n"
            + headers(exchange, matcher.group(5))
            + "\n"
            + matcher.group(5)
            + "\n"
            + (claimed == null ? payload : claimed);
    String text =
        "AWS4-HMAC-SHA256\n"
            + date
            + "\n"
            + scope
            + "/aws4_request\n"
            + hash(canonical.getBytes(StandardCharsets.UTF_8));
    byte[] key =
        mac(
            mac(
                mac(
                    mac(("AWS4" + secretKey).getBytes(StandardCharsets.UTF_8), matcher.group(2)),
                    matcher.group(3)),
                matcher.group(4)),
            "aws4_request");
    String signature = HexFormat.of().formatHex(mac(key, text));
    if (whole && signature.equals(matcher.group(6))) {
      return null;
    }
    return new ServiceError(
        403,
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your"
            + " AWS Secret Access Key and signing method.");
  }

  /** The path is encoded a second time, but for the slashes. */
  private static String path(String path) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (c == '/' || unreserved(c)) {
        encoded.append(c);
      } else {
        encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return encoded.toString();
  }

  private static boolean unreserved(char c) {
    return (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_'
        || c == '.'
        || c == '~';
  }

  private static String query(String query) {
    if (query.isEmpty()) {
      return "";
    }
    List<String> parts = new ArrayList<>(Arrays.asList(query.split("&", -1)));
    parts.replaceAll(part -> part.indexOf('=') < 0 ? part + "=" : part);
    parts.sort(null);
    return String.join("&", parts);
  }

  private static String headers(Exchange exchange, String names) {
    StringBuilder headers = new StringBuilder();
    for (String name : names.split(";", -1)) {
      String value = exchange.header(name);
      headers
          .append(name.toLowerCase(Locale.ROOT))
          .append(':')
          .append(value == null ? "" : value.trim().replaceAll(" +", " "))
          .append('\n');
    }
    return headers.toString();
  }

  static String hash(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] mac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
