package dev.martlet.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.martlet.CallStatistics.Place;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.PoolStatistics;
import dev.martlet.RemoteTaskException;
import dev.martlet.UncapturableException;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Objects, results and exceptions that cannot travel. */
class CapturesTest {
  @RegisterExtension final Watchdog watchdog = new Watchdog();
  @TempDir Path directory;
  private final Logger martlet = (Logger) LoggerFactory.getLogger("dev.martlet");
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void listen() {
    log.start();
    martlet.addAppender(log);
  }

  @AfterEach
  void nothingIsLeft() {
    martlet.detachAppender(log);
    Workers.awaitNone();
  }

  private List<String> warnings() {
    return List.copyOf(log.list).stream()
        .filter(e -> e.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  @DisplayName("a task that has more than can travel runs at home; if strict, it is refused")
  void tooMuch() throws Exception {
    long[] much = new long[100_000];
    much[7] = 42;
    System.setProperty("martlet.internal.longestTask", "500000");
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1);
        CloudExecutorService strict = CloudExecutors.builder().strict(true).build()) {
      assertThat(pool.submit(() -> much[7]++).get()).isEqualTo(42);
      assertThat(much[7]).isEqualTo(43);
      assertThat(pool.statistics().home()).isEqualTo(1);
      assertThat(warnings()).singleElement().asString().contains("(long[])", "800,000", "500,000");
      UncapturableException e =
          catchThrowableOfType(UncapturableException.class, () -> strict.submit(() -> much[7]++));
      assertThat(e).hasMessageContaining("800,000");
      assertThat(much[7]).isEqualTo(43);
    } finally {
      System.clearProperty("martlet.internal.longestTask");
    }
  }

  /** Has what cannot travel. */
  static final class Service {
    final Socket connection;
    final String name;

    Service(Socket connection, String name) {
      this.connection = connection;
      this.name = name;
    }

    Callable<Boolean> connected() {
      return () -> connection.isConnected();
    }

    Callable<String> named() {
      return () -> name + Tasks.pid();
    }
  }

  private void runsAtHome(Callable<?> task, Object expected, String... says) throws Exception {
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      for (int i = 0; i < 3; i++) {
        assertThat((Object) pool.submit(task).get()).isEqualTo(expected);
      }
      PoolStatistics s = pool.statistics();
      assertThat(s.home()).isEqualTo(3);
      assertThat(s.away()).isZero();
      assertThat(s.bytesOut()).isZero();
      assertThat(s.recent()).allMatch(c -> c.place() == Place.HOME && c.attempts() == 0);
      assertThat(s.recent()).allSatisfy(c -> assertThat(c.reason()).contains(says));
    }
    assertThat(warnings()).hasSize(1);
    assertThat(warnings().get(0)).contains(says);
    assertThat(warnings().get(0)).contains("run at home", "CapturesTest");
    assertThat(warnings().get(0)).containsIgnoringCase("inside the task");
  }

  private static UncapturableException refused(CloudExecutorService pool, Callable<?> task) {
    UncapturableException e =
        catchThrowableOfType(UncapturableException.class, () -> pool.submit(task));
    assertThat(e).isNotNull();
    return e;
  }

  @Test
  @DisplayName("a task that reads a socket runs at home with one warning")
  void socket() throws Exception {
    Service service = new Service(new Socket(), "s");
    runsAtHome(service.connected(), false, "connection", "java.net.Socket");
  }

  @Test
  @DisplayName("a task that reads a thread runs at home with one warning")
  void thread() throws Exception {
    Thread thread = Thread.currentThread();
    String name = thread.getName();
    runsAtHome(() -> thread.getName(), name, "java.lang.Thread");
  }

  @Test
  @DisplayName("a task that reads an open stream runs at home with one warning")
  void stream() throws Exception {
    Path file = Files.writeString(directory.resolve("f"), "abc");
    try (InputStream in = new FileInputStream(file.toFile())) {
      runsAtHome(() -> in.available(), 3, "java.io.FileInputStream");
    }
  }

  @Test
  @DisplayName(
      "in strict mode such a task is refused by submit, with the path, and nothing is sent")
  void strict() throws Exception {
    Service service = new Service(new Socket(), "s");
    Thread thread = Thread.currentThread();
    try (CloudExecutorService pool = CloudExecutors.builder().parallelism(2).strict(true).build()) {
      for (int i = 0; i < 2; i++) {
        UncapturableException e = refused(pool, service.connected());
        assertThat(e.path()).contains("Service", "connection", "java.net.Socket");
        assertThat(e).hasMessageContaining(e.path());
        e = refused(pool, () -> thread.getName());
        assertThat(e.path()).contains("java.lang.Thread");
        assertThat(e.getMessage()).containsIgnoringCase("inside the task");
      }
      PoolStatistics s = pool.statistics();
      assertThat(s.submitted()).isZero();
      assertThat(s.bytesOut()).isZero();
      assertThat(s.coldStarts()).isZero();
    }
    assertThat(warnings()).isEmpty();
  }

  @Test
  @DisplayName("a task that never reads the socket of its object goes away")
  void prunes() throws Exception {
    try (ServerSocket server = new ServerSocket(0);
        Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
        CloudExecutorService pool = CloudExecutors.builder().parallelism(2).strict(true).build()) {
      String answer = pool.submit(new Service(socket, "s").named()).get();
      assertThat(answer).startsWith("s").isNotEqualTo("s" + Tasks.pid());
      assertThat(pool.statistics().away()).isEqualTo(1);
    }
    assertThat(warnings()).isEmpty();
  }

  /** Cannot be rebuilt, since what it carries cannot travel. */
  static final class Carrying extends IOException {
    private static final long serialVersionUID = 1L;
    final transient Object load;

    Carrying(String message, Object load) {
      super(message);
      this.load = load;
    }
  }

  @Test
  @DisplayName("a result that cannot travel fails its future with the path, and the worker lives")
  void result() throws Exception {
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      long pid = pool.submit(Tasks::pid).get();
      Future<?> future = pool.submit(() -> List.of("a", new Thread("t")));
      ExecutionException e = catchThrowableOfType(ExecutionException.class, future::get);
      assertThat(e.getCause()).isInstanceOf(UncapturableException.class);
      assertThat(((UncapturableException) e.getCause()).path()).contains("java.lang.Thread");
      assertThat(e.getCause()).hasMessageContaining("result");
      assertThat(pool.submit(Tasks::pid).get()).isEqualTo(pid);
    }
  }

  @Test
  @DisplayName("an exception that cannot travel arrives by name, and the worker lives")
  void exception() throws Exception {
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      long pid = pool.submit(Tasks::pid).get();
      Future<?> future =
          pool.submit(
              () -> {
                throw new Carrying("lost\nfor ever", new ByteArrayStream());
              });
      ExecutionException e = catchThrowableOfType(ExecutionException.class, future::get);
      assertThat(e.getCause()).isInstanceOf(RemoteTaskException.class);
      assertThat(e.getCause()).hasMessageContaining("Carrying").hasMessageContaining("lost");
      UncapturableException why = (UncapturableException) e.getCause().getSuppressed()[0];
      assertThat(why.path()).contains("load", "java.lang.Thread");
      assertThat(e.getCause().getStackTrace()[0].getClassName()).contains("CapturesTest");
      assertThat(pool.submit(Tasks::pid).get()).isEqualTo(pid);
    }
  }

  /** Has a thread. */
  static final class ByteArrayStream extends ByteArrayInputStream {
    final Thread thread = new Thread("t");

    ByteArrayStream() {
      super(new byte[1]);
    }
  }
}
