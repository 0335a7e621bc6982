package dev.martlet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.io.File;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks see the JVM-wide state of the client, as it is when they are sent. */
@Timeout(60)
class SurroundingsTest {
  private static CloudExecutorService pool;

  @BeforeAll
  static void start() {
    pool = CloudExecutors.builder().parallelism(2).workers(1).strict(true).build();
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  private static <T> T away(Callable<T> task) throws Exception {
    return pool.submit(task).get();
  }

  @Test
  @DisplayName("the default locales, also when they change between two tasks")
  void locale() throws Exception {
    Locale former = Locale.getDefault();
    try {
      for (Locale l : List.of(Locale.GERMANY, Locale.JAPAN, new Locale("no", "NO", "NY"))) {
        Locale.setDefault(l);
        assertThat(SurroundingsTest.<Locale>away(Locale::getDefault)).isEqualTo(l);
        assertThat(away(() -> String.format("%,.2f", 12345.678)))
            .isEqualTo(String.format("%,.2f", 12345.678));
      }
      Locale.setDefault(Locale.Category.FORMAT, Locale.FRANCE);
      assertThat(away(() -> Locale.getDefault(Locale.Category.FORMAT))).isEqualTo(Locale.FRANCE);
      assertThat(away(() -> Locale.getDefault(Locale.Category.DISPLAY)))
          .isEqualTo(Locale.getDefault(Locale.Category.DISPLAY));
    } finally {
      Locale.setDefault(former);
    }
    assertThat(SurroundingsTest.<Locale>away(Locale::getDefault)).isEqualTo(former);
  }

  @Test
  @DisplayName("the default time zone, also when it changes between two tasks")
  void zone() throws Exception {
    TimeZone former = TimeZone.getDefault();
    try {
      for (String id : List.of("Asia/Tokyo", "America/New_York", "GMT+03:30")) {
        TimeZone.setDefault(TimeZone.getTimeZone(id));
        assertThat(away(() -> TimeZone.getDefault().getID())).isEqualTo(id);
      }
    } finally {
      TimeZone.setDefault(former);
    }
    assertThat(away(() -> TimeZone.getDefault().getID())).isEqualTo(former.getID());
  }

  @Test
  @DisplayName("system properties, also when they are set, changed and removed between two tasks")
  void properties() throws Exception {
    String name = "surroundings.test";
    assertThat(away(() -> System.getProperty(name))).isNull();
    System.setProperty(name, "a");
    try {
      assertThat(away(() -> System.getProperty(name))).isEqualTo("a");
      System.setProperty(name, "b");
      assertThat(away(() -> System.getProperty(name))).isEqualTo("b");
    } finally {
      System.clearProperty(name);
    }
    assertThat(away(() -> System.getProperty(name))).isNull();
    for (String p : List.of("java.class.path", "user.name", "line.separator", "user.dir")) {
      assertThat(away(() -> System.getProperty(p))).isEqualTo(System.getProperty(p));
    }
  }

  @Test
  @DisplayName("the default charset")
  void charset() throws Exception {
    assertThat(away(() -> Charset.defaultCharset().name()))
        .isEqualTo(Charset.defaultCharset().name());
  }

  private static boolean assertions() {
    boolean on = false;
    assert on = true;
    return on;
  }

  @Test
  @DisplayName("whether assertions are enabled")
  void assertionStatus() throws Exception {
    assertThat(away(SurroundingsTest::assertions)).isEqualTo(assertions());
  }

  @Test
  @DisplayName("the working directory")
  void directory() throws Exception {
    assertThat(away(() -> new File("pom.xml").getAbsolutePath()))
        .isEqualTo(new File("pom.xml").getAbsolutePath());
    Path here = Files.createTempFile(Path.of("target"), "here", ".txt");
    try {
      String relative = here.toString();
      assertThat(away(() -> new File(relative).exists())).isTrue();
    } finally {
      Files.delete(here);
    }
  }

  @Test
  @DisplayName("environment variables and system properties that the builder passes on")
  void passedOn() throws Exception {
    try (CloudExecutorService p =
        CloudExecutors.builder()
            .parallelism(1)
            .workers(1)
            .strict(true)
            .environment("SURROUNDINGS_TEST", "variable")
            .systemProperty("surroundings.passed", "property")
            .build()) {
      assertThat(p.submit(() -> System.getenv("SURROUNDINGS_TEST")).get()).isEqualTo("variable");
      assertThat(p.submit(() -> System.getProperty("surroundings.passed")).get())
          .isEqualTo("property");
      System.setProperty("surroundings.other", "x");
      try {
        assertThat(p.submit(() -> System.getProperty("surroundings.passed")).get())
            .isEqualTo("property");
      } finally {
        System.clearProperty("surroundings.other");
      }
    }
    assertThat(System.getProperty("surroundings.passed")).isNull();
  }

  @Test
  @DisplayName("the context class loader of whoever made the pool")
  void contextLoader() throws Exception {
    Thread maker = Thread.currentThread();
    ClassLoader former = maker.getContextClassLoader();
    Path directory = Files.createTempDirectory("context");
    Path resource = Files.writeString(directory.resolve("only-there.txt"), "found");
    try (URLClassLoader loader =
        new URLClassLoader("mine", new URL[] {directory.toUri().toURL()}, former)) {
      maker.setContextClassLoader(loader);
      try (CloudExecutorService own =
          CloudExecutors.builder().parallelism(1).strict(true).build()) {
        Callable<String> task =
            () -> {
              ClassLoader context = Thread.currentThread().getContextClassLoader();
              try (InputStream in = context.getResourceAsStream("only-there.txt")) {
                return context.getName()
                    + " "
                    + new String(in.readAllBytes(), StandardCharsets.UTF_8);
              }
            };
        assertThat(own.submit(task).get()).isEqualTo("mine found");
      }
      maker.setContextClassLoader(null);
      try (CloudExecutorService own =
          CloudExecutors.builder().parallelism(1).strict(true).build()) {
        assertThat(own.submit(() -> Thread.currentThread().getContextClassLoader()).get()).isNull();
      }
    } finally {
      maker.setContextClassLoader(former);
      Files.delete(resource);
      Files.delete(directory);
    }
  }
}
