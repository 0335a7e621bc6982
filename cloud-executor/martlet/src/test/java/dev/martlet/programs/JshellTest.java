package dev.martlet.programs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.execution.LocalExecutionControlProvider;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tasks whose classes were made at run time, in a JShell of this JVM. */
public class JshellTest {
  /** The pool that the snippets use. */
  public static volatile ExecutorService pool;

  private record Session(String name, String source, String expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Session> sessions() {
    return Stream.of(
        new Session("lambda", "int x = 41; pool.submit(() -> x + 1).get()", "42"),
        new Session(
            "captured local",
            "int f(int n) throws Exception { return pool.submit(() -> n * 3).get(); } f(5)",
            "15"),
        new Session(
            "method",
            "int twice(int n) { return 2 * n; } pool.submit(() -> twice(21)).get()",
            "42"),
        new Session(
            "class",
            "class Task implements Callable<String> { final String s; Task(String s) { this.s = s; }"
                + " public String call() { return s + s; } }"
                + " pool.submit(new Task(\"ab\")).get()",
            "\"abab\""),
        new Session(
            "record",
            "record P(int a, int b) {} P p = new P(1, 2);"
                + " pool.submit(() -> new P(p.b(), p.a())).get().a()",
            "2"),
        new Session(
            "redefined method",
            "int g() { return 1; } pool.submit(() -> g()).get(); int g() { return 2; }"
                + " pool.submit(() -> g()).get()",
            "2"),
        new Session(
            "array filled",
            "int[] a = new int[3]; for (int i = 0; i < 3; i++) { int n = i;"
                + " pool.submit(() -> a[n] = n + 7).get(); } Arrays.toString(a)",
            "\"[7, 8, 9]\""),
        new Session(
            "exception",
            "class E extends Exception { E() { super(\"own\"); } } String m = \"\";"
                + " try { pool.submit(() -> { throw new E(); }).get(); }"
                + " catch (ExecutionException e) { m = e.getCause().getMessage(); } m",
            "\"own\""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("sessions")
  @DisplayName("a session gives what it should on a JDK pool")
  void onJdkPool(Session session) {
    ExecutorService jdk = Executors.newFixedThreadPool(2);
    try {
      assertThat(run(session, jdk)).isEqualTo(session.expected());
    } finally {
      jdk.shutdownNow();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("sessions")
  @DisplayName("a session gives the same on a Martlet pool")
  void onMartletPool(Session session) {
    ExecutorService martlet = Pools.martlet(2, false);
    try {
      assertThat(run(session, martlet)).isEqualTo(session.expected());
    } finally {
      martlet.shutdownNow();
    }
  }

  @Test
  @DisplayName("a task defined in JShell runs on a worker")
  void runsAway() {
    ExecutorService strict = Pools.martlet(2, true);
    try {
      Session session = sessions().findFirst().orElseThrow();
      assertThat(run(session, strict)).isEqualTo(session.expected());
    } finally {
      strict.shutdownNow();
    }
  }

  private static String run(Session session, ExecutorService on) {
    return Guard.call("JShell session " + session, () -> last(session.source(), on));
  }

  private static String last(String source, ExecutorService on) {
    pool = on;
    Thread.UncaughtExceptionHandler former = Thread.getDefaultUncaughtExceptionHandler();
    try (JShell shell =
        JShell.builder().executionEngine(new LocalExecutionControlProvider(), Map.of()).build()) {
      shell.addToClasspath(System.getProperty("java.class.path"));
      String value = null;
      for (String line :
          List.of(
              "import java.util.*;",
              "import java.util.concurrent.*;",
              "import static dev.martlet.programs.JshellTest.pool;",
              source)) {
        value = eval(shell, line);
      }
      return value;
    } finally {
      // JShell leaves one of its own, and tasks that it concerns run at home then.
      Thread.setDefaultUncaughtExceptionHandler(former);
      pool = null;
    }
  }

  private static String eval(JShell shell, String source) {
    String value = null;
    String rest = source;
    while (!rest.isBlank()) {
      CompletionInfo next = shell.sourceCodeAnalysis().analyzeCompletion(rest);
      for (SnippetEvent event : shell.eval(next.source())) {
        if (event.exception() != null) {
          throw new AssertionError(next.source(), event.exception());
        }
        assertThat(event.status())
            .as(() -> next.source() + shell.diagnostics(event.snippet()).toList())
            .isNotEqualTo(Snippet.Status.REJECTED);
        if (event.causeSnippet() == null) {
          value = event.value();
        }
      }
      rest = next.remaining();
    }
    return value;
  }
}
