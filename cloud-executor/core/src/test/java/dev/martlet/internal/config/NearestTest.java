package dev.martlet.internal.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
  @ParameterizedTest
  @DisplayName("the distance of two words is the least number of edits between them")
  @CsvSource({"'','',0", "abc,abc,0", "'',abc,3", "kitten,sitting,3", "flaw,lawn,2", "ab,ba,2"})
  void edits(String a, String b, int expected) {
    assertThat(Nearest.edits(a, b)).isEqualTo(expected);
  }
}
