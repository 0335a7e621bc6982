package dev.martlet.internal.capture;

import dev.martlet.internal.codec.ObjectTable;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A task as it travels. */
public final class Captured {
  private final Site site;
  private final Plan plan;
  private final long bytes;
  private final ObjectTable table;
  private @Nullable List<ByteBuffer> graph;

  Captured(Site site, Plan plan, List<ByteBuffer> graph, long bytes, ObjectTable table) {
    this.site = site;
    this.plan = plan;
    this.graph = graph;
    this.bytes = bytes;
    this.table = table;
  }

  /** Returns the call site. */
  public Site site() {
    return site;
  }

  /**
   * Hands over the encoded function and arguments, once, so that they live no longer than need be.
   */
  public synchronized List<ByteBuffer> takeGraph() {
    List<ByteBuffer> all = Objects.requireNonNull(graph, "taken already");
    graph = null;
    return all;
  }

  /** Returns the length of the graph. */
  public long bytes() {
    return bytes;
  }

  /** Returns the objects that travel. */
  public ObjectTable table() {
    return table;
  }

  /** Returns whether the attempt is likely to count, so that its output need not wait for long. */
  public boolean live() {
    return plan.verdict.kind() != Verdict.Kind.UNSURE;
  }

  /** Returns why the task may leave, for a person. */
  public String reason() {
    return switch (plan.verdict.kind()) {
      case PURE -> "it synchronises with no other task";
      case RELEASES ->
          "what it does to shared objects is replayed at home: " + plan.verdict.reason();
      default ->
          "nothing keeps it for certain, but it comes home if what it does there is shared: "
              + plan.verdict.reason();
    };
  }

  /** Returns which classes the task is likely to need; the same object while they are the same. */
  public Needs needs() {
    return plan.needs;
  }

  /** Returns whether what the task does to shared objects has to be replayed at home. */
  public boolean releases() {
    return plan.verdict.kind() == Verdict.Kind.RELEASES;
  }

  /** Returns what the code that the task can reach does. */
  public Findings findings() {
    return plan.findings;
  }

  /** Returns the classes of what travels, and perhaps others. */
  public Set<Class<?>> types() {
    return plan.types;
  }

  /** Returns the names of the classes that the code may need, as far as analysis tells. */
  public List<String> classes() {
    return plan.findings.classes().stream().map(name -> name.replace('/', '.')).toList();
  }

  /** Returns the fields that stay at home, as {@code Class.field}. */
  public List<String> keptHome() {
    return table.pruned().values().stream()
        .flatMap(Set::stream)
        .distinct()
        .map(Captured::dotted)
        .sorted()
        .toList();
  }

  private static String dotted(Field f) {
    return f.getDeclaringClass().getName() + "." + f.getName();
  }
}
