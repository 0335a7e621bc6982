package dev.martlet.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;

class LimitsTest {
  @Test
  void aProcessThatTakesMoreThanItsMemoryIsKilled() {
    try (Subjects subjects = new Subjects(LambdaTestKit.builder().limits(true).start())) {
      assumeTrue(subjects.kit.limits(), "no control groups can be made here");
      subjects.create(
          "greedy",
          f ->
              f.memorySize(512)
                  .environment(
                      e -> e.variables(Map.of("JAVA_TOOL_OPTIONS", "-XX:MaxDirectMemorySize=2g"))));
      assertThat(subjects.answer("greedy", "x")).isEqualTo("\"x\"");
      InvokeResponse response = subjects.call("greedy", "native");
      assertThat(response.functionError()).isEqualTo("Unhandled");
      assertThat(response.payload().asUtf8String())
          .contains("Runtime exited with error: signal: killed");
      assertThat(subjects.answer("greedy", "x")).isEqualTo("\"x\"");
    }
    await().until(() -> !groupsAreLeft());
  }

  private static boolean groupsAreLeft() throws IOException {
    for (String hierarchy : new String[] {"", "memory", "cpu"}) {
      Path directory = Path.of("/sys/fs/cgroup", hierarchy);
      if (Files.isDirectory(directory)) {
        try (Stream<Path> groups = Files.list(directory)) {
          if (groups.anyMatch(g -> g.getFileName().toString().startsWith("lambda-test-kit"))) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
