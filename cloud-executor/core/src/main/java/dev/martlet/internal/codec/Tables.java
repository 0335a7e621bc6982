package dev.martlet.internal.codec;

import java.lang.invoke.MethodHandle;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Maps, and lists of linked nodes. Hash tables keep their capacity and are filled in iteration
 * order, which keeps that order wherever hash codes are the same; {@link LongBins long bins} are
 * arranged as they were.
 */
@SuppressWarnings({"unchecked", "rawtypes", "JdkObsolete", "IdentityHashMapUsage"})
final class Tables {
  private Tables() {}

  static List<Rebuild> all() {
    return List.of(
        new Hashed(HashMap.class, "table", "size", "threshold", "modCount"),
        new Hashed(LinkedHashMap.class, "table", "size", "threshold", "modCount", "head", "tail"),
        new Old(),
        new Identity(),
        new Weak(),
        new Concurrent(),
        new FixedSet(),
        new FixedMap(),
        new Tree(),
        new SkipList(),
        new Linked());
  }

  private static final class Hashed extends Rebuild {
    private static final FieldSlot TABLE = Jdk.slot(HashMap.class, "table");
    private static final FieldSlot THRESHOLD = Jdk.slot(HashMap.class, "threshold");
    private static final FieldSlot LOAD_FACTOR = Jdk.slot(HashMap.class, "loadFactor");
    private static final Class<?> NODE = Jdk.type("java.util.HashMap$Node");
    private static final FieldSlot KEY = Jdk.slot(NODE, "key");
    private static final FieldSlot VALUE = Jdk.slot(NODE, "value");
    private static final FieldSlot NEXT = Jdk.slot(NODE, "next");
    private static final FieldSlot HEAD = Jdk.slot(LinkedHashMap.class, "head");
    private static final FieldSlot AFTER =
        Jdk.slot(Jdk.type("java.util.LinkedHashMap$Entry"), "after");

    Hashed(Class<?> base, String... fields) {
      super(base, true, fields);
    }

    @Override
    boolean isMap() {
      return true;
    }

    @Override
    void take(Object o, Snapshot to) {
      Object[] table = (Object[]) TABLE.getReference(o);
      to.a = table == null ? THRESHOLD.getBits(o) : table.length;
      if (base == LinkedHashMap.class) {
        for (Object n = HEAD.getReference(o); n != null; n = AFTER.getReference(n)) {
          add(n, to);
        }
      } else if (table != null) {
        boolean isLong = false;
        for (Object bin : table) {
          if (bin != null) {
            int before = to.size();
            for (Object n = bin; n != null; n = NEXT.getReference(n)) {
              add(n, to);
            }
            isLong |= to.size() - before >= 2 * LongBins.LONG || bin.getClass() != NODE;
          }
        }
        if (isLong) {
          to.shape = LongBins.ofHashMap().shape(o);
        }
      }
    }

    @Override
    boolean hasShape() {
      return base == HashMap.class;
    }

    private static void add(Object node, Snapshot to) {
      to.add(KEY.getReference(node));
      to.add(VALUE.getReference(node));
    }

    @Override
    Object make(Object target, Snapshot from) {
      float load = Float.intBitsToFloat((int) LOAD_FACTOR.getBits(target));
      if (!(load > 0) || load > 1e6f) {
        throw new CodecException("a load factor of " + load);
      }
      Map plain =
          base == LinkedHashMap.class ? new LinkedHashMap<>(1, load) : new HashMap<>(1, load);
      int bins = from.a == 0 ? 0 : capacity(from);
      THRESHOLD.putBits(plain, bins);
      putAll(plain, from);
      arrange(LongBins.ofHashMap(), plain, bins, from);
      return plain;
    }
  }

  private static final class Old extends Rebuild {
    private static final FieldSlot TABLE = Jdk.slot(Hashtable.class, "table");
    private static final FieldSlot LOAD_FACTOR = Jdk.slot(Hashtable.class, "loadFactor");
    private static final Class<?> NODE = Jdk.type("java.util.Hashtable$Entry");
    private static final FieldSlot KEY = Jdk.slot(NODE, "key");
    private static final FieldSlot VALUE = Jdk.slot(NODE, "value");
    private static final FieldSlot NEXT = Jdk.slot(NODE, "next");

