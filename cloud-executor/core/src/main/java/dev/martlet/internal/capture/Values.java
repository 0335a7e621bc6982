package dev.martlet.internal.capture;

import dev.martlet.internal.capture.MethodFacts.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The values that one method handles, and what is known of each: where it may come from, whether it
 * certainly is an object that the method has made itself, whether others may get to know it.
 *
 * <p>Where paths meet with different values, nothing is known but what holds for each. Local
 * variables are taken without regard to order: one is fresh only if all that is ever stored in it
 * is.
 */
final class Values {
  static final String OBJECT = "java/lang/Object";

  enum Kind {
    OTHER,
    NULL,
    ALLOCATED,
    LOCAL,
    RESULT,
    MERGED,
    ELEMENT
  }

  /**
   * Where a value on the stack comes from; the index is that of a site, a variable, a call, a list
   * of merged values or the array it is an element of.
   */
  record Value(Kind kind, int index, String type, @Nullable FieldRef field, boolean constant) {
    static Value of(Kind kind, int index, String type) {
      return new Value(kind, index, type, null, false);
    }

    // As the compiler's, which cost a new JVM milliseconds to link.
    @Override
    public int hashCode() {
      return 31 * (31 * kind.hashCode() + index) + type.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof Value v
          && kind == v.kind
          && index == v.index
          && type.equals(v.type)
          && Objects.equals(field, v.field)
          && constant == v.constant;
    }
  }

  /** Types that hold nothing which could be shared. */
  private static final Set<String> VALUES =
      Set.of(
          "java/lang/String",
          "java/lang/Boolean",
          "java/lang/Character",
          "java/lang/Byte",
          "java/lang/Short",
          "java/lang/Integer",
          "java/lang/Long",
          "java/lang/Float",
          "java/lang/Double");

  static final Value OTHER = Value.of(Kind.OTHER, 0, OBJECT);
  static final Value NULL = Value.of(Kind.NULL, 0, OBJECT);

  private final String method;
  private final int parameterSlots;
  private final Map<Integer, List<Value>> stores = new HashMap<>();
  private final Map<Integer, List<Value>> elements = new HashMap<>();
  private final Set<Integer> escapedSites = new HashSet<>();
  private final Set<Integer> escapedLocals = new HashSet<>();
  private final Set<Integer> usedResults = new HashSet<>();
  private final List<List<Value>> merges = new ArrayList<>();
  private final List<Value> arrays = new ArrayList<>();
  private int sites;

  /**
   * @param method the method's name
   * @param parameterSlots the number of local variables that are parameters
   */
  Values(String method, int parameterSlots) {
    this.method = method;
    this.parameterSlots = parameterSlots;
  }

  /** Returns a new object. */
  Value allocate(String type) {
    return Value.of(Kind.ALLOCATED, sites++, type);
  }

  /** Returns an element of an array. */
  Value element(Value array, String type) {
    arrays.add(array);
    return Value.of(Kind.ELEMENT, arrays.size() - 1, type);
  }

  /** Returns what is either of two. */
  Value either(Value x, Value y) {
    use(x);
    use(y);
    escape(x);
    escape(y);
    merges.add(List.of(x, y));
    String type = x.type.equals(y.type) ? x.type : OBJECT;
    return Value.of(Kind.MERGED, merges.size() - 1, type);
  }

  /** Notes what is stored in a local variable. */
  void store(int variable, Value value) {
    stores.computeIfAbsent(variable, v -> new ArrayList<>()).add(value);
  }

  /** Notes what is stored in an array. */
  void storeElement(Value array, Value element) {
    if (array.kind == Kind.ALLOCATED) {
      elements.computeIfAbsent(array.index, site -> new ArrayList<>()).add(element);
    }
  }

  /** Returns what has been stored in an array that this method has made, else the array. */
  List<Value> contents(Value array) {
    return array.kind == Kind.ALLOCATED && array.type.startsWith("[")
        ? elements.getOrDefault(array.index, List.of())
        : List.of(array);
  }

  /** Notes that the result of a call, by the call's index, is used. */
  void useResult(int call) {
    usedResults.add(call);
  }

  boolean isResultUsed(int call) {
    return usedResults.contains(call);
  }

  void use(Value value) {
    if (value.kind == Kind.RESULT) {
      usedResults.add(value.index);
    }
  }

  void escape(Value value) {
    if (value.kind == Kind.ALLOCATED) {
      escapedSites.add(value.index);
    } else if (value.kind == Kind.LOCAL) {
      escapedLocals.add(value.index);
    }
  }

