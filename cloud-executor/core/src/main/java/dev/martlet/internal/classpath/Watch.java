package dev.martlet.internal.classpath;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The resources in directories that answers were made of, so that a changed one is noticed before
 * an answer that was kept is used again. Of what is not there the nearest directory that is is
 * watched, which changes when something comes into it. Classes need no watching: this JVM has them
 * as it has told. Thread-safe.
 */
final class Watch {
  /** To look at more would take longer than to be asked. */
  private static final int MOST = 500;

  private static final Stamp NOTHING = new Stamp(-1, 0, 0);

  private final Map<Path, Stamp> seen = new ConcurrentHashMap<>();
  private int changes;

  /** Watches what a directory has by a name; to be called before that is read. */
  void add(Path root, Path file) {
    Path p = file;
    while (!p.equals(root) && !Files.exists(p)) {
      Path above = p.getParent();
      p = above == null ? root : above;
    }
    seen.putIfAbsent(p, stamp(p));
  }

  /** Returns whether there is no room for more. */
  boolean isFull() {
    return seen.size() >= MOST;
  }

  /** Looks at all, and returns how often something was found to be changed. */
  synchronized int changes() {
    for (Map.Entry<Path, Stamp> e : seen.entrySet()) {
      if (!e.getValue().equals(stamp(e.getKey()))) {
        // All answers are void, and those that are still wanted will be asked for again.
        seen.clear();
        changes++;
        break;
      }
    }
    return changes;
  }

  private static Stamp stamp(Path p) {
    try {
      return Stamp.of(p);
    } catch (IOException e) {
      return NOTHING;
    }
  }
}
