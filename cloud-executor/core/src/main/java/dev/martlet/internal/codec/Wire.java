package dev.martlet.internal.codec;

/**
 * The tokens in front of values.
 *
 * <p>A value is a token and what belongs to it. A new object is its class and, for arrays, its
 * length; it gets the next number, and its content follows after that of all objects with smaller
 * numbers, so neither side ever recurses. Small numbers stand in for objects met before. What is
 * without parts is written on the spot, and so is the image of a long array. The identity hash code
 * of an object, where it matters, stands before its class.
 */
final class Wire {
  static final int NULL = 0;
  static final int TRUE = 1;
  static final int FALSE = 2;
  static final int INT = 3;
  static final int LONG = 4;
  static final int DOUBLE = 5;
  static final int FLOAT = 6;
  static final int SHORT = 7;
  static final int BYTE = 8;
  static final int CHAR = 9;
  static final int STRING = 10;
  static final int CLASS = 11;
  static final int ENUM = 12;
  static final int ENUM_WITH_STATE = 13;
  static final int CONSTANT = 14;
  static final int OBJECT = 15;
  static final int ATOM = 16;
  static final int REPLACED = 17;
  static final int PRUNED = 18;
  static final int STANDARD_STREAM = 19;
  static final int LITERAL = 20;
  static final int IMAGE = 21;
  static final int HASHED = 22;
  static final int BACK = 23;

  private Wire() {}
}
