package dev.martlet.internal.codec;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/** Finds the shortest way to an object that does not travel; walks a graph only after a failure. */
final class PathFinder {
  private record Step(@Nullable Object parent, String label) {}

  private final ClassSpace space;
  private final Border border;
  private final @Nullable Locals locals;
  private final IdentityHashMap<Object, Step> steps = new IdentityHashMap<>();
  private final Deque<Object> queue = new ArrayDeque<>();

  PathFinder(ClassSpace space, Border border, @Nullable Locals locals) {
    this.space = space;
    this.border = border;
    this.locals = locals;
  }

  UntravelableException explain(@Nullable Object root, Refusal refusal) {
    Object culprit = refusal.culprit;
    if (root != null) {
      steps.put(root, new Step(null, ""));
      queue.add(root);
    }
    while (!queue.isEmpty() && !steps.containsKey(culprit)) {
      expandQuietly(queue.remove());
    }
    Class<?> type = culprit instanceof Class<?> c ? c : culprit.getClass();
    return new UntravelableException(path(culprit), String.valueOf(refusal.getMessage()), type);
  }

  @SuppressWarnings("EmptyCatch") // what cannot be read, or was changed meanwhile, leads nowhere
  private void expandQuietly(Object o) {
    try {
      expand(o);
    } catch (RuntimeException unreadable) {
      // no way leads through it
    }
  }

  private void expand(Object o) {
    if (o instanceof Object[] array) {
      for (int i = 0; i < array.length; i++) {
        reach(o, array[i], "[" + i + "]");
      }
      return;
    }
    Object token = border.replace(o);
    if (token != null) {
      reach(o, token, "token");
      return;
    }
    ClassInfo info = ClassInfo.of(o.getClass(), space, border);
    ClassPlan plan = info.plan;
    if (info.constant(o) != null) {
      return;
    }
    for (int i = 0; i < plan.slots.length; i++) {
      FieldSlot s = plan.slots[i];
      if (s.isReference() && (info.home == null || !info.home[i])) {
        LambdaShape shape = plan.shape();
        boolean self = shape != null && shape.capturesThis() && i == 0;
        reach(o, s.getReference(o), self ? "this$0" : s.field().getName());
      }
    }
    if (plan.local && locals != null) {
      reach(o, locals.get((ThreadLocal<?>) o), "value");
    }
    if (plan.rebuild != null) {
      Object[] content = plan.content(o);
      for (int i = 0; i < content.length; i++) {
        String label =
            !plan.rebuild.isMap()
                ? "[" + i + "]"
                : i % 2 == 0
                    ? "key"
                    : content[i - 1] instanceof String k ? "[\"" + k + "\"]" : "value";
        reach(o, content[i], label);
      }
    }
  }

  private void reach(Object from, @Nullable Object to, String label) {
    if (to != null && steps.putIfAbsent(to, new Step(from, label)) == null) {
      queue.add(to);
    }
  }

  private String path(Object culprit) {
    Deque<String> parts = new ArrayDeque<>();
    Object o = culprit;
    while (o != null) {
      Step s = steps.get(o);
      if (s == null) {
        break;
      }
      parts.addFirst(s.parent == null ? name(o) : s.label + " (" + name(o) + ")");
      o = s.parent;
    }
    return parts.isEmpty() ? name(culprit) : String.join(" → ", parts);
  }

  private String name(Object o) {
    Class<?> type = o instanceof Class<?> c ? c : o.getClass();
    if (type.isHidden()) {
      return ClassPlan.of(type).shape() == null ? type.getName() : "lambda";
    }
    boolean application = !type.isArray() && space.isApplication(type);
    return application && !type.getSimpleName().isEmpty()
        ? type.getSimpleName()
        : type.getTypeName();
  }
}
