package dev.martlet.internal.effects;

import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.agent.Trusted;
import dev.martlet.internal.codec.LongBins;
import dev.martlet.internal.codec.WeakBins;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/** The entries of a map, or {@linkplain OfSet of a set} that is made of one. */
final class KeyedContents extends Contents {
  private static final MethodHandle HASH = hash();
  private static final MethodHandle PUT_VALUE = putValue();
  private static final MethodHandle GET_NODE = getNode();

  private static final int[] NONE = {};

  // A longer table is not made for so few entries, whoever says that it was as long.
  private static final int LONGEST = 1 << 20;
  private static final int PROPORTION = 64;

  private static final Class<?> OF_TREE;
  private static final long TABLE;

  static {
    try {
      OF_TREE = Class.forName("java.util.HashMap$TreeNode");
      TABLE = Memory.offset(HashMap.class.getDeclaredField("table"));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK has other hash maps", e);
    }
  }

  private static MethodHandle hash() {
    try {
      MethodType type = MethodType.methodType(int.class, Object.class);
      return Trusted.lookup().findStatic(HashMap.class, "hash", type);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK has no HashMap.hash", e);
    }
  }

  private static MethodHandle putValue() {
    MethodHandle h =
        special(
            HashMap.class,
            "putVal",
            Object.class,
            int.class,
            Object.class,
            Object.class,
            boolean.class,
            boolean.class);
    return MethodHandles.insertArguments(h, 4, false, false);
  }

  private static MethodHandle getNode() {
    try {
      Class<?> result = Class.forName("java.util.HashMap$Node");
      return special(HashMap.class, "getNode", result, Object.class)
          .asType(MethodType.methodType(Map.Entry.class, Object.class, Object.class));
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("this JDK has no HashMap.Node", e);
    }
  }

  private final Class<?> type;
  private final MethodHandle entries;
  private final MethodHandle put;
  private final MethodHandle remove;
  private final MethodHandle clear;
  private final long hash;

  KeyedContents(Class<?> type, Class<?> puts) {
    super(2);
    this.type = type;
    entries = special(type, "entrySet", Set.class);
    put = special(puts, "put", Object.class, Object.class, Object.class);
    remove = special(puts, "remove", Object.class, Object.class);
    clear = special(type, "clear", void.class);
    hash = hash(puts);
  }

  private static long hash(Class<?> type) {
    try {
      if (type == HashMap.class) {
        return Memory.offset(Class.forName("java.util.HashMap$Node").getDeclaredField("hash"));
      } else if (type == WeakHashMap.class) {
        return Memory.offset(Class.forName("java.util.WeakHashMap$Entry").getDeclaredField("hash"));
      }
      return -1;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK's " + type.getName() + " keeps no hash", e);
    }
  }

