package dev.martlet.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.SimpleTimeZone;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class JvmStateTest {
  private final TimeZone zone = TimeZone.getDefault();
  private final Locale locale = Locale.getDefault();
  private final JvmState before = JvmState.current(Map.of());

  @AfterEach
  void restore() {
    before.apply(true);
    TimeZone.setDefault(zone);
    Locale.setDefault(locale);
  }

  private static byte[] travel() {
    byte[] bytes = JvmState.current(Map.of()).toBytes();
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
        JvmState.current(Map.of("java.home", "/elsewhere", "java.io.tmpdir", "/not/here"));
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
      assertThat(JvmState.current(Map.of()).toBytes()).isEqualTo(bytes);
    }
  }

  @Test
  @DisplayName("a time zone arrives that is the one which the property names")
  void zoneOfProperty() {
    TimeZone paris = TimeZone.getTimeZone("Europe/Paris");
    TimeZone.setDefault(paris);
    System.setProperty("user.timezone", paris.getID());
    byte[] bytes = JvmState.current(Map.of()).toBytes();
    TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
    System.setProperty("user.timezone", "Asia/Tokyo");
    JvmState.read(ByteBuffer.wrap(bytes)).apply(true);
    assertThat(TimeZone.getDefault()).isEqualTo(paris);
    assertThat(JvmState.current(Map.of()).toBytes()).isEqualTo(bytes);
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
