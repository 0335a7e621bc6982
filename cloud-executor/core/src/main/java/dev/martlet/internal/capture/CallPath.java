package dev.martlet.internal.capture;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A reachable method and the one that was seen to call it. */
record CallPath(ClassFacts owner, MethodFacts method, @Nullable CallPath caller) {
  /** Returns owner, name and descriptor of the method. */
  String key() {
    return owner.name + '.' + method.name() + method.descriptor();
  }

  @Override
  public String toString() {
    Deque<String> steps = new ArrayDeque<>();
    for (CallPath p = this; p != null; p = p.caller) {
      String step = p.method.name();
      boolean named = p.caller != null || !step.startsWith("lambda$");
      steps.addFirst(named ? JdkCall.simpleName(p.owner.name) + '.' + step : step);
    }
    List<String> shown = new ArrayList<>(steps);
    if (shown.size() > 6) {
      shown = new ArrayList<>(shown.subList(shown.size() - 4, shown.size()));
      shown.add(0, "…");
      shown.add(0, steps.getFirst());
    }
    return String.join(" → ", shown);
  }
}
