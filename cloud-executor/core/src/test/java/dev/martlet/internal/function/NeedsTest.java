package dev.martlet.internal.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What new instances need of what goes along. */
class NeedsTest {
  private static final int A = 1;
  private static final int B = 2;

  private final Needs needs = new Needs();

  /** How often an answer that is not used goes along until it seems to be in vain. */
  private int patience(int question) {
    int n = 0;
    while (!needs.isVain(question)) {
      needs.given(question);
      n++;
    }
    return n;
  }

  @Test
  @DisplayName("what several instances in a row got in vain is in vain")
  void vain() {
    assertThat(needs.isVain(A)).isFalse();
    assertThat(patience(A)).isBetween(4, 16);
    assertThat(needs.isVain(B)).isFalse();
  }

  @Test
  @DisplayName("what is used now and then is not in vain")
  void usedAtTimes() {
    for (int i = 0; i < 100; i++) {
      if (i % 4 == 0) {
        needs.used(List.of(A));
      }
      needs.given(A);
      assertThat(needs.isVain(A)).isFalse();
    }
  }

  @Test
  @DisplayName("what is used after all is not in vain, and for longer than before")
  void back() {
    int first = patience(A);
    needs.used(List.of(A, B));
    assertThat(needs.isVain(A)).isFalse();
    assertThat(patience(A)).isGreaterThan(first);
  }
}
