package dev.martlet.internal.codec;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The bins of hash tables that have many keys, most of which are trees. In which order their
 * entries are iterated depends on which keys came and went, and when; where the next one goes in
 * that order, and when a tree becomes a list again, on how it is balanced. No sequence of puts
 * gives that again.
 *
 * <p>The shape of a map's long bins is a sequence of numbers, for each of them: the index of its
 * first entry among all of the map, in the order in which they are iterated; the number of its
 * entries, below 0 if it is no tree; and for each entry of a tree four times the number of its
 * parent among them, counted from 1, or 0 for the root, plus 2 for a right child, plus 1 for a red
 * one.
 */
public abstract class LongBins {
  /** How many entries a long bin has, unless it is a tree: putting so many makes one of it. */
  public static final int LONG = 9;

  private static final int[] NONE = {};
  private static final int HEAD = 2;

  /** A map has no trees in a shorter table, and makes it longer instead. */
  private static final int SHORTEST_TABLE = 64;

  final FieldSlot hash;
  private final FieldSlot table;
  private final FieldSlot key;
  private final FieldSlot next;
  private final FieldSlot parent;
  private final FieldSlot left;
  private final FieldSlot right;
  private final FieldSlot previous;
  private final FieldSlot red;

  private LongBins(Class<?> map, Class<?> node, Class<?> treeNode) {
    table = Jdk.slot(map, "table");
    hash = Jdk.slot(node, "hash");
    key = Jdk.slot(node, "key");
    next = Jdk.slot(node, "next");
    parent = Jdk.slot(treeNode, "parent");
    left = Jdk.slot(treeNode, "left");
    right = Jdk.slot(treeNode, "right");
    previous = Jdk.slot(treeNode, "prev");
    red = Jdk.slot(treeNode, "red");
  }

  /** Returns those of hash maps. */
  public static LongBins ofHashMap() {
    return OfHashMap.BINS;
  }

  /** Returns those of concurrent hash maps, which nobody else may use meanwhile. */
  static LongBins ofConcurrent() {
    return OfConcurrent.BINS;
  }

  abstract boolean isTree(Object bin);

  /** Returns the first entry of a bin, or null. */
  abstract @Nullable Object first(Object bin);

  /** Has a map grow when there are too many entries for so many bins. */
  abstract void putThreshold(Object map, int bins);

  /** Makes a tree of a bin. */
  abstract void treeify(Object map, Object[] bins, int bin) throws Throwable;

  /** Returns a bin without a tree that has these entries. */
  abstract Object plain(Object map, Object firstOfTree) throws Throwable;

  /** Has a bin that is a tree begin with other entries. */
  abstract void putFirst(Object[] bins, int bin, Object first, Object root);

  /** Returns the shape of a map's long bins. */
  public final int[] shape(Object map) {
    Object[] bins = (Object[]) table.getReference(map);
    List<Integer> shape = new ArrayList<>();
    int at = 0;
    for (int i = 0; bins != null && i < bins.length; i++) {
      Object bin = bins[i];
      if (bin == null) {
        continue;
      }
      if (isTree(bin)) {
        List<Object> nodes = nodes(bin);
        shape.add(at);
        shape.add(nodes.size());
        addCodes(nodes, shape);
        at += nodes.size();
        continue;
      }
      int n = 0;
      for (Object node = first(bin); node != null; node = next.getReference(node)) {
        n++;
      }
      if (n >= LONG) {
        shape.add(at);
        shape.add(-n);
      }
      at += n;
    }
    return shape.isEmpty() ? NONE : shape.stream().mapToInt(i -> i).toArray();
  }

  private void addCodes(List<Object> nodes, List<Integer> to) {
    IdentityHashMap<Object, Integer> numbers = new IdentityHashMap<>();
    for (Object n : nodes) {
      numbers.put(n, numbers.size() + 1);
    }
    for (Object n : nodes) {
      Object above = parent.getReference(n);
      int number = above == null ? 0 : numbers.getOrDefault(above, 0);
      int side = above != null && right.getReference(above) == n ? 2 : 0;
      to.add(number << 2 | side | (red.getBits(n) == 0 ? 0 : 1));
    }
  }

  private List<Object> nodes(@Nullable Object bin) {
    List<Object> nodes = new ArrayList<>();
    for (Object n = bin == null ? null : first(bin); n != null; n = next.getReference(n)) {
      nodes.add(n);
    }
    return nodes;
  }

  /**
   * Has long bins of a map be as those of another. A bin that has other keys is left as it is.
   *
   * @param bins how many bins the other has
   * @param keys those that the shape is of
   */
  public final void arrange(
      Object map, int bins, List<? extends @Nullable Object> keys, int[] shape) {
    if (shape.length == 0) {
      return;
    }
    try {
      Object[] here = (Object[]) table.getReference(map);
      if (here != null && here.length > bins && Integer.bitCount(bins) == 1) {
        shrink(map, here, bins, keys);
      }
      give(map, keys, shape);
    } catch (Throwable e) {
      throw Jdk.sneaky(e);
    }
  }

