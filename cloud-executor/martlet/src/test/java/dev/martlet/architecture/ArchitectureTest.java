package dev.martlet.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the arrows between modules and between the rooms of core. */
class ArchitectureTest {
  private static final String INTERNAL = "dev.martlet.internal..";
  private static final String ROOM = "dev.martlet.internal.";

  private static final JavaClasses MARTLET =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("/shaded"))
          .withImportOption(location -> !location.contains("martlet-shaded"))
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.martlet");

  private static String[] rooms(String... names) {
    String[] rooms = new String[names.length];
    for (int i = 0; i < names.length; i++) {
      rooms[i] = ROOM + names[i] + "..";
    }
    return rooms;
  }

  @ParameterizedTest
  @DisplayName("every room is seen by these rules")
  @ValueSource(
      strings = {
        "agent",
        "bridge",
        "capture",
        "classpath",
        "codec",
        "config",
        "dispatch",
        "effects",
        "envelope",
        "executor",
        "forkjoin",
        "function",
        "job",
        "leaf",
        "local",
        "log",
        "premain",
        "streams",
        "threads",
        "worker"
      })
  void seen(String room) {
    assertThat(MARTLET.that(resideInAPackage(ROOM + room + ".."))).isNotEmpty();
  }

  @Test
  @DisplayName("the API depends on nothing, so no internal type is in its signatures")
  void api() {
    classes()
        .that()
        .resideInAnyPackage("dev.martlet", "dev.martlet.spi")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "org.jspecify..", "dev.martlet", "dev.martlet.spi")
        .check(MARTLET);
  }

  @Test
  @DisplayName("third-party libraries are used in Martlet's own package, but for SLF4J")
  void libraries() {
    classes()
        .that()
        .resideInAPackage("dev.martlet..")
        .and()
        .doNotHaveSimpleName("QuietMemory") // the one that names sun.misc.Unsafe
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "javax..",
            "com.sun.management..",
            "org.slf4j..",
            "org.jspecify..",
            "com.google.errorprone.annotations..",
            "dev.martlet..")
        .check(MARTLET);
  }

  @Test
  @DisplayName("core and worker do not know the fork/join bridge")
  void bridge() {
    noClasses()
        .that(
            resideInAPackage(INTERNAL)
                .and(not(resideInAnyPackage(rooms("bridge", "forkjoin", "streams")))))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(rooms("bridge", "forkjoin", "streams"))
        .check(MARTLET);
  }

  @Test
  @DisplayName("core does not know the worker")
  void worker() {
    noClasses()
        .that(resideInAPackage(INTERNAL).and(not(resideInAnyPackage(rooms("worker")))))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(rooms("worker"))
        .check(MARTLET);
  }

  @ParameterizedTest
  @DisplayName("capture, class path, codec and effects know nothing of calls and of who runs them")
  @ValueSource(strings = {"capture", "classpath", "codec", "effects"})
  void calls(String room) {
    noClasses()
        .that()
        .resideInAPackage(ROOM + room + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(rooms("dispatch", "executor", "local"))
        .check(MARTLET);
  }

  @Test
  @DisplayName("the codec knows neither tasks nor effects")
  void codec() {
    noClasses()
        .that()
        .resideInAPackage(ROOM + "codec..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(rooms("capture", "effects", "config"))
        .check(MARTLET);
  }

  @Test
  @DisplayName("the executor does not know the local platform")
  void executor() {
    noClasses()
        .that()
        .resideInAPackage(ROOM + "executor..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(rooms("local"))
        .check(MARTLET);
  }

  @ParameterizedTest
  @DisplayName("agent, settings and logging know no other room but each other")
  @ValueSource(strings = {"agent", "config", "log"})
  void foundations(String room) {
    classes()
        .that()
        .resideInAPackage(ROOM + room + "..")
        .should()
        .onlyDependOnClassesThat(
            not(resideInAPackage(INTERNAL))
                .or(resideInAnyPackage(rooms("agent", "config", "log", "shaded"))))
        .check(MARTLET);
  }

  @Test
  @DisplayName("the rooms are free of cycles")
  void cycles() {
    slices().matching(ROOM + "(*)..").should().beFreeOfCycles().check(MARTLET);
    slices().matching(ROOM + "worker.(*)..").should().beFreeOfCycles().check(MARTLET);
  }
}
