package dev.martlet.internal.function;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What new instances need of what goes along with their first requests, told by what they say that
 * they have used. What several in a row got in vain need not go along; if one needs it after all,
 * it does again, and for longer. Questions are told apart by their hash codes: if two have the
 * same, one goes along in vain. Not thread-safe.
 */
final class Needs {
  // One instance that needs what did not go along waits longer than those to which it goes in vain.
  private static final int IN_VAIN = 8;

  private static final int LONGEST = 1 << 10;
  private static final int MOST = 100_000;

  private final Map<Integer, Need> all = new HashMap<>();

  /** Of one answer. */
  private static final class Need {
    int misses;
    int most = IN_VAIN;
    boolean used;

    boolean isVain() {
      return misses >= most;
    }
  }

  /**
   * An instance has needed answers.
   *
   * @return whether one of them was in vain until now
   */
  boolean used(Collection<Integer> questions) {
    boolean changed = false;
    for (int q : questions) {
      Need n = need(q);
      if (n.isVain()) {
        changed = true;
        n.most = Math.min(LONGEST, 2 * n.most);
      }
      n.misses = 0;
      n.used = true;
    }
    return changed;
  }

  /**
   * An answer went along to an instance that has said what it needed.
   *
   * @return whether it is in vain from now on
   */
  boolean given(int question) {
    Need n = need(question);
    if (n.used) {
      n.used = false;
      return false;
    }
    return ++n.misses == n.most;
  }

  /** Returns whether an answer would probably go along in vain. */
  boolean isVain(int question) {
    Need n = all.get(question);
    return n != null && n.isVain();
  }

  private Need need(int question) {
    if (all.size() >= MOST) {
      all.clear();
    }
    return all.computeIfAbsent(question, q -> new Need());
  }
}
