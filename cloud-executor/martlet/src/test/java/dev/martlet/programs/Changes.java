package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.each;
import static dev.martlet.programs.Support.outcome;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** What tasks change, without synchronising, in the objects that they share with the client. */
final class Changes {
  private Changes() {}

  // ---- arrays ----

  @Runs(AWAY)
  static Object slotsOfIntArray(ExecutorService pool) throws Exception {
    int[] results = new int[100];
    each(pool, 100, i -> () -> results[i] = i * i);
    return results;
  }

  @Runs(AWAY)
  static Object slotsOfObjectArray(ExecutorService pool) throws Exception {
    Object[] results = new Object[30];
    each(pool, 30, i -> () -> results[i] = i % 2 == 0 ? "even " + i : List.of(i));
    return results;
  }

  @Runs(AWAY)
  static Object slotsOfEveryKindOfArray(ExecutorService pool) throws Exception {
    boolean[] z = new boolean[8];
    byte[] b = new byte[8];
    char[] c = new char[8];
    short[] s = new short[8];
    long[] l = new long[8];
    float[] f = new float[8];
    double[] d = new double[8];
    each(
        pool,
        8,
        i ->
            () -> {
              z[i] = i % 2 == 0;
              b[i] = (byte) -i;
              c[i] = (char) ('a' + i);
              s[i] = (short) (i * 1000);
              l[i] = 1L << (i * 8);
              f[i] = i / 2f;
              d[i] = Math.sqrt(i);
            });
    return all(z, b, c, s, l, f, d);
  }

  @Runs(AWAY)
  static Object rowsOfMatrix(ExecutorService pool) throws Exception {
    double[][] matrix = new double[12][9];
    each(
        pool,
        12,
        row ->
            () -> {
              for (int col = 0; col < 9; col++) {
                matrix[row][col] = row * 10 + col;
              }
            });
    return matrix;
  }

  @Runs(AWAY)
  static Object columnsOfMatrix(ExecutorService pool) throws Exception {
    int[][] matrix = new int[6][10];
    each(
        pool,
        10,
        col ->
            () -> {
              for (int row = 0; row < 6; row++) {
                matrix[row][col] = row * 100 + col;
              }
            });
    return matrix;
  }

  @Runs(AWAY)
  static Object nestedArraysReplaced(ExecutorService pool) throws Exception {
    int[][] rows = new int[10][];
    each(pool, 10, i -> () -> rows[i] = new int[] {i, i + 1});
    int[] first = rows[0];
    pool.submit(() -> rows[1] = rows[0]).get();
    return all(rows, rows[1] == first);
  }

  @Runs(AWAY)
  static Object rangesSortedInPlace(ExecutorService pool) throws Exception {
    int[] values = new Random(7).ints(40_000, 0, 1_000_000).toArray();
    int parts = 8;
    int size = values.length / parts;
    each(pool, parts, p -> () -> Arrays.sort(values, p * size, (p + 1) * size));
    boolean sorted = true;
    for (int i = 1; i < values.length; i++) {
      sorted &= i % size == 0 || values[i - 1] <= values[i];
    }
    return all(sorted, Arrays.hashCode(values));
  }

  @Runs(AWAY)
  static Object objectsSortedInPlace(ExecutorService pool) throws Exception {
    String[] words = "the quick brown fox jumps over the lazy dog".split(" ");
    String fox = words[3];
    pool.submit(() -> Arrays.sort(words)).get();
    return all(words, words[3] == fox, Arrays.asList(words).indexOf("fox"));
  }

  @Runs(AWAY)
  static Object interleavedSlots(ExecutorService pool) throws Exception {
    int[] array = new int[64];
    Arrays.fill(array, -1);
    each(
        pool,
        4,
        t ->
            () -> {
              for (int i = t; i < array.length; i += 4) {
                array[i] = t;
              }
            });
    return array;
  }

  @Runs(AWAY)
  static Object sameArrayInTwoLambdas(ExecutorService pool) throws Exception {
    int[] array = new int[4];
    int[] alias = array;
    Future<?> a = pool.submit(() -> array[0] = 1);
    Future<?> b = pool.submit(() -> alias[3] = 4);
    a.get();
    b.get();
    return all(array, array == alias);
  }

  @Runs(AWAY)
  static Object aliasesInsideOneTask(ExecutorService pool) throws Exception {
    int[] array = {1, 2, 3};
    List<int[]> holder = List.of(array);
    Object seen =
        pool.submit(
                () -> {
                  array[0] = 10;
                  holder.get(0)[1] = 20;
                  return holder.get(0)[0] + array[1];
                })
            .get();
    return all(seen, array);
  }