  @Override
  @Nullable Layout layout(Object o) {
    if (hash < 0) {
      return null;
    }
    try {
      Set<?> set = (Set<?>) entries.invokeExact(o);
      int[] hashes = new int[set.size()];
      int bins = length(o);
      int mask = bins - 1;
      boolean isLong = false;
      int run = 0;
      int i = 0;
      for (Object e : set) {
        if (i == hashes.length) {
          break;
        }
        int h = Memory.getInt(e, hash);
        if (i > 0 && ((h ^ hashes[i - 1]) & mask) == 0) {
          isLong |= ++run >= LongBins.LONG;
        } else {
          run = 1;
          isLong |= e.getClass() == OF_TREE;
        }
        hashes[i++] = h;
      }
      int[] shape = isLong && type == HashMap.class ? LongBins.ofHashMap().shape(o) : NONE;
      return new Layout(hashes, bins, shape, type == WeakHashMap.class);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Returns how long the table is, if that matters. */
  private int length(Object o) {
    if (type == HashMap.class) {
      Object[] table = (Object[]) Memory.getReference(o, TABLE);
      return table == null ? 0 : table.length;
    }
    return type == WeakHashMap.class ? WeakBins.count((WeakHashMap<?, ?>) o) : 0;
  }

  @Override
  void arrange(Object o, int bins, List<@Nullable Object> keys, int[] shape) throws Throwable {
    if (type == WeakHashMap.class) {
      if (shape.length > 0) {
        WeakBins.arrange((WeakHashMap<?, ?>) o, Math.min(bins, most(o)), keys);
      }
      return;
    }
    int most = Math.min(bins, most(o));
    for (int before = -1, length = length(o); before < length && length < most; ) {
      Growing.RESIZE.invokeExact(o);
      before = length;
      length = length(o);
    }
    LongBins.ofHashMap().arrange(o, bins, keys, shape);
  }

  /** Returns how long a table is made for the entries that there are. */
  private int most(Object o) throws Throwable {
    int size = ((Set<?>) entries.invokeExact(o)).size();
    return Integer.highestOneBit(
        (int) Math.min(1 << 30, Math.max(LONGEST, (long) PROPORTION * size)));
  }

  @Override
  boolean isSorted() {
    return type == TreeMap.class;
  }

  @Override
  Object[] take(Object o) {
    try {
      Set<?> set = (Set<?>) entries.invokeExact(o);
      List<Object> all = new ArrayList<>(set.size() * 2);
      for (Object e : set) {
        Map.Entry<?, ?> entry = (Map.Entry<?, ?>) e;
        all.add(entry.getKey());
        all.add(entry.getValue());
      }
      return all.toArray();
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  boolean isOrdered(Object o) {
    return type == LinkedHashMap.class;
  }

  @Override
  boolean isKeyed() {
    return true;
  }

  @Override
  void clear(Object o) throws Throwable {
    clear.invokeExact(o);
  }

  @Override
  void put(Object o, @Nullable Object key, @Nullable Object value) throws Throwable {
    if (o instanceof LinkedHashMap) {
      Map.Entry<?, ?> e = (Map.Entry<?, ?>) GET_NODE.invokeExact(o, key);
      if (e != null) {
        setValue(e, value); // which is no access that would move it
        return;
      }
      // As when it is deserialised: the eldest entry stays, whatever a subclass says.
      Object unused = PUT_VALUE.invokeExact(o, (int) HASH.invokeExact(key), key, value);
    } else {
      Object unused = put.invokeExact(o, key, value);
    }
  }

  @SuppressWarnings("unchecked")
  private static void setValue(Map.Entry<?, ?> e, @Nullable Object value) {
    Object unused = ((Map.Entry<?, @Nullable Object>) e).setValue(value);
  }

  @Override
  void remove(Object o, @Nullable Object key) throws Throwable {
    Set<?> set = (Set<?>) entries.invokeExact(o);
    int size = set.size();
    Object unused = remove.invokeExact(o, key);
    if (set.size() == size) {
      // A key that has changed since is not where its hash code says.
      for (Iterator<?> i = set.iterator(); i.hasNext(); ) {
        if (((Map.Entry<?, ?>) i.next()).getKey() == key) {
          i.remove();
          return;
        }
      }
    }
  }

  /** Held apart, since few tasks need it. */
  private static final class Growing {
    static final MethodHandle RESIZE = resize();

    private static MethodHandle resize() {
      try {
        Class<?> result = Class.forName("[Ljava.util.HashMap$Node;");
        return special(HashMap.class, "resize", result)
            .asType(MethodType.methodType(void.class, Object.class));
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException("this JDK has no HashMap.Node", e);
      }
    }
  }

  static final class OfSet extends Contents {
    private static final MethodHandle MAP = map();
    private static final Object PRESENT = present();

    private final Contents table;
    private final boolean ordered;

    OfSet(Class<?> type) {
      super(1);
      ordered = LinkedHashSet.class.isAssignableFrom(type);
      table = Objects.requireNonNull(of(ordered ? LinkedHashMap.class : HashMap.class));
    }

    private static MethodHandle map() {
      try {
        MethodHandle h = Trusted.lookup().findGetter(HashSet.class, "map", HashMap.class);
        return h.asType(MethodType.methodType(Object.class, Object.class));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("this JDK has no HashSet.map", e);
      }
    }

    /** What the map behind a set holds as its values. */
    private static Object present() {
      HashSet<Integer> probe = new HashSet<>();
      probe.add(0);
      return ((HashMap<?, ?>) table(probe)).values().iterator().next();
    }

    private static Object table(Object set) {
      try {
        return (Object) MAP.invokeExact(set);
      } catch (Throwable e) {
        throw failed(e);
      }
    }

    @Override
    Object[] take(Object o) {
      Object[] pairs = table.take(table(o));
      Object[] keys = new Object[pairs.length / 2];
      for (int i = 0; i < keys.length; i++) {
        keys[i] = pairs[2 * i];
      }
      return keys;
    }

    @Override
    @Nullable Layout layout(Object o) {
      return table.layout(table(o));
    }

    @Override
    void arrange(Object o, int bins, List<@Nullable Object> keys, int[] shape) throws Throwable {
      table.arrange(table(o), bins, keys, shape);
    }

    @Override
    boolean isOrdered(Object o) {
      return ordered;
    }

    @Override
    boolean isKeyed() {
      return true;
    }

    @Override
    void clear(Object o) throws Throwable {
      table.clear(table(o));
    }

    @Override
    void put(Object o, @Nullable Object key, @Nullable Object value) throws Throwable {
      table.put(table(o), key, PRESENT);
    }

    @Override
    void remove(Object o, @Nullable Object key) throws Throwable {
      table.remove(table(o), key);
    }
  }
}
