package dev.martlet.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ClassFactsTest {
  @Test
  void everyClassOfTheClassPathCanBeRead() throws Exception {
    int read = 0;
    for (Class<?> sample :
        List.of(ClassFacts.class, ClassFactsTest.class, org.assertj.core.api.Assertions.class)) {
      try (var files = classFiles(sample)) {
        for (byte[] bytes : files.toList()) {
          ClassFacts facts = ClassFacts.read(bytes);
          assertThat(facts).isNotNull();
          for (MethodFacts method : facts.methods.values()) {
            assertThat(facts.scan(method).opaque()).isNotEqualTo("unreadable code");
          }
          read++;
        }
      }
    }
    assertThat(read).isGreaterThan(300);
  }

  private static Stream<byte[]> classFiles(Class<?> sample) throws Exception {
    Path place = Path.of(sample.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path root = Files.isDirectory(place) ? place : FileSystems.newFileSystem(place).getPath("/");
    return Files.walk(root)
        .filter(p -> p.toString().endsWith(".class") && !p.toString().contains("module-info"))
        .map(
            p -> {
              try {
                return Files.readAllBytes(p);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }
}
