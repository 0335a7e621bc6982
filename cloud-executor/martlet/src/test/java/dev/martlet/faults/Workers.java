package dev.martlet.faults;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;

/** The worker processes of this JVM. */
final class Workers {
  private Workers() {}

  /** Returns the children of this JVM. */
  static List<ProcessHandle> all() {
    return ProcessHandle.current().children().filter(ProcessHandle::isAlive).toList();
  }

  /** Kills a worker as by {@code kill -9}. */
  static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  /** Kills a random worker, if there is one that was started before a time. */
  static boolean killOne(Random random, Instant before) {
    List<ProcessHandle> all =
        all().stream()
            .filter(p -> p.info().startInstant().filter(before::isBefore).isEmpty())
            .toList();
    return !all.isEmpty() && all.get(random.nextInt(all.size())).destroyForcibly();
  }

  static void awaitNone() {
    await().atMost(Duration.ofSeconds(30)).until(() -> all().isEmpty());
  }

  static void awaitEnd(long pid) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
  }
}