  /**
   * Lets a map that has these keys have fewer bins. It grows where an entry is put into a long bin,
   * also if the other one had grown before that.
   */
  private void shrink(Object map, Object[] old, int bins, List<? extends @Nullable Object> keys)
      throws Throwable {
    Map<Same, Object> nodes = new HashMap<>();
    for (Object key : keys) {
      nodes.put(new Same(key), NONE);
    }
    int size = 0;
    for (Object bin : old) {
      for (Object n : nodes(bin)) {
        if (!nodes.containsKey(new Same(key.getReference(n)))) {
          return;
        }
        size++;
      }
    }
    if (size != nodes.size()) {
      return;
    }
    for (Object bin : old) {
      boolean tree = bin != null && isTree(bin);
      Object first = tree ? plain(map, Objects.requireNonNull(first(bin))) : bin;
      for (Object n = first; n != null; n = next.getReference(n)) {
        nodes.put(new Same(key.getReference(n)), n);
      }
    }
    Object[] all = (Object[]) Array.newInstance(old.getClass().getComponentType(), bins);
    Object[] last = new Object[bins];
    for (Object key : keys) {
      Object n = Objects.requireNonNull(nodes.get(new Same(key)));
      int bin = (int) hash.getBits(n) & (bins - 1);
      next.putReference(n, null);
      if (last[bin] == null) {
        all[bin] = n;
      } else {
        next.putReference(last[bin], n);
      }
      last[bin] = n;
    }
    table.putReference(map, all);
    putThreshold(map, bins);
  }

  private void give(Object map, List<? extends @Nullable Object> keys, int[] shape)
      throws Throwable {
    Object[] bins = (Object[]) table.getReference(map);
    if (bins == null) {
      return;
    }
    Map<Same, Integer> binOf = new HashMap<>();
    for (Object bin : bins) {
      for (Object n : nodes(bin)) {
        binOf.put(new Same(key.getReference(n)), (int) hash.getBits(n) & (bins.length - 1));
      }
    }
    for (int at = 0; at + HEAD <= shape.length; ) {
      int first = shape[at];
      boolean tree = shape[at + 1] > 0;
      int n = Math.abs(shape[at + 1]);
      at += HEAD;
      if (first < 0 || n <= 0 || n > keys.size() - first || (tree && n > shape.length - at)) {
        return; // somebody has changed the other map meanwhile
      }
      int[] codes = tree ? Arrays.copyOfRange(shape, at, at + n) : NONE;
      at += codes.length;
      Integer bin = binOf.get(new Same(keys.get(first)));
      if (bin != null) {
        give(map, bins, bin, places(keys.subList(first, first + n)), tree, codes);
      }
    }
  }

  private static Map<Same, Integer> places(List<? extends @Nullable Object> keys) {
    Map<Same, Integer> places = new HashMap<>();
    for (Object key : keys) {
      places.putIfAbsent(new Same(key), places.size());
    }
    return places;
  }

  private void give(
      Object map, Object[] bins, int bin, Map<Same, Integer> places, boolean tree, int[] codes)
      throws Throwable {
    if (tree && !isTree(bins[bin]) && bins.length >= SHORTEST_TABLE) {
      treeify(map, bins, bin);
    }
    List<Object> nodes = nodes(bins[bin]);
    if (nodes.size() != places.size()) {
      return;
    }
    Object[] sorted = new Object[nodes.size()];
    for (Object n : nodes) {
      Integer place = places.get(new Same(key.getReference(n)));
      if (place == null) {
        return;
      }
      sorted[place] = n;
    }
    if (!tree) {
      link(sorted);
      bins[bin] = isTree(bins[bin]) ? plain(map, sorted[0]) : sorted[0];
    } else if (isTree(bins[bin])) {
      Tree of = new Tree(sorted, codes);
      if (codes.length == sorted.length && of.find() && of.isSearchable()) {
        link(sorted);
        of.link();
        putFirst(bins, bin, sorted[0], sorted[of.root]);
      }
    }
  }

  private void link(Object[] nodes) {
    for (int i = 0; i < nodes.length; i++) {
      next.putReference(nodes[i], i == nodes.length - 1 ? null : nodes[i + 1]);
    }
  }

  /** A tree that is to be. */
  private final class Tree {
    private final Object[] nodes;
    private final int[] codes;
    private final int[] lefts;
    private final int[] rights;
    private int root = -1;

    Tree(Object[] nodes, int[] codes) {
      this.nodes = nodes;
      this.codes = codes;
      this.lefts = new int[codes.length];
      this.rights = new int[codes.length];
      Arrays.fill(lefts, -1);
      Arrays.fill(rights, -1);
    }

    private int parentOf(int i) {
      return (codes[i] >>> 2) - 1;
    }

    /** Finds root and children; returns whether there is one root, and no child too many. */
    boolean find() {
      for (int i = 0; i < codes.length; i++) {
        int above = parentOf(i);
        int[] side = (codes[i] & 2) == 0 ? lefts : rights;
        if (above >= codes.length || (above < 0 ? root : side[above]) >= 0) {
          return false;
        }
        if (above < 0) {
          root = i;
        } else {
          side[above] = i;
        }
      }
      return root >= 0;
    }

