package dev.martlet.internal.worker.lambda;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LambdaWorkerTest {
  @Test
  @DisplayName("what was sent as Base64 is read, whatever its length and its bytes")
  void decodes() {
    Random random = new Random(1);
    for (int length = 0; length < 300; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      for (Base64.Encoder e : new Base64.Encoder[] {encoder(), encoder().withoutPadding()}) {
        String text = " \"" + e.encodeToString(bytes) + "\"\n";
        assertThat(LambdaWorker.decode(text.getBytes(ISO_8859_1)))
            .isEqualTo(ByteBuffer.wrap(bytes));
      }
    }
  }

  private static Base64.Encoder encoder() {
    return Base64.getEncoder();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 62, 63, 64, 127, 128, 130})
  @DisplayName("what is no Base64 is refused, wherever it is not")
  void refuses(int at) {
    for (char wrong : "=-_ \u00e9\u00ff".toCharArray()) {
      StringBuilder text = new StringBuilder("\"" + "A".repeat(132) + "\"");
      text.setCharAt(1 + at, wrong);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> LambdaWorker.decode(text.toString().getBytes(ISO_8859_1)));
    }
  }
}