  @Runs(AWAY)
  static Object writesOldValueBack(ExecutorService pool) throws Exception {
    int[] array = {1, 2, 3};
    pool.submit(
            () -> {
              array[1] = 99;
              array[1] = 2;
            })
        .get();
    array[1] = 5;
    pool.submit(() -> array[0] = array[1]).get();
    return array;
  }

  @Runs(AWAY)
  static Object clientWritesBetweenTasks(ExecutorService pool) throws Exception {
    int[] array = new int[3];
    List<Object> seen = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      array[0] = i;
      int n = i;
      seen.add(pool.submit(() -> array[1] += array[0] * n).get());
    }
    return all(seen, array);
  }

  @Runs(AWAY)
  static Object clientWritesOtherSlotsMeanwhile(ExecutorService pool) throws Exception {
    int[] array = new int[200];
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int n = i;
      futures.add(pool.submit(() -> array[n] = n));
      array[100 + i] = -i;
    }
    for (Future<?> future : futures) {
      future.get();
    }
    return array;
  }

  // ---- fields ----

  private static final class Account {
    String owner = "nobody";
    long balance;
    boolean open;
    double[] history = new double[2];
    Account parent;

    void deposit(long amount) {
      balance += amount;
      open = true;
    }
  }

  @Runs(AWAY)
  static Object fieldsOfOwnObject(ExecutorService pool) throws Exception {
    Account account = new Account();
    double[] before = account.history;
    pool.submit(
            () -> {
              account.owner = "somebody";
              account.deposit(100);
              account.history[1] = 1.5;
              account.parent = new Account();
              account.parent.parent = account;
            })
        .get();
    return all(account, account.history == before, account.parent.parent == account);
  }

  @Runs(AWAY)
  static Object differentFieldsByDifferentTasks(ExecutorService pool) throws Exception {
    Account account = new Account();
    List<Future<?>> futures =
        List.of(
            pool.submit(() -> account.owner = "x"),
            pool.submit(() -> account.deposit(5)),
            pool.submit(() -> account.history = new double[] {9}));
    for (Future<?> future : futures) {
      future.get();
    }
    return account;
  }

  @Runs(AWAY)
  static Object oneObjectPerTask(ExecutorService pool) throws Exception {
    List<Account> accounts = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      accounts.add(new Account());
    }
    each(pool, 25, i -> () -> accounts.get(i).deposit(i * 10L));
    return accounts;
  }

  @Runs(AWAY)
  static Object plainFlagAfterGet(ExecutorService pool) throws Exception {
    boolean[] done = new boolean[1];
    Account account = new Account();
    pool.submit(
            () -> {
              done[0] = true;
              account.open = true;
            })
        .get();
    return all(done[0], account.open);
  }

  private static class Job implements Runnable {
    final int n;
    long result;
    Exception failure;

    Job(int n) {
      this.n = n;
    }

    @Override
    public void run() {
      try {
        result = 100 / n;
      } catch (ArithmeticException e) {
        failure = e;
      }
    }
  }

  @Runs(AWAY)
  static Object jobsThatKeepTheirResult(ExecutorService pool) throws Exception {
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      jobs.add(new Job(i));
    }
    each(pool, 6, jobs::get);
    return jobs;
  }

  @Runs(AWAY)
  static Object cleanedUpToNull(ExecutorService pool) throws Exception {
    Account account = new Account();
    account.parent = new Account();
    Object[] slots = {"a", "b", "c"};
    pool.submit(
            () -> {
              account.parent = null;
              account.owner = null;
              Arrays.fill(slots, null);
            })
        .get();
    return all(account, slots);
  }

  // ---- own linked structures ----

  private static final class Node {
    int key;
    Node left;
    Node right;

    Node(int key) {
      this.key = key;
    }

    void insert(int k) {
      if (k < key) {
        if (left == null) {
          left = new Node(k);
        } else {
          left.insert(k);
        }
      } else if (right == null) {
        right = new Node(k);
      } else {
        right.insert(k);
      }
    }
  }

  @Runs(AWAY)
  static Object nodesInserted(ExecutorService pool) throws Exception {
    Node root = new Node(50);
    root.insert(20);
    Node old = root.left;
    pool.submit(
            () -> {
              for (int k : new int[] {70, 10, 30, 60, 80}) {
                root.insert(k);
              }
            })
        .get();
    return all(root, root.left == old);
  }

  @Runs(AWAY)
  static Object subtreesByDifferentTasks(ExecutorService pool) throws Exception {
    Node root = new Node(50);
    root.insert(20);
    root.insert(80);
    Future<?> a = pool.submit(() -> root.left.insert(10));
    Future<?> b = pool.submit(() -> root.right.insert(90));
    a.get();
    b.get();
    return root;
  }

  @Runs(AWAY)
  static Object treeRotated(ExecutorService pool) throws Exception {
    Node root = new Node(2);
    root.insert(1);
    root.insert(3);
    Node one = root.left;
    Node three = root.right;
    Node top =
        pool.submit(
                () -> {
                  Node r = root.right;
                  root.right = r.left;
                  r.left = root;
                  return r;
                })
            .get();
    return all(top == three, top.left == root, root.left == one, top);
  }

  // ---- collections ----

  @Runs(AWAY)
  static Object valuesOfExistingKeys(ExecutorService pool) throws Exception {
    Map<String, int[]> counts = new HashMap<>();
    String text = "abracadabra";
    for (char c : text.toCharArray()) {
      counts.put("" + c, new int[1]);
    }
    List<String> keys = new ArrayList<>(new TreeSet<>(counts.keySet()));
    each(
        pool,
        keys.size(),
        i ->
            () -> {
              for (char c : text.toCharArray()) {
                if (keys.get(i).charAt(0) == c) {
                  counts.get(keys.get(i))[0]++;
                }
              }
            });
    return counts;
  }

  @Runs(AWAY)
  static Object existingKeysSetByDifferentTasks(ExecutorService pool) throws Exception {
    Map<Integer, String> map = new HashMap<>();
    for (int i = 0; i < 20; i++) {
      map.put(i, "old");
    }
    each(pool, 20, i -> () -> map.put(i, "new " + i));
    return map;
  }

  @Runs(AWAY)
  static Object listSetAtDistinctIndices(ExecutorService pool) throws Exception {
    List<String> list = new ArrayList<>(Collections.nCopies(40, "?"));
    each(pool, 40, i -> () -> list.set(i, "v" + i));
    return list;
  }

  @Runs(AWAY)
  static Object fixedSizeListSet(ExecutorService pool) throws Exception {
    List<Integer> list = Arrays.asList(new Integer[10]);
    each(pool, 10, i -> () -> list.set(i, i * 3));
    return list;
  }

  @Runs(AWAY)
  static Object listFilledByOneTask(ExecutorService pool) throws Exception {
    List<Integer> list = new ArrayList<>(List.of(-1));
    pool.submit(
            () -> {
              for (int i = 0; i < 1000; i++) {
                list.add(i);
              }
              list.removeIf(i -> i % 7 == 0);
              Collections.reverse(list);
            })
        .get();
    list.add(12345);
    return list;
  }

  @Runs(AWAY)
  static Object listsOfEachTask(ExecutorService pool) throws Exception {
    List<List<Integer>> lists = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      lists.add(new ArrayList<>());
    }
    each(
        pool,
        10,
        i ->
            () -> {
              for (int j = 0; j < i; j++) {
                lists.get(i).add(j);
              }
            });
    return lists;
  }

  @Runs(AWAY)
  static Object mapRebuiltByOneTask(ExecutorService pool) throws Exception {
    Map<String, Integer> map = new HashMap<>(Map.of("drop", 1, "keep", 2, "bump", 3));
    pool.submit(
            () -> {
              map.remove("drop");
              map.merge("bump", 1, Integer::sum);
              map.computeIfAbsent("new", String::length);
              map.replaceAll((k, v) -> v * 10);
              for (int i = 0; i < 100; i++) {
                map.put("k" + i, i);
              }
            })
        .get();
    map.put("after", 0);
    return map;
  }

  @Runs(AWAY)
  static Object setsChanged(ExecutorService pool) throws Exception {
    HashSet<String> hash = new HashSet<>(List.of("a", "b"));
    TreeSet<Integer> tree = new TreeSet<>(List.of(5, 1, 9));
    BitSet bits = new BitSet();
    pool.submit(
            () -> {
              hash.add("c");
              hash.remove("a");
              tree.pollFirst();
              tree.add(7);
              bits.set(3, 6);
            })
        .get();
    return all(hash, tree, bits);
  }

  @Runs(AWAY)
  static Object treeMapOfOneTask(ExecutorService pool) throws Exception {
    TreeMap<String, List<Integer>> index = new TreeMap<>();
    index.put("m", new ArrayList<>());
    List<Integer> m = index.get("m");
    pool.submit(
            () -> {
              index.get("m").add(1);
              for (String k : new String[] {"z", "a", "q"}) {
                index.computeIfAbsent(k, x -> new ArrayList<>()).add(k.length());
              }
              index.pollLastEntry();
            })
        .get();
    return all(index, index.get("m") == m, m);
  }

  @Runs(AWAY)
  static Object dequeOfOneTask(ExecutorService pool) throws Exception {
    ArrayDeque<String> deque = new ArrayDeque<>(List.of("a", "b"));
    pool.submit(
            () -> {
              deque.addFirst("first");
              deque.pollLast();
              for (int i = 0; i < 40; i++) {
                deque.addLast("x" + i);
              }
            })
        .get();
    return all(deque.peekFirst(), deque);
  }

  @Runs(AWAY)
  static Object stringBuilderOfOneTask(ExecutorService pool) throws Exception {
    StringBuilder text = new StringBuilder("head");
    pool.submit(() -> text.append('-').append(42).insert(0, ">").setLength(6)).get();
    return all(text, text.length());
  }

  @Runs(AWAY)
  static Object accessOrderByReading(ExecutorService pool) throws Exception {
    LinkedHashMap<String, Integer> cache = new LinkedHashMap<>(8, 0.75f, true);
    for (String k : List.of("a", "b", "c")) {
      cache.put(k, k.charAt(0) - 'a');
    }
    pool.submit(() -> cache.get("a")).get();
    return all(cache, cache.keySet().iterator().next());
  }

  @Runs(AWAY)
  static Object collectionsSortAndShuffle(ExecutorService pool) throws Exception {
    List<Integer> list = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      list.add(i * 37 % 50);
    }
    Random random = new Random(3);
    pool.submit(
            () -> {
              Collections.shuffle(list, random);
              Collections.sort(list.subList(0, 25));
              Collections.swap(list, 0, 49);
            })
        .get();
    return list;
  }

  @Runs(AWAY)
  static Object iteratorMovedOn(ExecutorService pool) throws Exception {
    List<String> list = new ArrayList<>(List.of("a", "b", "c"));
    var iterator = list.listIterator();
    iterator.next();
    pool.submit(
            () -> {
              iterator.next();
              iterator.remove();
              iterator.add("new");
            })
        .get();
    return all(list, iterator.next());
  }

  // ---- statics ----

  private static int limit;
  private static final Map<String, Integer> PRICES = new HashMap<>();
  private static final List<String> LOG = new ArrayList<>();
  private static int counter;
  private static String last;
  private static int[] table = new int[4];

  @Runs(AWAY)
  static Object staticsSetBefore(ExecutorService pool) throws Exception {
    limit = 77;
    PRICES.clear();
    PRICES.put("tea", 3);
    PRICES.put("cake", 5);
    Object first = pool.submit(() -> limit + PRICES.get("tea") * 2 + PRICES.size()).get();
    limit = 78;
    PRICES.put("pie", 9);
    return all(first, pool.submit(() -> limit + PRICES.get("pie")).get());
  }

  private static final class Config {
    static final Map<String, String> VALUES;
    static final int LOADED;

    static {
      VALUES = new LinkedHashMap<>();
      VALUES.put("mode", "fast");
      VALUES.put("home", System.getProperty("corpus.home", "unset"));
      LOADED = VALUES.size();
    }
  }

  @Runs(AWAY)
  static Object staticMapFilledAtStart(ExecutorService pool) throws Exception {
    Config.VALUES.put("late", "yes");
    return pool.submit(() -> all(Config.VALUES.get("late"), Config.LOADED, Config.VALUES)).get();
  }

  @Sequential
  @Runs(AWAY)
  static Object staticsWrittenByTasks(ExecutorService pool) throws Exception {
    counter = 0;
    last = null;
    LOG.clear();
    table = new int[4];
    List<Future<Integer>> futures = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int n = i;
      futures.add(
          pool.submit(
              () -> {
                counter += n;
                LOG.add(last + ">" + n);
                last = "t" + n;
                table[n % 4]++;
                return counter;
              }));
    }
    return all(Support.outcomes(futures), counter, last, LOG, table);
  }

  @Runs(AWAY)
  static Object staticsReplacedByOneTask(ExecutorService pool) throws Exception {
    table = new int[] {1};
    int[] before = table;
    pool.submit(
            () -> {
              table[0] = 5;
              table = new int[] {7, 8};
            })
        .get();
    return all(before, table, before == table);
  }

  private static final class Lazy {
    private static Lazy instance;
    private static int made;
    final List<String> data = new ArrayList<>(List.of("loaded"));

    static Lazy get() {
      if (instance == null) {
        instance = new Lazy();
        made++;
      }
      return instance;
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object lazySingleton(ExecutorService pool) throws Exception {
    Lazy.instance = null;
    Lazy.made = 0;
    for (int i = 0; i < 3; i++) {
      int n = i;
      pool.submit(() -> Lazy.get().data.add("use " + n)).get();
    }
    return all(Lazy.made, Lazy.get().data, Lazy.get() == Lazy.instance);
  }

  private static final class Registry {
    private static final Registry INSTANCE = new Registry();
    private final Map<String, Integer> entries = new TreeMap<>();

    static Registry instance() {
      return INSTANCE;
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object singletonState(ExecutorService pool) throws Exception {
    Registry.instance().entries.clear();
    Registry.instance().entries.put("start", 0);
    Object seen =
        pool.submit(
                () -> {
                  Registry.instance().entries.put("task", 1);
                  return Registry.instance();
                })
            .get();
    Object size = pool.submit(() -> Registry.instance().entries.size()).get();
    return all(seen == Registry.instance(), size, Registry.instance().entries);
  }

  // ---- together ----

  @Sequential
  @Runs(AWAY)
  static Object sequenceSeesFormer(ExecutorService pool) throws Exception {
    List<Integer> list = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int n = i;
      futures.add(
          pool.submit(
              () -> {
                list.add(list.size() * n);
                text.append(list.get(n)).append(',');
              }));
    }
    for (Future<?> future : futures) {
      future.get();
    }
    return all(list, text);
  }

  @Runs(AWAY)
  static Object changedThenThrown(ExecutorService pool) throws Exception {
    int[] array = new int[3];
    List<String> list = new ArrayList<>();
    Object thrown =
        outcome(
            pool.submit(
                () -> {
                  array[0] = 1;
                  list.add("before");
                  if (list.size() == 1) {
                    throw new IllegalStateException("after " + list);
                  }
                  array[1] = 2;
                }));
    return all(thrown, array, list);
  }

  @Runs(AWAY)
  static Object changedInFinally(ExecutorService pool) throws Exception {
    boolean[] closed = new boolean[1];
    Object thrown =
        outcome(
            pool.submit(
                () -> {
                  try {
                    return Integer.parseInt("x");
                  } finally {
                    closed[0] = true;
                  }
                }));
    return all(thrown, closed);
  }

  @Runs(AWAY)
  static Object resultRefersToChanged(ExecutorService pool) throws Exception {
    List<String> list = new ArrayList<>();
    Account account = new Account();
    Map<String, Object> result =
        pool.submit(
                () -> {
                  list.add("new");
                  account.parent = new Account();
                  return Map.<String, Object>of("list", list, "parent", account.parent);
                })
            .get();
    return all(result.get("list") == list, result.get("parent") == account.parent, list, account);
  }

  @Runs(AWAY)
  static Object lambdaThatChangesCapturedState(ExecutorService pool) throws Exception {
    int[] calls = new int[1];
    Runnable count = () -> calls[0]++;
    pool.submit(
            () -> {
              count.run();
              count.run();
            })
        .get();
    count.run();
    return calls[0];
  }

  @Runs(AWAY)
  static Object gameState(ExecutorService pool) throws Exception {
    Map<String, List<int[]>> board = new TreeMap<>();
    board.put("white", new ArrayList<>(List.of(new int[] {0, 0})));
    board.put("black", new ArrayList<>(List.of(new int[] {7, 7})));
    int[] white = board.get("white").get(0);
    pool.submit(
            () -> {
              board.get("white").get(0)[1] = 3;
              board.get("black").add(board.get("white").remove(0));
            })
        .get();
    return all(board, board.get("black").get(1) == white);
  }

  @Runs(AWAY)
  static Object twoTasksAddToDifferentKeysOneAfterOther(ExecutorService pool) throws Exception {
    Map<String, List<Integer>> groups = new HashMap<>();
    for (int i = 0; i < 12; i++) {
      int n = i;
      pool.submit(() -> groups.computeIfAbsent("g" + n % 3, k -> new ArrayList<>()).add(n)).get();
    }
    return groups;
  }

  @Runs(AWAY)
  static Object visitedMarks(ExecutorService pool) throws Exception {
    Account a = new Account();
    Account b = new Account();
    a.parent = b;
    b.parent = a;
    Map<Account, String> names = new HashMap<>();
    names.put(a, "a");
    names.put(b, "b");
    pool.submit(
            () -> {
              for (Map.Entry<Account, String> e : names.entrySet()) {
                e.getKey().owner = e.getValue();
                e.setValue(e.getValue() + "!");
              }
            })
        .get();
    return all(a.owner, b.owner, names.get(a), names.get(b));
  }
}
