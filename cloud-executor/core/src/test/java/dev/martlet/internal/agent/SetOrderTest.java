package dev.martlet.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a JVM iterates what {@code Set.of} and {@code Map.of} make, when it was told. */
@Timeout(120)
class SetOrderTest {
  private static final String CLASS_PATH = System.getProperty("java.class.path");
  private static final long FORTH = 0x9E37_79B9L;
  private static final long BACK = 0x1234_5678L;

  private static List<String> run(List<String> options, Object... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(Program.class.getName()));
    for (Object argument : arguments) {
      all.add(argument.toString());
    }
    Path home = Path.of(System.getProperty("java.home"));
    Jvms.Result r = Jvms.run(home, options, CLASS_PATH, all.toArray(String[]::new));
    assertThat(r.exit()).as(r.err()).isZero();
    return r.out().lines().toList();
  }

  @Test
  @DisplayName("a JVM takes an order, and others when it has compiled code for that one")
  void again() throws Exception {
    List<String> forth = run(List.of(), FORTH);
    List<String> back = run(List.of(), BACK);
    assertThat(forth).hasSize(1).isNotEqualTo(back);
    assertThat(run(List.of(), FORTH, BACK, FORTH))
        .containsExactly(forth.get(0), back.get(0), forth.get(0));
  }

  @Test
  @DisplayName("a JVM takes an order that has compiled code for its own while it started")
  void late() throws Exception {
    // Without an archive of classes it makes the graph of modules itself; and it has compiled what
    // it has begun to compile.
    List<String> slow = List.of("-Xshare:off", "-Xbatch");
    for (long order : List.of(FORTH, BACK)) {
      assertThat(run(slow, order)).isEqualTo(run(List.of(), order));
    }
  }

  @Test
  @DisplayName("a JVM that cannot be instrumented keeps the order that it has")
  void cannotAttach() throws Exception {
    List<String> printed = run(List.of("-XX:+DisableAttachMechanism"), FORTH, BACK);
    String kept = printed.get(0).replace("kept ", "");
    assertThat(printed.get(1)).isEqualTo("kept " + kept);
  }

  /** Takes orders, and prints how it iterates in each, when that is compiled. */
  public static final class Program {
    private static final Set<Integer> TWO = Set.of(1, 2);
    private static final Set<String> SET = Set.of("alpha", "beta", "gamma", "delta", "epsilon");
    private static final Map<Integer, String> MAP = Map.of(1, "a", 2, "b", 3, "c", 4, "d", 5, "e");

    private Program() {}

    public static void main(String[] args) {
      for (String order : args) {
        String kept = SetOrder.give(Long.parseLong(order)) ? "" : "kept ";
        String iterated = "";
        for (int i = 0; i < 30_000; i++) {
          iterated = iterated();
        }
        System.out.println(kept + iterated);
      }
    }

    private static String iterated() {
      StringBuilder all = new StringBuilder();
      for (int i : TWO) {
        all.append(i);
      }
      for (String s : SET) {
        all.append(s);
      }
      for (Map.Entry<Integer, String> e : MAP.entrySet()) {
        all.append(e.getKey()).append(e.getValue());
      }
      return all.append(new ArrayList<>(SET)).append(List.of(TWO.toArray())).toString();
    }
  }
}
