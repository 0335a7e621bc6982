package dev.martlet.internal.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.SimpleTimeZone;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JvmStateTest {
  private final TimeZone zone = TimeZone.getDefault();
  private final Locale locale = Locale.getDefault();
  private final JvmState before = JvmState.current(Map.of(), true);

  @AfterEach
  void restore() {
    before.apply(true);
    TimeZone.setDefault(zone);
    Locale.setDefault(locale);
  }

  private static byte[] travel() {
    byte[] bytes = JvmState.current(Map.of(), true).toBytes();
    TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
    Locale.setDefault(Locale.JAPAN);
    JvmState.read(ByteBuffer.wrap(bytes)).apply(true);
    return bytes;
  }

  @Test
  @DisplayName("what describes the machine to the JDK stays where the state is of another machine")
  void keepsMachine() {
    String home = System.getProperty("java.home");
    String tmp = System.getProperty("java.io.tmpdir");
    JvmState state =
        JvmState.current(Map.of("java.home", "/elsewhere", "java.io.tmpdir", "/not/here"), false);
    state.apply(false);
    try {
      assertThat(System.getProperty("java.home")).isEqualTo(home);
      assertThat(System.getProperty("java.io.tmpdir")).isEqualTo(tmp);
      state.apply(true);
      assertThat(System.getProperty("java.home")).isEqualTo("/elsewhere");
    } finally {
      System.setProperty("java.home", home);
      System.setProperty("java.io.tmpdir", tmp);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aws.secretAccessKey",
        "aws.accessKeyId",
        "aws.sessionToken",
        "db.PASSWORD",
        "x.passwd",
        "javax.net.ssl.keyStorePassword",
        "my.api-key",
        "private_key",
        "google.credentials"
      })
  @DisplayName("of a property that seems to be a secret only the name goes to another machine")
  void secrets(String name) {
    System.setProperty(name, "hush-hush");
    try {
      byte[] elsewhere = JvmState.current(Map.of(), false).toBytes();
      byte[] here = JvmState.current(Map.of(), true).toBytes();
      byte[] told = JvmState.current(Map.of(name, "hush-hush"), false).toBytes();
      assertThat(new String(elsewhere, UTF_8)).contains(name).doesNotContain("hush-hush");
      assertThat(new String(here, UTF_8)).contains("hush-hush");
      assertThat(new String(told, UTF_8)).contains("hush-hush");
      JvmState.read(ByteBuffer.wrap(elsewhere)).apply(false);
      assertThat(System.getProperty(name)).isNull();
      assertThat(JvmState.isWithheld(name)).isTrue();
      JvmState.read(ByteBuffer.wrap(told)).apply(false);
      assertThat(System.getProperty(name)).isEqualTo("hush-hush");
      assertThat(JvmState.isWithheld(name)).isFalse();
    } finally {
      System.clearProperty(name);
    }
  }

  @Test
  @DisplayName("a property that is no secret goes along, whatever it is like")
  void noSecrets() {
    String[] names = {"tokenizer.path", "key.size", "user.name", "pass.count", "secretary"};
    for (String name : names) {
      System.setProperty(name, "plain");
    }
    try {
      JvmState.read(ByteBuffer.wrap(JvmState.current(Map.of(), false).toBytes())).apply(false);
      assertThat(names).filteredOn(JvmState::isWithheld).containsExactly("secretary");
    } finally {
      for (String name : names) {
        System.clearProperty(name);
      }
    }
  }

  @Test
  @DisplayName("a time zone arrives by its name, or whole if it has none of its own")
  void zones() {
    TimeZone moved = TimeZone.getTimeZone("Europe/Paris");
    moved.setRawOffset(moved.getRawOffset() + 60_000);
    TimeZone named = TimeZone.getTimeZone("Europe/Paris");
    named.setID("Ours");
    TimeZone[] all = {
      TimeZone.getTimeZone("America/New_York"),
      TimeZone.getTimeZone("GMT+02:30"),
      new SimpleTimeZone(12_345_678, "Nowhere"),
      new SimpleTimeZone(0, "Europe/Paris"),
      moved,
      named
    };
    for (TimeZone z : all) {
      TimeZone.setDefault(z);
      byte[] bytes = travel();
      assertThat(TimeZone.getDefault()).isEqualTo(z);
      assertThat(TimeZone.getDefault().getID()).isEqualTo(z.getID());
      assertThat(JvmState.current(Map.of(), true).toBytes()).isEqualTo(bytes);
    }
  }

  @Test
  @DisplayName("a time zone arrives that is the one which the property names")
  void zoneOfProperty() {
    TimeZone paris = TimeZone.getTimeZone("Europe/Paris");
    TimeZone.setDefault(paris);
    System.setProperty("user.timezone", paris.getID());
    byte[] bytes = JvmState.current(Map.of(), true).toBytes();
    TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
    System.setProperty("user.timezone", "Asia/Tokyo");
    JvmState.read(ByteBuffer.wrap(bytes)).apply(true);
    assertThat(TimeZone.getDefault()).isEqualTo(paris);
    assertThat(JvmState.current(Map.of(), true).toBytes()).isEqualTo(bytes);
  }

  @Test
  @DisplayName("a locale arrives, also one that no language tag can name")
  void locales() {
    for (Locale l :
        new Locale[] {
          Locale.GERMANY, new Locale("no", "NO", "NY"), new Locale("xx", "YY", "some_variant_1")
        }) {
      Locale.setDefault(l);
      byte[] unused = travel();
      assertThat(Locale.getDefault()).isEqualTo(l);
    }
  }
}