    Old() {
      super(Hashtable.class, true, "table", "count", "threshold", "modCount");
    }

    @Override
    boolean isMap() {
      return true;
    }

    @Override
    void take(Object o, Snapshot to) {
      Object[] table = (Object[]) TABLE.getReference(o);
      if (table == null) { // Properties keeps its entries elsewhere
        to.a = -1;
        return;
      }
      to.a = table.length;
      for (int i = table.length - 1; i >= 0; i--) {
        for (Object n = table[i]; n != null; n = NEXT.getReference(n)) {
          to.add(KEY.getReference(n));
          to.add(VALUE.getReference(n));
        }
      }
    }

    @Override
    Object make(Object target, Snapshot from) {
      float load = Float.intBitsToFloat((int) LOAD_FACTOR.getBits(target));
      int n = from.size() / 2;
      boolean none = from.a < 0;
      int capacity = none ? 1 : (int) Math.min(1 << 30, from.capacity());
      Hashtable plain = new Hashtable<>(capacity, none ? 0.75f : load);
      for (int i = n - 1; i >= 0; i--) { // a bin is read newest first
        plain.put(from.get(2 * i), from.get(2 * i + 1));
      }
      if (none) {
        TABLE.putReference(plain, null);
        Jdk.slot(Hashtable.class, "threshold").putBits(plain, 0);
      }
      return plain;
    }
  }

  private static final class Weak extends Rebuild {
    private static final FieldSlot TABLE = Jdk.slot(WeakHashMap.class, "table");
    private static final FieldSlot LOAD_FACTOR = Jdk.slot(WeakHashMap.class, "loadFactor");

    Weak() {
      super(WeakHashMap.class, true);
    }

    @Override
    boolean isMap() {
      return true;
    }

    @Override
    void take(Object o, Snapshot to) {
      to.a = ((Object[]) Objects.requireNonNull(TABLE.getReference(o))).length;
      to.b = LOAD_FACTOR.getBits(o);
      for (Object e : ((WeakHashMap) o).entrySet()) {
        Map.Entry entry = (Map.Entry) e;
        to.add(entry.getKey());
        to.add(entry.getValue());
      }
    }

    @Override
    Object make(Object target, Snapshot from) {
      float load = Float.intBitsToFloat((int) from.b);
      if (!(load > 0) || load > 1e6f) {
        throw new CodecException("a load factor of " + load);
      }
      int bins = capacity(from);
      WeakHashMap plain = new WeakHashMap<>(bins, load);
      for (int i = from.size() / 2 - 1; i >= 0; i--) { // a bin is read newest first
        plain.put(from.get(2 * i), from.get(2 * i + 1));
      }
      if (WeakBins.count(plain) != bins) {
        WeakBins.arrange(plain, bins, from.keys());
      }
      return plain;
    }
  }

  private static final class Identity extends Rebuild {
    private static final FieldSlot TABLE = Jdk.slot(IdentityHashMap.class, "table");
    private static final @Nullable Object NULL_KEY =
        Jdk.readStatic(Objects.requireNonNull(Jdk.findField(IdentityHashMap.class, "NULL_KEY")));

    Identity() {
      super(IdentityHashMap.class, true, "table", "size", "modCount");
    }

    @Override
    boolean isMap() {
      return true;
    }

    @Override
    boolean asksKeys() {
      return false;
    }

    @Override
    void take(Object o, Snapshot to) {
      Object[] table = (Object[]) Objects.requireNonNull(TABLE.getReference(o));
      int n = table.length;
      int start = 0; // after a gap: whatever was put aside has wandered from there on
      while (start < n && table[start] != null) {
        start += 2;
      }
      for (int i = start; i < start + n; i += 2) {
        Object key = table[i & (n - 1)];
        if (key != null) {
          to.add(key == NULL_KEY ? null : key);
          to.add(table[(i & (n - 1)) + 1]);
        }
      }
      to.a = n;
    }

