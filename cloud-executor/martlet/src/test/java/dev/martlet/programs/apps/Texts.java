package dev.martlet.programs.apps;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;

import dev.martlet.programs.Runs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.BreakIterator;
import java.text.ChoiceFormat;
import java.text.Collator;
import java.text.DecimalFormat;
import java.text.MessageFormat;
import java.text.Normalizer;
import java.text.SimpleDateFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Properties;
import java.util.Scanner;
import java.util.Set;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.StringTokenizer;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;

/** Words, indexes, patterns, documents. */
final class Texts {
  private static final Pattern WORD = Pattern.compile("[\\p{L}']+");
  private static final Set<String> STOP = Set.of("the", "a", "of", "and");
  private static final String[] DOCUMENTS = {
    "The quick brown fox jumps over the lazy dog and the cat.",
    "A dog's life: the dog sleeps, the dog eats, the fox runs.",
    "Über den Wolken muss die Freiheit wohl grenzenlos sein",
    "",
    "and of the a",
    "Cat. cat? CAT! caterpillar; fox"
  };

  private Texts() {}

  private static <T> List<T> get(List<Future<T>> futures) throws Exception {
    List<T> out = new ArrayList<>();
    for (Future<T> f : futures) {
      out.add(f.get());
    }
    return out;
  }

  @Runs(EITHER)
  static Object wordCount(ExecutorService pool) throws Exception {
    ConcurrentMap<String, LongAdder> counts = new ConcurrentHashMap<>();
    for (String d : DOCUMENTS) {
      for (String w : d.split("\\W+")) {
        counts.putIfAbsent(w.toLowerCase(Locale.ROOT), new LongAdder());
      }
    }
    List<Future<?>> done = new ArrayList<>();
    for (String document : DOCUMENTS) {
      done.add(
          pool.submit(
              () -> {
                for (String w : document.split("\\W+")) {
                  counts.get(w.toLowerCase(Locale.ROOT)).increment();
                }
              }));
    }
    for (Future<?> f : done) {
      f.get();
    }
    SortedMap<String, Long> out = new TreeMap<>();
    counts.forEach((k, v) -> out.put(k, v.sum()));
    return out;
  }

  @Runs(EITHER)
  static Object wordCountComputingAdders(ExecutorService pool) throws Exception {
    Map<String, LongAdder> counts = new ConcurrentHashMap<>();
    List<Future<?>> done = new ArrayList<>();
    for (String document : DOCUMENTS) {
      done.add(
          pool.submit(
              () -> {
                Matcher m = WORD.matcher(document);
                while (m.find()) {
                  counts.computeIfAbsent(m.group(), w -> new LongAdder()).increment();
                }
              }));
    }
    for (Future<?> f : done) {
      f.get();
    }
    return new TreeMap<>(counts).toString();
  }

  @Runs(AWAY)
  static Object wordCountMerging(ExecutorService pool) throws Exception {
    ConcurrentMap<String, Integer> counts = new ConcurrentSkipListMap<>();
    AtomicInteger words = new AtomicInteger();
    List<Callable<Object>> tasks = new ArrayList<>();
    for (String document : DOCUMENTS) {
      tasks.add(
          () -> {
            Matcher m = WORD.matcher(document);
            while (m.find()) {
              String w = m.group().toLowerCase(Locale.ROOT);
              if (!STOP.contains(w)) {
                counts.merge(w, 1, Integer::sum);
                words.incrementAndGet();
              }
            }
            return null;
          });
    }
    get(pool.invokeAll(tasks));
    return Arrays.asList(counts, words);
  }

  /** Where words stand. */
  private static final class Index {
    private final Map<String, Map<Integer, List<Integer>>> postings = new TreeMap<>();
    private final int documents;

    Index(int documents) {
      this.documents = documents;
    }

