package dev.martlet.internal.agent;

/**
 * Gives a new object the identity hash code that another JVM's object has, for which it stands. The
 * JVM keeps the hash code in the first word of an object, from when it is first asked for; where in
 * that word is found out by trying. Where it is not as expected, hash codes cannot be given.
 */
public final class IdentityHash {
  private static final long MASK = 0x7FFF_FFFFL;
  private static final int PROBE = 0x6BCD_EF01;

  // The lowest bits of the word of an object that nobody has locked, nor a thread reserved by a
  // bias.
  private static final long STATE = 7;
  private static final long UNLOCKED = 1;

  private static final int NOWHERE = -1;
  private static final int SHIFT = find();

  private IdentityHash() {}

  /** Returns whether this JVM lets hash codes be given. */
  public static boolean canBeGiven() {
    return SHIFT != NOWHERE;
  }

  /** Returns the hash code that an object has, or 0 if nobody seems to have asked for it. */
  public static int known(Object o) {
    if (SHIFT == NOWHERE) {
      return 0;
    }
    long word = Memory.getLong(o, 0);
    return (word & STATE) == UNLOCKED ? (int) (word >>> SHIFT & MASK) : System.identityHashCode(o);
  }

  /**
   * Gives an object a hash code.
   *
   * @param hash what {@link System#identityHashCode} gave elsewhere
   * @return whether the object has that hash code now; not if it had another, or is locked
   */
  public static boolean give(Object o, int hash) {
    return SHIFT != NOWHERE && hash > 0 && write(o, hash, SHIFT);
  }

  private static boolean write(Object o, int hash, int shift) {
    long word;
    do {
      word = Memory.getLong(o, 0);
      if ((word & STATE) != UNLOCKED || (word >>> shift & MASK) != 0) {
        return (word & STATE) == UNLOCKED && (word >>> shift & MASK) == hash;
      }
      // The garbage collector changes its own bits of the word.
    } while (!Memory.compareAndSetLong(o, 0, word, word | (long) hash << shift));
    return true;
  }

  private static int find() {
    try {
      Object asked = new Object();
      long before = Memory.getLong(asked, 0);
      int hash = System.identityHashCode(asked);
      int shift = shift(before, Memory.getLong(asked, 0), hash);
      Object given = new Object();
      boolean works =
          shift != NOWHERE
              && write(given, PROBE, shift)
              && System.identityHashCode(given) == PROBE
              && System.identityHashCode(asked) == hash;
      return works ? shift : NOWHERE;
    } catch (RuntimeException | LinkageError e) {
      return NOWHERE;
    }
  }

  /** Returns where a hash code is that made one word of an object another, and nothing else. */
  private static int shift(long before, long after, int hash) {
    for (int shift = 2; hash > 0 && shift <= 33; shift++) {
      if ((before ^ after) == (long) hash << shift && (before >>> shift & MASK) == 0) {
        return (before & STATE) == UNLOCKED ? shift : NOWHERE;
      }
    }
    return NOWHERE;
  }
}