    @Override
    Object make(Object target, Snapshot from) {
      // A table of so many slots is made for a quarter of them.
      long wanted = Math.min(1 << 29, from.capacity() / 4);
      Map plain = new IdentityHashMap<>((int) Math.max(from.size() / 2, wanted));
      putAll(plain, from);
      return plain;
    }
  }

  private static final class Concurrent extends Rebuild {
    private static final MethodHandle FOR_EACH =
        Jdk.virtual(ConcurrentHashMap.class, "forEach", void.class, BiConsumer.class);
    private static final FieldSlot TABLE = Jdk.slot(ConcurrentHashMap.class, "table");
    private static final FieldSlot SIZE_CTL = Jdk.slot(ConcurrentHashMap.class, "sizeCtl");

    Concurrent() {
      super(
          ConcurrentHashMap.class,
          true,
          "table",
          "nextTable",
          "baseCount",
          "sizeCtl",
          "transferIndex",
          "cellsBusy",
          "counterCells");
    }

    @Override
    boolean isMap() {
      return true;
    }

    @Override
    void take(Object o, Snapshot to) {
      Object[] table = (Object[]) TABLE.getReference(o);
      to.a = table == null ? SIZE_CTL.getBits(o) : table.length;
      forEach(FOR_EACH, o, to);
      if (to.size() >= 2 * LongBins.LONG) {
        to.shape = LongBins.ofConcurrent().shape(o);
      }
    }

    @Override
    boolean hasShape() {
      return true;
    }

    @Override
    Object make(Object target, Snapshot from) {
      Map plain = new ConcurrentHashMap<>();
      int bins = from.a <= 0 ? 0 : capacity(from);
      SIZE_CTL.putBits(plain, bins);
      putAll(plain, from);
      arrange(LongBins.ofConcurrent(), plain, bins, from);
      return plain;
    }
  }

  private static final class FixedSet extends Rebuild {
    private static final Class<?> TYPE = Jdk.type("java.util.ImmutableCollections$SetN");
    private static final FieldSlot ELEMENTS = Jdk.slot(TYPE, "elements");

    FixedSet() {
      super(TYPE, true, "elements", "size");
    }

    @Override
    void take(Object o, Snapshot to) {
      for (Object e : (Object[]) Objects.requireNonNull(ELEMENTS.getReference(o))) {
        if (e != null) {
          to.add(e);
        }
      }
    }

    @Override
    Object make(Object target, Snapshot from) {
      // Set.of makes a SetN of 3 and more; a smaller one is only ever the empty constant
      return checked(Set.of(from.elements()), TYPE);
    }

    @Override
    boolean isMutable() {
      return false;
    }
  }

  private static final class FixedMap extends Rebuild {
    private static final Class<?> TYPE = Jdk.type("java.util.ImmutableCollections$MapN");
    private static final FieldSlot TABLE = Jdk.slot(TYPE, "table");

    FixedMap() {
      super(TYPE, true, "table", "size");
    }

    @Override
    boolean isMap() {
      return true;
    }

    @Override
    void take(Object o, Snapshot to) {
      Object[] table = (Object[]) Objects.requireNonNull(TABLE.getReference(o));
      for (int i = 0; i < table.length; i += 2) {
        if (table[i] != null) {
          to.add(table[i]);
          to.add(table[i + 1]);
        }
      }
    }

    @Override
    Object make(Object target, Snapshot from) {
      Map.Entry[] entries = new Map.Entry[from.size() / 2];
      for (int i = 0; i < entries.length; i++) {
        entries[i] = Map.entry(from.get(2 * i), from.get(2 * i + 1));
      }
      return checked(Map.ofEntries(entries), TYPE);
    }

    @Override
    boolean isMutable() {
      return false;
    }
  }

  private static Object checked(Object o, Class<?> type) {
    if (o.getClass() != type) {
      throw new CodecException("too few elements for a " + type.getName());
    }
    return o;
  }

  private static final class Tree extends Rebuild {
    private static final MethodHandle FOR_EACH =
        Jdk.virtual(TreeMap.class, "forEach", void.class, BiConsumer.class);