    Index add(int document, String text) {
      Matcher m = WORD.matcher(text);
      for (int at = 0; m.find(); at++) {
        postings
            .computeIfAbsent(m.group().toLowerCase(Locale.ROOT), w -> new TreeMap<>())
            .computeIfAbsent(document, d -> new ArrayList<>())
            .add(at);
      }
      return this;
    }

    Index merge(Index other) {
      other.postings.forEach(
          (w, p) ->
              postings.merge(
                  w,
                  p,
                  (a, b) -> {
                    a.putAll(b);
                    return a;
                  }));
      return this;
    }

    Set<Integer> search(String query) {
      Set<Integer> found = null;
      for (String w : query.split(" ")) {
        Set<Integer> here = postings.getOrDefault(w, Map.of()).keySet();
        if (found == null) {
          found = new TreeSet<>(here);
        } else {
          found.retainAll(here);
        }
      }
      return found;
    }

    double idf(String w) {
      return Math.log((1.0 + documents) / (1 + postings.getOrDefault(w, Map.of()).size()));
    }
  }

  @Runs(AWAY)
  static Object invertedIndex(ExecutorService pool) throws Exception {
    List<Future<Index>> parts = new ArrayList<>();
    for (int d = 0; d < DOCUMENTS.length; d++) {
      int document = d;
      parts.add(pool.submit(() -> new Index(DOCUMENTS.length).add(document, DOCUMENTS[document])));
    }
    Index index = get(parts).stream().reduce(new Index(DOCUMENTS.length), Index::merge);
    List<Future<Set<Integer>>> searches = new ArrayList<>();
    for (String q : List.of("the dog", "fox", "cat fox", "nothing")) {
      searches.add(pool.submit(() -> index.search(q)));
    }
    Future<Double> idf = pool.submit(() -> index.idf("fox"));
    return Arrays.asList(index, get(searches), idf.get());
  }

