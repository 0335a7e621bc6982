package dev.martlet.samples;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Counts the words in a directory of text files, some files a task. */
@Command(name = "word-count", description = "Counts the words in a directory of text files.")
final class WordCount implements Callable<Integer> {
  private static final Pattern WORD = Pattern.compile("\\p{L}+");
  private static final int CHARACTERS_PER_TASK = 50_000;

  @Mixin private Comparison comparison = new Comparison();

  @Parameters(
      arity = "0..1",
      paramLabel = "DIRECTORY",
      description = "Where the files are (default: the working directory).")
  private Path directory = Path.of("");

  WordCount() {}

  WordCount(Comparison comparison) {
    this.comparison = comparison;
  }

  @Override
  public Integer call() throws Exception {
    List<String> texts = read(directory);
    long characters = texts.stream().mapToLong(String::length).sum();
    String title =
        String.format("Word count of %,d files, %,d characters", texts.size(), characters);
    Map<String, Integer> counts = comparison.run(title, pool -> count(pool, texts), Map::equals);
    comparison.line(
        "words",
        "%,d, %,d different",
        counts.values().stream().mapToLong(n -> n).sum(),
        counts.size());
    comparison.line("most frequent", "%s", top(counts, 6));
    return 0;
  }

  /** Returns how often each word occurs in all texts together. */
  static Map<String, Integer> count(ExecutorService pool, List<String> texts)
      throws ExecutionException, InterruptedException {
    List<Future<Map<String, Integer>>> parts = new ArrayList<>();
    for (List<String> batch : batches(texts)) {
      parts.add(pool.submit(() -> count(batch)));
    }
    Map<String, Integer> total = new HashMap<>();
    for (Future<Map<String, Integer>> part : parts) {
      part.get().forEach((word, n) -> total.merge(word, n, Integer::sum));
    }
    return total;
  }

  static Map<String, Integer> count(List<String> texts) {
    Map<String, Integer> counts = new HashMap<>();
    for (String text : texts) {
      Matcher m = WORD.matcher(text);
      while (m.find()) {
        counts.merge(m.group().toLowerCase(Locale.ROOT), 1, Integer::sum);
      }
    }
    return counts;
  }

  static List<List<String>> batches(List<String> texts) {
    List<List<String>> batches = new ArrayList<>();
    List<String> batch = new ArrayList<>();
    int characters = 0;
    for (String text : texts) {
      batch.add(text);
      characters += text.length();
      if (characters >= CHARACTERS_PER_TASK) {
        batches.add(batch);
        batch = new ArrayList<>();
        characters = 0;
      }
    }
    if (!batch.isEmpty()) {
      batches.add(batch);
    }
    return batches;
  }

  /** Reads all text files below a directory, except hidden ones and what a build has made. */
  static List<String> read(Path directory) throws IOException {
    Path root = directory.toAbsolutePath().normalize();
    if (!Files.isDirectory(root)) {
      throw new NoSuchFileException(directory.toString(), null, "not a directory");
    }
    List<String> texts = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            String name = String.valueOf(dir.getFileName());
            boolean skip = !dir.equals(root) && (name.startsWith(".") || name.equals("target"));
            return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile() && !file.getFileName().toString().startsWith(".")) {
              try {
                texts.add(Files.readString(file));
              } catch (CharacterCodingException e) {
                // not text
              }
            }
            return FileVisitResult.CONTINUE;
          }
        });
    Collections.sort(texts);
    return texts;
  }

  private static String top(Map<String, Integer> counts, int n) {
    return counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(n)
        .map(e -> String.format(Locale.ROOT, "%s %,d", e.getKey(), e.getValue()))
        .collect(Collectors.joining("  "));
  }
}
