package dev.martlet.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What was measured, and how it is printed. */
final class Table {
  private static final String NONE = "-";

  private final Map<Contender, Map<Figure, Double>> values = new EnumMap<>(Contender.class);
  private final Set<Contender> failed = EnumSet.noneOf(Contender.class);

  void put(Contender contender, Figure figure, double value) {
    values.computeIfAbsent(contender, c -> new EnumMap<>(Figure.class)).put(figure, value);
  }

  /** Marks a contender whose missing figures are failures. */
  void fail(Contender contender) {
    failed.add(contender);
  }

  /** Returns the table with aligned columns. */
  String aligned() {
    List<List<String>> rows = rows();
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        String padding = " ".repeat(widths[i] - row.get(i).length());
        text.append(i == 0 ? row.get(i) + padding : "  " + padding + row.get(i));
      }
      text.append(System.lineSeparator());
    }
    return text.toString();
  }

  /** Returns the table in Markdown. */
  String markdown() {
    List<List<String>> rows = rows();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows.size(); i++) {
      text.append("| ").append(String.join(" | ", rows.get(i))).append(" |\n");
      if (i == 0) {
        text.append("|---|").append("---:|".repeat(rows.get(0).size() - 1)).append('\n');
      }
    }
    return text.toString();
  }

  private List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("what", "unit"));
    for (Contender contender : Contender.values()) {
      head.add(contender.title());
    }
    for (Contender other : Contender.values()) {
      if (other != Contender.MARTLET) {
        head.add("M/" + other.title());
      }
    }
    rows.add(head);
    for (Figure figure : Figure.values()) {
      rows.add(row(figure));
    }
    return rows;
  }

  private List<String> row(Figure figure) {
    List<String> row = new ArrayList<>(List.of(figure.title(), figure.unit()));
    for (Contender contender : Contender.values()) {
      Double value = value(contender, figure);
      if (value != null) {
        row.add(figure.show(value));
      } else {
        row.add(failed.contains(contender) && contender.has(figure) ? "failed" : NONE);
      }
    }
    Double martlet = value(Contender.MARTLET, figure);
    for (Contender other : Contender.values()) {
      if (other != Contender.MARTLET) {
        row.add(ratio(martlet, value(other, figure)));
      }
    }
    return row;
  }

  private static String ratio(@Nullable Double martlet, @Nullable Double other) {
    return martlet == null || other == null || other == 0 ? NONE : Figure.digits(martlet / other);
  }

  private @Nullable Double value(Contender contender, Figure figure) {
    return values.getOrDefault(contender, Map.of()).get(figure);
  }
}
