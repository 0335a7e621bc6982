package dev.martlet.internal.capture;

import java.util.Set;

/**
 * Code of the JDK that works on nothing but its arguments: it sees neither its thread nor the JVM's
 * state, and nobody sees what it does.
 */
final class Quiet {
  private static final Set<String> CLASSES =
      Set.of(
          "java/lang/Boolean",
          "java/lang/Byte",
          "java/lang/CharSequence",
          "java/lang/Character",
          "java/lang/Comparable",
          "java/lang/Double",
          "java/lang/Float",
          "java/lang/Integer",
          "java/lang/Iterable",
          "java/lang/Long",
          "java/lang/Math",
          "java/lang/Number",
          "java/lang/Object",
          "java/lang/Record",
          "java/lang/Short",
          "java/lang/StrictMath",
          "java/lang/String",
          "java/lang/StringBuilder",
          "java/lang/Exception",
          "java/lang/RuntimeException",
          "java/lang/IllegalArgumentException",
          "java/lang/IllegalStateException",
          "java/lang/ArithmeticException",
          "java/lang/UnsupportedOperationException",
          "java/math/BigDecimal",
          "java/math/BigInteger",
          "java/util/AbstractCollection",
          "java/util/AbstractList",
          "java/util/AbstractMap",
          "java/util/ArrayDeque",
          "java/util/ArrayList",
          "java/util/Arrays",
          "java/util/BitSet",
          "java/util/Collection",
          "java/util/Collections",
          "java/util/Comparator",
          "java/util/Deque",
          "java/util/HashMap",
          "java/util/HashSet",
          "java/util/Iterator",
          "java/util/LinkedHashMap",
          "java/util/LinkedHashSet",
          "java/util/LinkedList",
          "java/util/List",
          "java/util/ListIterator",
          "java/util/Map",
          "java/util/Map$Entry",
          "java/util/NoSuchElementException",
          "java/util/Objects",
          "java/util/Optional",
          "java/util/OptionalDouble",
          "java/util/OptionalInt",
          "java/util/OptionalLong",
          "java/util/PriorityQueue",
          "java/util/Queue",
          "java/util/Set",
          "java/util/StringJoiner",
          "java/util/TreeMap",
          "java/util/TreeSet");
  private static final Set<String> PACKAGES = Set.of("java/util/function/", "java/util/stream/");
  private static final Set<String> NAMES =
      Set.of(
          "close",
          "finalize",
          "format",
          "formatted",
          "getBoolean",
          "getBytes",
          "getInteger",
          "getLong",
          "intern",
          "notify",
          "notifyAll",
          "onClose",
          "parallel",
          "parallelStream",
          "printStackTrace",
          "random",
          "shuffle",
          "toLowerCase",
          "toUpperCase",
          "wait");

  private Quiet() {}

  /** Returns whether a method is of this kind. */
  static boolean is(String owner, String name) {
    if (NAMES.contains(name) || name.startsWith("parallel") || name.startsWith("synchronized")) {
      return false;
    }
    int end = owner.lastIndexOf('/') + 1;
    return CLASSES.contains(owner) || PACKAGES.contains(owner.substring(0, end));
  }
}
