package dev.martlet.internal.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the section is read. */
class AwsSettingsTest {
  @Test
  @DisplayName("nothing need be set")
  void defaults() {
    AwsSettings s =
        AwsSettings.read(Map.of("idleTimeout", Duration.ofSeconds(1), "cache", Path.of("x")));
    assertThat(s.memory()).isEqualTo(1769);
    assertThat(s.timeout()).isEqualTo(Duration.ofMinutes(15));
    assertThat(s.runtime()).isEqualTo("java" + Runtime.version().feature());
    assertThat(s.jdk()).isEqualTo(Runtime.version().feature());
    assertThat(s.bucket()).isEmpty();
    assertThat(s.pathStyle()).isFalse();
  }

  @Test
  @DisplayName("what is set is read")
  void values() {
    AwsSettings s =
        AwsSettings.read(
            Map.of(
                "region", "eu-west-1",
                "bucket", "my-bucket",
                "memory", "512",
                "timeout", "90s",
                "runtime", "java21",
                "s3Endpoint", "http://localhost:9000",
                "tags", Map.of("team", "blue")));
    assertThat(s.region()).isEqualTo(Optional.of("eu-west-1"));
    assertThat(s.needBucket()).isEqualTo("my-bucket");
    assertThat(s.memory()).isEqualTo(512);
    assertThat(s.timeout()).isEqualTo(Duration.ofSeconds(90));
    assertThat(s.jdk()).isEqualTo(21);
    assertThat(s.pathStyle()).isTrue();
    assertThat(s.tags()).isEqualTo(Map.of("team", "blue"));
  }

  @ParameterizedTest
  @CsvSource({
    "region, Ireland, 'a region, such as eu-west-1'",
    "role, worker, 'the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME'",
    "bucket, My_Bucket, 'the name of a bucket, such as my-bucket'",
    "memory, 64, a whole number from 128 to 10240",
    "memory, much, a whole number from 128 to 10240",
    "timeout, 16m, a duration from 1s to 900s",
    "architecture, arm, x86_64 or arm64",
    "runtime, java11, 'java17, java21 or java25'",
    "prefix, /a, 'names with a / after each, such as martlet/'",
    "s3Endpoint, localhost, 'a URL, http://HOST:PORT'",
    "reports, maybe, true or false"
  })
  @DisplayName("a value that is not valid is named, with what is expected")
  void invalid(String key, String value, String expected) {
    assertThatThrownBy(() -> AwsSettings.read(Map.of(key, value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("aws." + key + ": \"" + value + "\" is not valid; expected ")
        .hasMessageContaining(expected);
  }

  @Test
  @DisplayName("an unknown key is named, with the nearest one")
  void unknown() {
    assertThatThrownBy(() -> AwsSettings.read(Map.of("memroy", "1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("aws: unknown key \"memroy\"; did you mean \"memory\"?");
  }

  @Test
  @DisplayName("what is needed and not set is told, with what to do")
  void needed() {
    AwsSettings s = AwsSettings.read(Map.of());
    assertThatThrownBy(s::needBucket).hasMessageContaining("aws s3 mb");
    assertThatThrownBy(s::needRole).hasMessageContaining("martlet doctor");
  }

  @Test
  @DisplayName("docs/aws.md tells of each of them")
  void documented() throws Exception {
    Set<String> keys =
        Stream.of(AwsSettings.class.getRecordComponents())
            .map(RecordComponent::getName)
            .collect(Collectors.toSet());
    keys.addAll(List.of("mode", "invokers", "nested", "nestedDepth")); // read by the platform
    Set<String> told =
        Pattern.compile("(?m)^\\| `(\\w+)` ")
            .matcher(Files.readString(Path.of("../../docs/aws.md")))
            .results()
            .map(m -> m.group(1))
            .collect(Collectors.toSet());
    assertThat(told).isEqualTo(keys);
  }
}
