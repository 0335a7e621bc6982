package dev.martlet.internal.codec;

/**
 * Names of the static methods through which woven code on a worker makes method references to the
 * JDK, so that what they do is seen. A reference that comes in refers to the bridge, if its maker
 * has one.
 */
public final class Bridges {
  private static final String PREFIX = "$martlet$of|";

  private Bridges() {}

  /** Returns the name of a bridge to a static method, likewise. */
  public static String ofStatic(String owner, String method, boolean dropped) {
    return name('|' + owner, method, dropped);
  }

  /**
   * Returns the name of a bridge. Its parameters are the receiver and the method's own.
   *
   * @param owner the internal name of the class that the method is called on
   * @param method the method's name
   * @param dropped whether nobody sees the result
   */
  public static String name(String owner, String method, boolean dropped) {
    return PREFIX + owner.replace('/', '|') + '|' + method + '|' + (dropped ? '1' : '0');
  }
}