  /** What escapes through a variable, escapes for every object that the variable may hold. */
  void spreadEscapes() {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Map.Entry<Integer, List<Value>> entry : stores.entrySet()) {
        if (escapedLocals.contains(entry.getKey())) {
          for (Value v : entry.getValue()) {
            int before = escapedSites.size() + escapedLocals.size();
            escape(v);
            changed |= escapedSites.size() + escapedLocals.size() > before;
          }
        }
      }
    }
  }

  /** The compiler keeps a locked object in a variable of its own; look through it. */
  Value lockedValue(Value value) {
    if (value.kind == Kind.LOCAL && value.index >= parameterSlots) {
      List<Value> stored = stores.getOrDefault(value.index, List.of());
      if (stored.size() == 1 && !stored.get(0).equals(value)) {
        return lockedValue(stored.get(0));
      }
    }
    return value;
  }

  /** In a constructor, fields of {@code this} are nobody else's yet. */
  boolean isOwn(Value value) {
    return value.kind == Kind.LOCAL
        && value.index == 0
        && method.equals("<init>")
        && !stores.containsKey(0);
  }

  /** Whether all that a value may be was made by this method. */
  boolean isFresh(Value value) {
    return isFresh(value, new HashSet<>());
  }

  private boolean isFresh(Value value, Set<Integer> seen) {
    return switch (value.kind) {
      case ALLOCATED -> true;
      case LOCAL -> {
        if (value.index < parameterSlots || !stores.containsKey(value.index)) {
          yield false;
        }
        if (!seen.add(value.index)) {
          yield true;
        }
        List<Value> stored = stores.getOrDefault(value.index, List.of());
        yield stored.stream().allMatch(v -> v.kind == Kind.NULL || isFresh(v, seen));
      }
      case MERGED ->
          merges.get(value.index).stream().allMatch(v -> v.kind == Kind.NULL || isFresh(v, seen));
      default -> false;
    };
  }

  /** Whether others may get to know an object that this method has made. */
  boolean escapes(Value value) {
    return escapes(value, new HashSet<>());
  }

  private boolean escapes(Value value, Set<Integer> seen) {
    return switch (value.kind) {
      case ALLOCATED -> escapedSites.contains(value.index);
      case LOCAL ->
          escapedLocals.contains(value.index)
              || (seen.add(value.index)
                  && stores.getOrDefault(value.index, List.of()).stream()
                      .anyMatch(v -> escapes(v, seen)));
      default -> true;
    };
  }

  MethodFacts.Operand operand(Value value) {
    return new MethodFacts.Operand(typeOf(value), sources(value));
  }

  Set<Source> sources(Value value) {
    return sources(List.of(value));
  }

  Set<Source> sources(List<Value> values) {
    Set<Source> found = new HashSet<>();
    Set<Value> seen = new HashSet<>();
    values.forEach(v -> collect(v, found, seen));
    return found;
  }

  private void collect(Value value, Set<Source> found, Set<Value> seen) {
    if (!seen.add(value) || VALUES.contains(value.type)) {
      return;
    }
    switch (value.kind) {
      case NULL, ALLOCATED -> {}
      case RESULT -> found.add(new Source(Source.Kind.RESULT, value.index, null));
      case MERGED -> merges.get(value.index).forEach(v -> collect(v, found, seen));
      case ELEMENT -> {
        Value array = arrays.get(value.index);
        collect(array, found, seen);
        found.add(new Source(Source.Kind.ELEMENT, 0, null));
      }
      case LOCAL -> {
        if (value.index < parameterSlots) {
          found.add(new Source(Source.Kind.PARAMETER, value.index, null));
        }
        List<Value> stored = stores.getOrDefault(value.index, List.of());
        stored.forEach(v -> collect(v, found, seen));
        if (value.index >= parameterSlots && stored.isEmpty()) {
          found.addAll(Source.ANYWHERE);
        }
      }
      case OTHER -> {
        if (value.field != null) {
          found.add(new Source(Source.Kind.FIELD, 0, value.field));
        } else if (!value.constant) {
          found.addAll(Source.ANYWHERE);
        }
      }
    }
  }

  String typeOf(Value value) {
    if (value.kind == Kind.LOCAL && value.index >= parameterSlots && value.type.equals(OBJECT)) {
      Set<String> types = new HashSet<>();
      for (Value v : stores.getOrDefault(value.index, List.of())) {
        types.add(v.kind == Kind.LOCAL && v.index == value.index ? OBJECT : v.type);
      }
      return types.size() == 1 ? types.iterator().next() : OBJECT;
    }
    return value.type;
  }
}
