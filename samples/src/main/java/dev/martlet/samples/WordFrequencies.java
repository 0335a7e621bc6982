package dev.martlet.samples;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Counts how often each word occurs in text files, by a parallel stream over their texts. */
@Command(
    name = "word-frequencies",
    description = "Counts words of text files by a parallel stream.")
final class WordFrequencies implements Callable<Integer> {
  private static final Pattern NO_LETTERS = Pattern.compile("[^\\p{L}]+");

  @Mixin private Comparison comparison = new Comparison();

  @Parameters(arity = "0..1", description = "A directory of text files (default: the current one).")
  private Path directory = Path.of("");

  @Override
  public Integer call() throws Exception {
    List<String> texts = WordCount.read(directory);
    String title =
        String.format("Word frequencies of %,d files, by a parallel stream", texts.size());
    Map<String, Long> words =
        comparison.runForkJoin(title, pool -> pool.submit(() -> count(texts)).get(), Map::equals);
    comparison.line("different words", "%,d", words.size());
    words.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(5)
        .forEach(e -> comparison.line(e.getKey(), "%,d", e.getValue()));
    return 0;
  }

  static Map<String, Long> count(List<String> texts) {
    return texts.parallelStream()
        .flatMap(NO_LETTERS::splitAsStream)
        .filter(word -> word.length() > 3)
        .map(word -> word.toLowerCase(Locale.ROOT))
        .collect(Collectors.groupingBy(word -> word, Collectors.counting()));
  }
}
