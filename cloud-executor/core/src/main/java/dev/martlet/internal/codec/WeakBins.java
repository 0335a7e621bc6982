package dev.martlet.internal.codec;

import java.lang.ref.Reference;
import java.lang.reflect.Array;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The bins of weak hash maps. Such a map turns its bins when it grows, and grows sooner or later
 * with each JDK; so where that matters its entries are linked as they were elsewhere.
 */
public final class WeakBins {
  private static final FieldSlot TABLE = Jdk.slot(WeakHashMap.class, "table");
  private static final FieldSlot THRESHOLD = Jdk.slot(WeakHashMap.class, "threshold");
  private static final FieldSlot LOAD_FACTOR = Jdk.slot(WeakHashMap.class, "loadFactor");
  private static final Class<?> ENTRY = Jdk.type("java.util.WeakHashMap$Entry");
  private static final FieldSlot HASH = Jdk.slot(ENTRY, "hash");
  private static final FieldSlot NEXT = Jdk.slot(ENTRY, "next");
  private static final @Nullable Object NULL_KEY =
      Jdk.readStatic(Objects.requireNonNull(Jdk.findField(WeakHashMap.class, "NULL_KEY")));

  private WeakBins() {}

  /** Returns how many bins a map has. */
  public static int count(WeakHashMap<?, ?> map) {
    return table(map).length;
  }

  private static Object[] table(Object map) {
    return (Object[]) Objects.requireNonNull(TABLE.getReference(map));
  }

  /**
   * Has a map have so many bins, a power of two, and iterate its keys in an order; unless it has
   * others.
   */
  public static void arrange(WeakHashMap<?, ?> map, int bins, List<?> keys) {
    Map<Same, Object> entries = new HashMap<>();
    for (Object bin : table(map)) {
      for (Object e = bin; e != null; e = NEXT.getReference(e)) {
        Object key = ((Reference<?>) e).get();
        entries.put(new Same(key == NULL_KEY ? null : key), e);
      }
    }
    if (Integer.bitCount(bins) != 1
        || entries.size() != keys.size()
        || !keys.stream().allMatch(k -> entries.containsKey(new Same(k)))) {
      return;
    }
    Object[] all = (Object[]) Array.newInstance(ENTRY, bins);
    for (int i = keys.size() - 1; i >= 0; i--) { // the newest comes first
      Object e = Objects.requireNonNull(entries.get(new Same(keys.get(i))));
      int bin = (int) HASH.getBits(e) & (bins - 1);
      NEXT.putReference(e, all[bin]);
      all[bin] = e;
    }
    TABLE.putReference(map, all);
    float load = Float.intBitsToFloat((int) LOAD_FACTOR.getBits(map));
    THRESHOLD.putBits(map, (int) (bins * load));
  }
}
