package dev.martlet.internal.worker.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RehearsalTest {
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;

  @AfterEach
  void restore() {
    System.setOut(out);
    System.setErr(err);
  }

  @ParameterizedTest(name = "of a client that is here: {0}")
  @ValueSource(booleans = {true, false})
  @DisplayName("a rehearsal gets to the end, as a first call does")
  void whole(boolean local) {
    assertThat(new Rehearsal(local).runMore()).isNull();
  }
}
