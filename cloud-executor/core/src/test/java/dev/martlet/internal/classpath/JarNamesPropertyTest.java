package dev.martlet.internal.classpath;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;

class JarNamesPropertyTest {
  private static JarNames sent(JarNames names) {
    Wire.Writer out = new Wire.Writer(Wire.OK);
    names.write(out);
    Wire.Reader in = new Wire.Reader(out.done());
    assertThat(in.get()).isEqualTo(Wire.OK);
    JarNames read = JarNames.read(in);
    in.end();
    return read;
  }

  @Property
  @Label("a jar may have what it has, and nothing whose hash code is no name's")
  void all(@ForAll Set<String> names, @ForAll List<String> others, @ForAll boolean multiRelease) {
    JarNames sent = sent(JarNames.of(names, multiRelease));
    assertThat(names).allMatch(sent::mayHave);
    Set<Integer> hashes = new HashSet<>();
    names.forEach(n -> hashes.add(n.hashCode()));
    assertThat(others).allMatch(n -> sent.mayHave(n) == hashes.contains(n.hashCode()));
  }

  @Example
  @Label("what a jar has for one version of Java, it may have by its name without that")
  void versions() {
    List<String> names = List.of("META-INF/versions/17/a/B.class", "META-INF/versions/x");
    JarNames multiRelease = sent(JarNames.of(names, true));
    assertThat(multiRelease.mayHave("a/B.class")).isTrue();
    assertThat(multiRelease.mayHave("x")).isFalse();
    assertThat(names).allMatch(multiRelease::mayHave);
    assertThat(sent(JarNames.of(names, false)).mayHave("a/B.class")).isFalse();
  }

  @Example
  @Label("of a hundred thousand other names, a jar with thousands seems to have hardly any")
  void others() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      names.add("org/example/p" + i % 70 + "/Type" + i + "$Inner.class");
    }
    JarNames sent = sent(JarNames.of(names, false));
    int wrong = 0;
    for (int i = 0; i < 100_000; i++) {
      wrong += sent.mayHave("org/other/q" + i % 70 + "/Class" + i + ".class") ? 1 : 0;
    }
    assertThat(wrong).isLessThan(100);
  }
}