  private static int distance(CharSequence a, CharSequence b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int up = row[j];
        row[j] =
            Math.min(
                Math.min(row[j] + 1, row[j - 1] + 1),
                diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1));
        diagonal = up;
      }
    }
    return row[b.length()];
  }

  @Runs(AWAY)
  static Object spelling(ExecutorService pool) throws Exception {
    List<String> words = List.of("kitten", "sitting", "Saturday", "Sunday", "rosettacode", "");
    int[][] table = new int[words.size()][words.size()];
    List<Future<?>> rows = new ArrayList<>();
    for (int r = 0; r < words.size(); r++) {
      int row = r;
      rows.add(
          pool.submit(
              () -> {
                for (int c = 0; c < words.size(); c++) {
                  table[row][c] = distance(words.get(row), words.get(c));
                }
              }));
    }
    for (Future<?> f : rows) {
      f.get();
    }
    return table;
  }

  private record Hit(String name, int start, List<String> groups) {}

  @Runs(AWAY)
  static Object regexScan(ExecutorService pool) throws Exception {
    Map<String, Pattern> patterns = new LinkedHashMap<>();
    patterns.put("date", Pattern.compile("(?<y>\\d{4})-(?<m>\\d\\d)-(?<d>\\d\\d)"));
    patterns.put("mail", Pattern.compile("(\\w+)@(\\w+)\\.(com|org)", Pattern.CASE_INSENSITIVE));
    patterns.put("ip", Pattern.compile("\\b(?:\\d{1,3}\\.){3}\\d{1,3}\\b"));
    String log =
        "2024-01-31 bob@Example.COM from 10.0.0.1\n2023-12-01 eve@evil.org via 192.168.1.255 x";
    List<Future<List<Hit>>> hits = new ArrayList<>();
    patterns.forEach(
        (name, p) ->
            hits.add(
                pool.submit(
                    () -> {
                      List<Hit> found = new ArrayList<>();
                      for (Matcher m = p.matcher(log); m.find(); ) {
                        List<String> groups = new ArrayList<>();
                        for (int g = 0; g <= m.groupCount(); g++) {
                          groups.add(m.group(g));
                        }
                        found.add(new Hit(name, m.start(), groups));
                      }
                      return found;
                    })));
    Future<String> replaced =
        pool.submit(() -> patterns.get("date").matcher(log).replaceAll("${d}.${m}.${y}"));
    Future<List<String>> results =
        pool.submit(
            () -> patterns.get("mail").matcher(log).results().map(MatchResult::group).toList());
    return Arrays.asList(get(hits), replaced.get(), results.get());
  }

  /** A small JSON writer. */
  private static final class Json {
    private final StringBuilder out = new StringBuilder();
    private int depth;

    static String of(Object o) {
      return new Json().value(o).out.toString();
    }

    private Json value(Object o) {
      if (o instanceof Map<?, ?> map) {
        open('{');
        String comma = "";
        for (Map.Entry<?, ?> e : map.entrySet()) {
          out.append(comma);
          line();
          string(e.getKey().toString());
          out.append(": ");
          value(e.getValue());
          comma = ",";
        }
        close('}');
      } else if (o instanceof Collection<?> c) {
        open('[');
        Iterator<?> i = c.iterator();
        while (i.hasNext()) {
          line();
          value(i.next());
          if (i.hasNext()) {
            out.append(',');
          }
        }
        close(']');
      } else if (o instanceof Number || o instanceof Boolean || o == null) {
        out.append(o);
      } else {
        string(o.toString());
      }
      return this;
    }

    private void string(String s) {
      out.append('"');
      s.chars()
          .forEach(
              c -> {
                switch (c) {
                  case '"', '\\' -> out.append('\\').append((char) c);
                  case '\n' -> out.append("\\n");
                  default -> {
                    if (c < ' ' || c > 126) {
                      out.append(String.format("\\u%04x", c));
                    } else {
                      out.append((char) c);
                    }
                  }
                }
              });
      out.append('"');
    }

    private void open(char c) {
      out.append(c);
      depth++;
    }

    private void close(char c) {
      depth--;
      line();
      out.append(c);
    }

    private void line() {
      out.append('\n').append("  ".repeat(depth));
    }
  }

  @Runs(AWAY)
  static Object json(ExecutorService pool) throws Exception {
    List<Future<String>> texts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Map<String, Object> o = new LinkedHashMap<>();
      o.put("id", i);
      o.put("na\"me", "Grüße\n" + i);
      o.put("tags", Arrays.asList("x", null, 1.5, true));
      o.put("nested", Map.of("a", new TreeMap<>(Map.of("z", List.of(), "b", 2))));
      texts.add(pool.submit(() -> Json.of(o)));
    }
    return get(texts);
  }

  /** Reads JSON by recursive descent; an inner class holds the position. */
  private static final class JsonReader {
    private final String text;

    JsonReader(String text) {
      this.text = text;
    }

    Object read() {
      return new Cursor().value();
    }

    private final class Cursor {
      private int at;

      private char peek() {
        while (Character.isWhitespace(text.charAt(at))) {
          at++;
        }
        return text.charAt(at);
      }

      private void expect(char c) {
        if (peek() != c) {
          throw new JsonException("expected " + c + " at " + at, at);
        }
        at++;
      }

      Object value() {
        switch (peek()) {
          case '{' -> {
            Map<String, Object> map = new LinkedHashMap<>();
            at++;
            while (peek() != '}') {
              String key = (String) value();
              expect(':');
              map.put(key, value());
              if (peek() == ',') {
                at++;
              }
            }
            at++;
            return map;
          }
          case '[' -> {
            List<Object> list = new ArrayList<>();
            at++;
            while (peek() != ']') {
              list.add(value());
              if (peek() == ',') {
                at++;
              }
            }
            at++;
            return list;
          }
          case '"' -> {
            int end = text.indexOf('"', at + 1);
            String s = text.substring(at + 1, end);
            at = end + 1;
            return s;
          }
          default -> {
            int start = at;
            while (at < text.length() && ",]}: ".indexOf(text.charAt(at)) < 0) {
              at++;
            }
            String word = text.substring(start, at);
            try {
              return word.equals("null") ? null : Double.valueOf(word);
            } catch (NumberFormatException e) {
              throw new JsonException("odd word " + word, start, e);
            }
          }
        }
      }
    }
  }

  private static final class JsonException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final int at;

    JsonException(String message, int at) {
      super(message);
      this.at = at;
    }

    JsonException(String message, int at, Throwable cause) {
      super(message, cause);
      this.at = at;
    }
  }

  @Runs(AWAY)
  static Object jsonParsing(ExecutorService pool) throws Exception {
    List<Callable<Object>> tasks = new ArrayList<>();
    for (String s :
        List.of(
            "{\"a\": [1, 2, {\"b\": null}], \"c\": \"x\"}", "[[[]]]", "{\"a\" 1}", "[1, tru]")) {
      JsonReader reader = new JsonReader(s);
      tasks.add(reader::read);
    }
    List<Object> out = new ArrayList<>();
    for (Future<Object> f : pool.invokeAll(tasks)) {
      try {
        out.add(f.get());
      } catch (java.util.concurrent.ExecutionException e) {
        out.add(e.getCause());
      }
    }
    return out;
  }

  @Runs(AWAY)
  static Object csvColumns(ExecutorService pool) throws Exception {
    StringBuilder csv = new StringBuilder("name,age,city\n");
    for (int i = 0; i < 50; i++) {
      csv.append("n").append(i).append(',').append(20 + i % 17).append(",c").append(i % 4);
      csv.append('\n');
    }
    String all = csv.toString();
    Future<Map<String, Double>> mean =
        pool.submit(
            () -> {
              try (BufferedReader r = new BufferedReader(new StringReader(all))) {
                r.readLine();
                return r.lines()
                    .map(l -> l.split(","))
                    .collect(
                        Collectors.groupingBy(
                            c -> c[2],
                            TreeMap::new,
                            Collectors.averagingInt(c -> Integer.parseInt(c[1]))));
              }
            });
    Future<Integer> oldest =
        pool.submit(
            () -> {
              int best = 0;
              try (Scanner s = new Scanner(all).useDelimiter("[,\n]")) {
                s.next();
                s.next();
                s.next();
                while (s.hasNext()) {
                  s.next();
                  best = Math.max(best, s.nextInt());
                  s.next();
                }
              }
              return best;
            });
    Future<int[]> widths =
        pool.submit(
            () -> {
              int[] w = new int[3];
              StringTokenizer lines = new StringTokenizer(all, "\n");
              while (lines.hasMoreTokens()) {
                String[] c = lines.nextToken().split(",");
                for (int i = 0; i < 3; i++) {
                  w[i] = Math.max(w[i], c[i].length());
                }
              }
              return w;
            });
    return Arrays.asList(mean.get(), oldest.get(), widths.get());
  }

  @Runs(AWAY)
  static Object oldFormats(ExecutorService pool) throws Exception {
    SimpleDateFormat day = new SimpleDateFormat("yyyy-MM-dd HH:mm Z", Locale.US);
    day.setTimeZone(TimeZone.getTimeZone("Asia/Tokyo"));
    DecimalFormat number = new DecimalFormat("#,##0.00;(#)");
    MessageFormat message = new MessageFormat("{0} has {1,number,integer} of {2}", Locale.UK);
    ChoiceFormat choice = new ChoiceFormat("0#none|1#one|2#many");
    List<Future<String>> texts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int n = i;
      texts.add(
          pool.submit(
              () ->
                  ((SimpleDateFormat) day.clone()).format(new Date(n * 86_400_000L))
                      + ((DecimalFormat) number.clone()).format(-1234.567 * n)
                      + ((MessageFormat) message.clone()).format(new Object[] {"x" + n, n, 'c'})
                      + choice.format(n)));
    }
    return get(texts);
  }

  @Runs(AWAY)
  static Object collation(ExecutorService pool) throws Exception {
    List<String> names = List.of("Zebra", "äpfel", "Apfel", "ôter", "oter", "école", "Ecole");
    Future<List<String>> german =
        pool.submit(
            () -> {
              List<String> sorted = new ArrayList<>(names);
              sorted.sort(Collator.getInstance(Locale.GERMAN));
              return sorted;
            });
    Future<List<String>> plain =
        pool.submit(
            () ->
                names.stream()
                    .map(s -> Normalizer.normalize(s, Normalizer.Form.NFD).replaceAll("\\p{M}", ""))
                    .sorted(String.CASE_INSENSITIVE_ORDER.thenComparing(Comparator.reverseOrder()))
                    .toList());
    Future<Integer> sentences =
        pool.submit(
            () -> {
              BreakIterator b = BreakIterator.getSentenceInstance(Locale.US);
              b.setText("One. Two! Three? Four");
              int n = 0;
              while (b.next() != BreakIterator.DONE) {
                n++;
              }
              return n;
            });
    return Arrays.asList(german.get(), plain.get(), sentences.get());
  }

  /** A bag of words that is its own collection, iterator and collector. */
  private static final class Bag extends java.util.AbstractCollection<String> {
    private final Map<String, Integer> counts = new TreeMap<>();
    private int size;

    static Collector<String, Bag, Bag> collector() {
      return Collector.of(
          Bag::new,
          Bag::add,
          (a, b) -> {
            a.addAll(b);
            return a;
          });
    }

    @Override
    public boolean add(String s) {
      size++;
      return counts.merge(s, 1, Integer::sum) > 0;
    }

    @Override
    public Iterator<String> iterator() {
      return new Iterator<>() {
        private final Iterator<Map.Entry<String, Integer>> entries = counts.entrySet().iterator();
        private Map.Entry<String, Integer> entry;
        private int left;

        @Override
        public boolean hasNext() {
          return left > 0 || entries.hasNext();
        }

        @Override
        public String next() {
          if (left == 0) {
            if (!entries.hasNext()) {
              throw new NoSuchElementException();
            }
            entry = entries.next();
            left = entry.getValue();
          }
          left--;
          return entry.getKey();
        }
      };
    }

    @Override
    public int size() {
      return size;
    }
  }

  @Runs(AWAY)
  static Object bags(ExecutorService pool) throws Exception {
    List<Future<Bag>> bags = new ArrayList<>();
    for (String d : DOCUMENTS) {
      bags.add(pool.submit(() -> Arrays.stream(d.split("\\s+")).collect(Bag.collector())));
    }
    Bag total = new Bag();
    for (Bag b : get(bags)) {
      total.addAll(b);
    }
    Bag shared = total;
    Future<Integer> longest =
        pool.submit(() -> shared.stream().mapToInt(String::length).max().orElse(-1));
    int most = longest.get();
    Future<Boolean> added = pool.submit(() -> shared.add("new") && shared.contains("new"));
    return Arrays.asList(most, added.get(), shared.size(), String.join("|", shared));
  }

  /** Templates with callbacks. */
  private interface Template extends Function<Map<String, ?>, String> {
    static Template of(String text) {
      return model -> {
        StringBuffer out = new StringBuffer();
        Matcher m = Pattern.compile("\\{(\\w+)(?:\\|(\\w+))?}").matcher(text);
        while (m.find()) {
          Object v = model.get(m.group(1));
          String s = String.valueOf(v);
          if ("upper".equals(m.group(2))) {
            s = s.toUpperCase(Locale.ROOT);
          }
          m.appendReplacement(out, Matcher.quoteReplacement(s));
        }
        return m.appendTail(out).toString();
      };
    }

    default Template wrap(String tag) {
      return model -> "<" + tag + ">" + apply(model) + "</" + tag + ">";
    }
  }

  @Runs(AWAY)
  static Object templates(ExecutorService pool) throws Exception {
    Template t = Template.of("Dear {name|upper}, you owe {sum}$.").wrap("p").wrap("body");
    List<Future<String>> letters = new ArrayList<>();
    for (String n : List.of("ann", "bob$1")) {
      letters.add(pool.submit(() -> t.apply(Map.of("name", n, "sum", n.length() * 10))));
    }
    return get(letters);
  }

  @Runs(EITHER)
  static Object propertiesAndJoiners(ExecutorService pool) throws Exception {
    Properties defaults = new Properties();
    defaults.setProperty("host", "localhost");
    Properties p = new Properties(defaults);
    p.load(new StringReader("port=80\npath = /a\\\n  b\n# c\nkey\\ x:y"));
    StringJoiner joiner = new StringJoiner(", ", "[", "]").setEmptyValue("none");
    Future<String> text =
        pool.submit(
            () -> {
              StringWriter w = new StringWriter();
              for (String k : new TreeSet<>(p.stringPropertyNames())) {
                w.append(k).append('=').append(p.getProperty(k)).append('\n');
              }
              return w.toString();
            });
    Future<?> joined = pool.submit(() -> joiner.add("x").add("y"));
    joined.get();
    return Arrays.asList(text.get(), joiner.toString());
  }

  @Runs(EITHER)
  static Object anagramsInSharedMap(ExecutorService pool) throws Exception {
    ConcurrentMap<String, List<String>> groups = new ConcurrentHashMap<>();
    String[] words = {"listen", "silent", "enlist", "google", "elgoog", "abc", "cab", "bca"};
    for (String w : words) {
      groups.putIfAbsent(key(w), new CopyOnWriteArrayList<>());
    }
    List<Future<?>> all = new ArrayList<>();
    for (String w : words) {
      all.add(pool.submit(() -> groups.get(key(w)).add(w)));
    }
    for (Future<?> f : all) {
      f.get();
    }
    List<List<String>> out = new ArrayList<>();
    for (List<String> g : new TreeMap<>(groups).values()) {
      List<String> sorted = new ArrayList<>(g);
      Collections.sort(sorted);
      out.add(sorted);
    }
    return out;
  }

  private static String key(String w) {
    char[] c = w.toCharArray();
    Arrays.sort(c);
    return new String(c);
  }

  @Runs(AWAY)
  static Object utf8Statistics(ExecutorService pool) throws Exception {
    List<Future<Map<Character.UnicodeBlock, Integer>>> blocks = new ArrayList<>();
    for (String s : List.of("abc äöü", "日本語 text", "мир 😀")) {
      blocks.add(
          pool.submit(
              () -> {
                Map<Character.UnicodeBlock, Integer> n = new HashMap<>();
                s.codePoints().forEach(c -> n.merge(Character.UnicodeBlock.of(c), 1, Integer::sum));
                n.put(Character.UnicodeBlock.TAGS, s.getBytes(StandardCharsets.UTF_8).length);
                return n;
              }));
    }
    List<Object> out = new ArrayList<>();
    for (Map<Character.UnicodeBlock, Integer> n : get(blocks)) {
      Map<String, Integer> named = new TreeMap<>();
      n.forEach((k, v) -> named.put(k.toString(), v));
      named.put("latin", n.getOrDefault(Character.UnicodeBlock.BASIC_LATIN, 0));
      out.add(named);
    }
    return out;
  }

  @Runs(AWAY)
  static Object wrappedIoException(ExecutorService pool) throws Exception {
    Future<String> f =
        pool.submit(
            () -> {
              try {
                throw new IOException("disk", new IllegalStateException("full"));
              } catch (IOException e) {
                UncheckedIOException u = new UncheckedIOException(e);
                u.addSuppressed(new Error("cleanup"));
                throw u;
              }
            });
    try {
      return f.get();
    } catch (java.util.concurrent.ExecutionException e) {
      return Arrays.asList(e.getCause(), new LinkedHashSet<>(List.of(1, 2)));
    }
  }
}
