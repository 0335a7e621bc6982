package dev.martlet.internal.config;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;

class NearestPropertyTest {
  @Property
  @Label("the distance is that of a metric: zero for the same, symmetric, never longer by a detour")
  void metric(
      @ForAll @StringLength(max = 8) @CharRange(from = 'a', to = 'c') String a,
      @ForAll @StringLength(max = 8) @CharRange(from = 'a', to = 'c') String b,
      @ForAll @StringLength(max = 8) @CharRange(from = 'a', to = 'c') String c) {
    assertThat(Nearest.edits(a, b) == 0).isEqualTo(a.equals(b));
    assertThat(Nearest.edits(a, b)).isEqualTo(Nearest.edits(b, a));
    assertThat(Nearest.edits(a, c)).isLessThanOrEqualTo(Nearest.edits(a, b) + Nearest.edits(b, c));
  }
}
