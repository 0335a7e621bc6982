package dev.martlet.internal.classpath;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ClassWorldPropertyTest {
  @Property(tries = 500)
  void garbage_is_answered_with_an_error_or_an_answer(
      @ForAll @IntRange(max = 9) int type, @ForAll @Size(max = 200) byte[] rest) throws Exception {
    Path cache = Files.createTempDirectory("world");
    ClassWorld world = new ClassWorld(Set.of(), cache);
    ByteBuffer question = ByteBuffer.allocate(1 + rest.length).put((byte) type).put(rest).flip();
    ByteBuffer answer = world.answer(question);
    assertThat(answer.get(0)).isBetween(Wire.OK, Wire.ERROR);
    if (type == 0 || type > Wire.RESOURCES) {
      assertThat(answer.get(0)).isEqualTo(Wire.ERROR);
    }
    try (var files = Files.walk(cache)) {
      for (Path p : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(p);
      }
    }
  }
}