    /** Returns whether the root leads to all entries, by their hash codes. */
    boolean isSearchable() {
      int[] path = new int[codes.length];
      int depth = 0;
      int met = 0;
      long last = Long.MIN_VALUE;
      int at = root;
      while (at >= 0 || depth > 0) {
        for (; at >= 0; at = lefts[at]) {
          path[depth++] = at;
        }
        at = path[--depth];
        long code = hash.getBits(nodes[at]);
        if (code < last) {
          return false;
        }
        last = code;
        met++;
        at = rights[at];
      }
      return met == nodes.length;
    }

    void link() {
      for (int i = 0; i < nodes.length; i++) {
        previous.putReference(nodes[i], i == 0 ? null : nodes[i - 1]);
        parent.putReference(nodes[i], node(parentOf(i)));
        left.putReference(nodes[i], node(lefts[i]));
        right.putReference(nodes[i], node(rights[i]));
        red.putBits(nodes[i], codes[i] & 1);
      }
    }

    private @Nullable Object node(int i) {
      return i < 0 ? null : nodes[i];
    }
  }

  private static final class OfHashMap extends LongBins {
    private static final Class<?> NODE = Jdk.type("java.util.HashMap$Node");
    private static final Class<?> TREE = Jdk.type("java.util.HashMap$TreeNode");
    private static final FieldSlot THRESHOLD = Jdk.slot(HashMap.class, "threshold");
    private static final FieldSlot LOAD_FACTOR = Jdk.slot(HashMap.class, "loadFactor");
    private static final MethodHandle TREEIFY =
        Jdk.virtual(HashMap.class, "treeifyBin", void.class, NODE.arrayType(), int.class);
    private static final MethodHandle UNTREEIFY =
        Jdk.virtual(TREE, "untreeify", NODE, HashMap.class);
    static final LongBins BINS = new OfHashMap();

    private OfHashMap() {
      super(HashMap.class, NODE, TREE);
    }

    @Override
    boolean isTree(Object bin) {
      return bin.getClass() == TREE;
    }

    @Override
    Object first(Object bin) {
      return bin;
    }

    @Override
    void putThreshold(Object map, int bins) {
      float load = Float.intBitsToFloat((int) LOAD_FACTOR.getBits(map));
      THRESHOLD.putBits(map, (int) (bins * load));
    }

    @Override
    void treeify(Object map, Object[] bins, int bin) throws Throwable {
      TREEIFY.invoke(map, bins, bin);
    }

    @Override
    Object plain(Object map, Object firstOfTree) throws Throwable {
      return UNTREEIFY.invoke(firstOfTree, map);
    }

    @Override
    void putFirst(Object[] bins, int bin, Object first, Object root) {
      bins[bin] = first;
    }
  }

  private static final class OfConcurrent extends LongBins {
    private static final Class<?> NODE = Jdk.type("java.util.concurrent.ConcurrentHashMap$Node");
    private static final Class<?> BIN = Jdk.type("java.util.concurrent.ConcurrentHashMap$TreeBin");
    private static final Class<?> TREE =
        Jdk.type("java.util.concurrent.ConcurrentHashMap$TreeNode");
    private static final FieldSlot SIZE_CTL = Jdk.slot(ConcurrentHashMap.class, "sizeCtl");
    private static final FieldSlot FIRST = Jdk.slot(BIN, "first");
    private static final FieldSlot ROOT = Jdk.slot(BIN, "root");
    private static final MethodHandle TREEIFY =
        Jdk.virtual(ConcurrentHashMap.class, "treeifyBin", void.class, NODE.arrayType(), int.class);
    private static final MethodHandle UNTREEIFY =
        Jdk.ofClass(ConcurrentHashMap.class, "untreeify", NODE, NODE);
    static final LongBins BINS = new OfConcurrent();

    private OfConcurrent() {
      super(ConcurrentHashMap.class, NODE, TREE);
    }

    @Override
    boolean isTree(Object bin) {
      return bin.getClass() == BIN;
    }

    @Override
    @Nullable Object first(Object bin) {
      // Other nodes with such hash codes stand for bins that others are about to change.
      return isTree(bin) ? FIRST.getReference(bin) : hash.getBits(bin) < 0 ? null : bin;
    }

    @Override
    void putThreshold(Object map, int bins) {
      SIZE_CTL.putBits(map, bins - (bins >>> 2));
    }

    @Override
    void treeify(Object map, Object[] bins, int bin) throws Throwable {
      TREEIFY.invoke(map, bins, bin);
    }

    @Override
    Object plain(Object map, Object firstOfTree) throws Throwable {
      return UNTREEIFY.invoke(firstOfTree);
    }

    @Override
    void putFirst(Object[] bins, int bin, Object first, Object root) {
      FIRST.putReference(bins[bin], first);
      ROOT.putReference(bins[bin], root);
    }
  }
}
