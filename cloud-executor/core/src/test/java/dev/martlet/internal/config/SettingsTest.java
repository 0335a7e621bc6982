package dev.martlet.internal.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.martlet.CallListener;
import dev.martlet.Effects;
import dev.martlet.Frontier;
import dev.martlet.spi.PoolSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  @TempDir Path directory;

  /** In the order in which messages name them. */
  private final Map<String, String> platforms = new LinkedHashMap<>();

  private final Map<String, Object> built = new LinkedHashMap<>();
  private final Map<String, String> builtEnvironment = new LinkedHashMap<>();
  private final Map<String, String> properties = new TreeMap<>();
  private final Map<String, String> environment = new TreeMap<>();
  private @Nullable CallListener listener;

  SettingsTest() {
    platforms.put("aws-lambda", "aws-lambda");
    platforms.put("other-functions", "other");
  }

  private Settings resolve() {
    return Settings.resolve(
        new PoolSettings(built, builtEnvironment, Map.of(), List.of(), listener),
        properties,
        environment,
        directory,
        platforms);
  }

  private Path yaml(String... lines) throws IOException {
    return Files.write(directory.resolve("martlet.yaml"), List.of(lines));
  }

  private void fails(String... parts) {
    assertThatIllegalArgumentException().isThrownBy(this::resolve).withMessageContainingAll(parts);
  }

  @Test
  @DisplayName("without any source every setting has its default")
  void defaults() {
    Settings s = resolve();
    int processors = Runtime.getRuntime().availableProcessors();
    assertThat(s.platform()).isEqualTo("local");
    assertThat(s.parallelism()).isEqualTo(processors);
    assertThat(s.workers()).isEqualTo(processors);
    assertThat(s.retries()).isEqualTo(2);
    assertThat(s.callTimeout()).isEmpty();
    assertThat(s.effects()).isEqualTo(Effects.ON);
    assertThat(s.strict()).isFalse();
    assertThat(s.frontier()).isEqualTo(Frontier.automatic());
    assertThat(s.output()).isTrue();
    assertThat(s.idleTimeout()).isEqualTo(Duration.ofSeconds(60));
    assertThat(s.leaseTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(s.cache()).isEmpty();
    assertThat(s.applicationPackages()).isEmpty();
    assertThat(s.jvmOptions()).isEmpty();
    assertThat(s.environment()).isEmpty();
    assertThat(s.systemProperties()).isEmpty();
    assertThat(s.listener()).isNull();
  }

  @Test
  @DisplayName(
      "the builder goes before properties, these before the environment, it before the file")
  void order() throws IOException {
    yaml("retries: 4");
    assertThat(resolve().retries()).isEqualTo(4);
    environment.put("MARTLET_RETRIES", "5");
    assertThat(resolve().retries()).isEqualTo(5);
    properties.put("martlet.retries", "6");
    assertThat(resolve().retries()).isEqualTo(6);
    built.put("retries", 7);
    assertThat(resolve().retries()).isEqualTo(7);
  }

  @Test
  @DisplayName("the system properties and environment of this JVM are read")
  void ofThisJvm() {
    System.setProperty("martlet.retries", "11");
    try {
      PoolSettings none = new PoolSettings(Map.of(), Map.of(), Map.of(), List.of(), null);
      assertThat(Settings.resolve(none).retries()).isEqualTo(11);
    } finally {
      System.clearProperty("martlet.retries");
    }
  }

  @Test
  @DisplayName("every setting can be given in the file")
  void file() throws IOException {
    yaml(
        "platform: local",
        "parallelism: 64",
        "workers: 3",
        "retries: 0",
        "callTimeout: 5m",
        "effects: off",
        "strict: true",
        "frontier: depth 3",
        "output: false",
        "idleTimeout: 500ms",
        "leaseTimeout: PT2S",
        "cache: /var/cache/martlet",
        "applicationPackages: [org.acme, org.acme.data]",
        "jvmOptions:",
        "  - -Xmx2g",
        "  - -Dtitle=two words",
        "environment:",
        "  LEVEL: 5",
        "systemProperties: {a.b: c}");
    Settings s = resolve();
    assertThat(s.platform()).isEqualTo("local");
    assertThat(s.parallelism()).isEqualTo(64);
    assertThat(s.workers()).isEqualTo(3);
    assertThat(s.retries()).isZero();
    assertThat(s.callTimeout()).contains(Duration.ofMinutes(5));
    assertThat(s.effects()).isEqualTo(Effects.OFF);
    assertThat(s.strict()).isTrue();
    assertThat(s.frontier()).isEqualTo(Frontier.depth(3));
    assertThat(s.output()).isFalse();
    assertThat(s.idleTimeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(s.leaseTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(s.cache()).contains(Path.of("/var/cache/martlet").toAbsolutePath());
    assertThat(s.applicationPackages()).containsExactly("org.acme", "org.acme.data");
    assertThat(s.jvmOptions()).containsExactly("-Xmx2g", "-Dtitle=two words");
    assertThat(s.environment()).containsExactly(Map.entry("LEVEL", "5"));
    assertThat(s.systemProperties()).containsExactly(Map.entry("a.b", "c"));
  }

  @ParameterizedTest
  @DisplayName("martlet.config, or else MARTLET_CONFIG, names another file")
  @ValueSource(booleans = {true, false})
  void otherFile(boolean property) throws IOException {
    yaml("retries: 4");
    Files.writeString(directory.resolve("other.yaml"), "retries: 5");
    if (property) {
      properties.put("martlet.config", "other.yaml");
      environment.put("MARTLET_CONFIG", "none.yaml");
    } else {
      environment.put("MARTLET_CONFIG", directory.resolve("other.yaml").toString());
    }
    assertThat(resolve().retries()).isEqualTo(5);
  }

  @Test
  @DisplayName("a named file that is not there is an error that names it")
  void missingFile() {
    properties.put("martlet.config", "none.yaml");
    fails("system property martlet.config", "none.yaml", "expected a file");
  }

  @ParameterizedTest
  @DisplayName("camel, kebab and upper snake case name one key, in properties and in the file")
  @ValueSource(strings = {"callTimeout", "call-timeout", "call_timeout", "CALL_TIMEOUT"})
  void forms(String key) throws IOException {
    properties.put("martlet." + key, "3s");
    assertThat(resolve().callTimeout()).contains(Duration.ofSeconds(3));
    properties.clear();
    yaml(key + ": 4s");
    assertThat(resolve().callTimeout()).contains(Duration.ofSeconds(4));
    environment.put("MARTLET_CALL_TIMEOUT", "5s");
    assertThat(resolve().callTimeout()).contains(Duration.ofSeconds(5));
  }

  @ParameterizedTest
  @DisplayName("durations are written short or in ISO-8601")
  @CsvSource({
    "30s, PT30S",
    "500ms, PT0.5S",
    "5m, PT5M",
    "2h, PT2H",
    "1d, PT24H",
    "7us, PT0.000007S",
    "9ns, PT0.000000009S",
    "10 s, PT10S",
    "PT1M30S, PT90S",
    "PT0.25S, PT0.25S"
  })
  void durations(String text, Duration expected) {
    properties.put("martlet.leaseTimeout", text);
    assertThat(resolve().leaseTimeout()).isEqualTo(expected);
  }

  @Test
  @DisplayName("a time-out can be taken back with none")
  void noTimeout() throws IOException {
    yaml("callTimeout: 5s");
    properties.put("martlet.callTimeout", "none");
    assertThat(resolve().callTimeout()).isEmpty();
  }

  @Test
  @DisplayName("a duration that no clock can measure is as long as one can")
  void endless() {
    built.put("callTimeout", Duration.ofSeconds(Long.MAX_VALUE));
    assertThat(resolve().callTimeout()).contains(Duration.ofNanos(Long.MAX_VALUE));
  }

  @Test
  @DisplayName("maps are merged name by name over all sources, the first source wins")
  void maps() throws IOException {
    yaml("environment: {A: 4, B: 4, C: 4, D: 4}");
    environment.put("MARTLET_ENVIRONMENT_A", "3");
    environment.put("MARTLET_ENVIRONMENT_B", "3");
    environment.put("MARTLET_ENVIRONMENT_C", "3");
    properties.put("martlet.environment.A", "2");
    properties.put("martlet.environment.B", "2");
    builtEnvironment.put("A", "1");
    assertThat(resolve().environment())
        .containsExactlyInAnyOrderEntriesOf(Map.of("A", "1", "B", "2", "C", "3", "D", "4"));
  }

  @Test
  @DisplayName("names in maps are taken as they are, dots included")
  void namesInMaps() {
    properties.put("martlet.system-properties.my.app-level", "x");
    environment.put("MARTLET_ENVIRONMENT_MY_Var", "y");
    Settings s = resolve();
    assertThat(s.systemProperties()).containsExactly(Map.entry("my.app-level", "x"));
    assertThat(s.environment()).containsExactly(Map.entry("MY_Var", "y"));
  }

  @Test
  @DisplayName("lists in text are split at spaces, and names at commas too")
  void lists() {
    properties.put("martlet.jvmOptions", " -Xmx1g  -Xlog:gc,safepoint ");
    environment.put("MARTLET_APPLICATION_PACKAGES", "org.a, org.b,org.c");
    Settings s = resolve();
    assertThat(s.jvmOptions()).containsExactly("-Xmx1g", "-Xlog:gc,safepoint");
    assertThat(s.applicationPackages()).containsExactly("org.a", "org.b", "org.c");
  }

  @Test
  @DisplayName("an unknown property is an error that names it and the nearest key")
  void unknownProperty() {
    properties.put("martlet.paralelism", "3");
    fails("system property martlet.paralelism", "\"paralelism\"", "\"martlet.parallelism\"");
  }

  @Test
  @DisplayName("an unknown variable is an error that names it and the nearest key")
  void unknownVariable() {
    environment.put("MARTLET_CALL_TIMOUT", "3s");
    fails("environment variable MARTLET_CALL_TIMOUT", "\"MARTLET_CALL_TIMEOUT\"");
  }

  @Test
  @DisplayName("an unknown key in the file is an error that names file, line and the nearest key")
  void unknownInFile() throws IOException {
    Path file = yaml("retries: 1", "", "stric: true");
    fails(file + ":3", "\"stric\"", "\"strict\"");
  }

  @Test
  @DisplayName("an unknown key of the builder is an error")
  void unknownInBuilder() {
    built.put("worker", 3);
    fails("builder", "\"worker\"", "\"workers\"");
  }

  @Test
  @DisplayName("a name below a key that is no map is an error")
  void noMap() {
    properties.put("martlet.retries.max", "3");
    fails("system property martlet.retries.max", "\"martlet.retries\"");
  }

  @ParameterizedTest
  @DisplayName("a bad value is an error that names key, source, value and what is expected")
  @CsvSource(
      delimiter = '|',
      value = {
        "parallelism | 0 | a whole number, 1 or more",
        "workers | two | a whole number, 1 or more",
        "retries | -1 | a whole number, 0 or more",
        "retries | 99999999999 | a whole number, 0 or more",
        "callTimeout | soon | a duration, such as 30s",
        "callTimeout | 0s | a duration, such as 30s",
        "idleTimeout | -5s | a duration, such as 30s",
        "leaseTimeout | 999999999999999999d | a duration, such as 30s",
        "effects | maybe | on or off",
        "strict | yes | true or false",
        "frontier | depth | automatic, local, remote, depth N or work DURATION",
        "frontier | depth -1 | automatic, local, remote, depth N or work DURATION",
        "frontier | work hard | automatic, local, remote, depth N or work DURATION",
        "environment | x | a map of names and values",
        "platform | moon | a platform on the class path: local, aws-lambda",
      })
  void badValue(String key, String value, String expected) throws IOException {
    properties.put("martlet." + key, value);
    fails("system property martlet." + key, "\"" + value + "\"", "for " + key, expected);
    properties.clear();
    Path file = yaml("# settings", key + ": " + value);
    fails(file + ":2", "\"" + value + "\"", "for " + key, expected);
  }

  @ParameterizedTest
  @DisplayName("a frontier is written as a word, or as a word and a number or duration")
  @CsvSource({
    "automatic, automatic",
    "LOCAL, all local",
    "remote, all remote",
    "depth 4, depth 4",
    "work 20ms, minimum work PT0.02S",
  })
  void frontier(String text, String frontier) {
    environment.put("MARTLET_FRONTIER", text);
    assertThat(resolve().frontier()).hasToString(frontier);
  }

  @Test
  @DisplayName("an empty value is an error")
  void empty() {
    environment.put("MARTLET_STRICT", "");
    fails("environment variable MARTLET_STRICT", "true or false");
  }

  @Test
  @DisplayName("a key without a value in the file is not set")
  void nullInFile() throws IOException {
    yaml("retries:", "environment:", "strict: true");
    assertThat(resolve().retries()).isEqualTo(2);
    assertThat(resolve().strict()).isTrue();
  }

  @Test
  @DisplayName("an empty file sets nothing")
  void emptyFile() throws IOException {
    yaml();
    assertThat(resolve().retries()).isEqualTo(2);
  }

  @Test
  @DisplayName("a file that is not YAML is an error that names it")
  void notYaml() throws IOException {
    Path file = yaml("retries: [1");
    fails(file.toString(), "not valid YAML");
  }

  @Test
  @DisplayName("a file that is no mapping is an error that names it")
  void notMapping() throws IOException {
    Path file = yaml("- retries");
    fails(file + ":1", "key: value");
  }

  @Test
  @DisplayName("one key in two forms in one source is an error")
  void twice() throws IOException {
    Path file = yaml("callTimeout: 1s", "call-timeout: 2s");
    fails(file + ":2", "set twice", file + ":1");
  }

  @Test
  @DisplayName("a bad value is an error also where another source overrides it")
  void overridden() throws IOException {
    yaml("retries: many");
    built.put("retries", 1);
    fails("martlet.yaml:1", "\"many\"");
  }

  @Test
  @DisplayName("the settings of a known platform are passed through, from every source")
  void section() throws IOException {
    yaml("aws-lambda:", "  region: eu-north-1", "  memory: 512", "  tags: {team: a}");
    properties.put("martlet.aws-lambda.memory", "1024");
    environment.put("MARTLET_AWS_LAMBDA_FUNCTION_NAME", "f");
    Settings s = resolve();
    assertThat(s.section("aws-lambda"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "region", "eu-north-1",
                "memory", "1024",
                "tags", Map.of("team", "a"),
                "functionName", "f"));
    assertThat(s.section("local")).isEmpty();
  }

  @Test
  @DisplayName("the settings of an unknown platform are an unknown key")
  void unknownSection() throws IOException {
    yaml("aws: {region: eu-north-1}");
    fails("martlet.yaml:1", "unknown key \"aws\"");
  }

  @Test
  @DisplayName("a platform is told the settings of its section, whatever that is called")
  void sectionOfAnotherName() throws IOException {
    yaml("platform: other-functions", "other: {region: eu-north-1}");
    assertThat(resolve().platformSettings()).containsEntry("region", "eu-north-1");
  }

  @Test
  @DisplayName("a platform's name is no key where its section has another")
  void platformIsNoSection() throws IOException {
    yaml("other-functions: {region: eu-north-1}");
    fails("unknown key \"other-functions\"");
  }

  @Test
  @DisplayName("a platform is told its own settings and the time-outs")
  void platformSettings() throws IOException {
    yaml("platform: awsLambda", "aws-lambda: {region: eu-north-1}", "idleTimeout: 5s", "cache: c");
    Settings s = resolve();
    assertThat(s.platform()).isEqualTo("aws-lambda");
    assertThat(s.platformSettings())
        .containsEntry("region", "eu-north-1")
        .containsEntry("idleTimeout", Duration.ofSeconds(5))
        .containsEntry("leaseTimeout", Duration.ofSeconds(10))
        .containsEntry("cache", Path.of("c").toAbsolutePath());
  }

  @Test
  @DisplayName("properties of other programs and Martlet's internal ones are ignored")
  void ignored() {
    properties.put("martlet.internal.anything", "x");
    properties.put("martletx.retries", "x");
    properties.put("retries", "x");
    environment.put("MARTLETX_RETRIES", "x");
    environment.put("RETRIES", "x");
    assertThat(resolve().retries()).isEqualTo(2);
  }

  @Test
  @DisplayName("the listener is the builder's")
  void listener() {
    listener = new CallListener() {};
    assertThat(resolve().listener()).isSameAs(listener);
  }

  @Test
  @DisplayName("docs/settings.md has the table of keys")
  void documentation() throws IOException {
    assertThat(Path.of("../../docs/settings.md")).content().contains(Key.table());
  }
}
