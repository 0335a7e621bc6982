package dev.martlet.internal.worker.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 44, 63, 64, 65, 200})
  @DisplayName("what is signed is signed as the JDK does it, whatever the length of the key")
  void hmac(int length) throws Exception {
    byte[] key = new byte[length];
    for (int i = 0; i < length; i++) {
      key[i] = (byte) (i * 7 - 100);
    }
    for (String text : new String[] {"", "eu-west-1", "x".repeat(1_000), "\u00e9\u4e2d"}) {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      assertThat(Signature.hmac(key, text)).isEqualTo(mac.doFinal(text.getBytes(UTF_8)));
    }
  }
}