    Tree() {
      super(TreeMap.class, false, "root", "size", "modCount");
    }

    @Override
    boolean isMap() {
      return true;
    }

    @Override
    void take(Object o, Snapshot to) {
      forEach(FOR_EACH, o, to);
    }

    @Override
    Object make(Object target, Snapshot from) {
      return new TreeMap<>((SortedMap) new Sorted(from));
    }
  }

  private static final class SkipList extends Rebuild {
    private static final MethodHandle FOR_EACH =
        Jdk.virtual(ConcurrentSkipListMap.class, "forEach", void.class, BiConsumer.class);

    SkipList() {
      super(ConcurrentSkipListMap.class, false, "head", "adder");
    }

    @Override
    boolean isMap() {
      return true;
    }

    @Override
    void take(Object o, Snapshot to) {
      forEach(FOR_EACH, o, to);
    }

    @Override
    Object make(Object target, Snapshot from) {
      for (int i = 0; i < from.size(); i++) {
        Objects.requireNonNull(from.get(i));
      }
      return new ConcurrentSkipListMap<>((SortedMap) new Sorted(from));
    }
  }

  private static final class Linked extends Rebuild {
    private static final FieldSlot FIRST = Jdk.slot(LinkedList.class, "first");
    private static final Class<?> NODE = Jdk.type("java.util.LinkedList$Node");
    private static final FieldSlot ITEM = Jdk.slot(NODE, "item");
    private static final FieldSlot NEXT = Jdk.slot(NODE, "next");

    Linked() {
      super(LinkedList.class, false, "first", "last", "size");
    }

    @Override
    void take(Object o, Snapshot to) {
      for (Object n = FIRST.getReference(o); n != null; n = NEXT.getReference(n)) {
        to.add(ITEM.getReference(n));
      }
    }

    @Override
    Object make(Object target, Snapshot from) {
      LinkedList plain = new LinkedList<>();
      for (int i = 0; i < from.size(); i++) {
        plain.add(from.get(i));
      }
      return plain;
    }
  }

  private static void putAll(Map map, Snapshot from) {
    for (int i = 0; i + 1 < from.size(); i += 2) {
      map.put(from.get(i), from.get(i + 1));
    }
  }

  /** Arranges the long bins of a map that was filled as they were. */
  private static void arrange(LongBins of, Map map, int bins, Snapshot from) {
    if (from.shape.length > 0) {
      of.arrange(map, bins, from.keys(), from.shape);
    }
  }

  private static void forEach(MethodHandle handle, Object o, Snapshot to) {
    BiConsumer<Object, Object> add =
        (k, v) -> {
          to.add(k);
          to.add(v);
        };
    try {
      handle.invoke(o, (BiConsumer) add);
    } catch (Throwable e) {
      throw Jdk.sneaky(e);
    }
  }

  /** Entries that are already in order: sorted maps are built from it without a comparison. */
  private static final class Sorted extends AbstractMap<Object, Object>
      implements SortedMap<Object, Object> {
    private final Snapshot from;

    Sorted(Snapshot from) {
      this.from = from;
    }

    @Override
    public Set<Entry<Object, Object>> entrySet() {
      return new AbstractSet<>() {
        @Override
        public Iterator<Entry<Object, Object>> iterator() {
          return new Iterator<>() {
            private int i;

            @Override
            public boolean hasNext() {
              return i + 1 < from.size();
            }

            @Override
            public Entry<Object, Object> next() {
              i += 2;
              return new SimpleImmutableEntry<>(from.get(i - 2), from.get(i - 1));
            }
          };
        }

        @Override
        public int size() {
          return from.size() / 2;
        }
      };
    }

    @Override
    public @Nullable Comparator<? super Object> comparator() {
      return null;
    }

    @Override
    public SortedMap<Object, Object> subMap(Object a, Object b) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SortedMap<Object, Object> headMap(Object to) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SortedMap<Object, Object> tailMap(Object from) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Object firstKey() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Object lastKey() {
      throw new UnsupportedOperationException();
    }
  }
}
