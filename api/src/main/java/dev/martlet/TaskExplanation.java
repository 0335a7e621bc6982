package dev.martlet;

import java.util.List;

/**
 * Where a task would run and what would travel with it.
 *
 * @param place where the task would run; where analysis cannot tell it begins away
 * @param reason why, and what would bring a task home that begins away
 * @param classes names of the application classes that its code may need, as far as analysis tells
 * @param objects how many objects would travel
 * @param bytes the encoded size of the task, without code
 * @param keptHome fields that stay at home because the task does not read them, as {@code
 *     Class.field}
 */
public record TaskExplanation(
    CallStatistics.Place place,
    String reason,
    List<String> classes,
    int objects,
    long bytes,
    List<String> keptHome) {

  /** Creates the explanation with unmodifiable copies of the lists. */
  public TaskExplanation {
    classes = List.copyOf(classes);
    keptHome = List.copyOf(keptHome);
  }
}
