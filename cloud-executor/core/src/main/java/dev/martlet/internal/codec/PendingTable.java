package dev.martlet.internal.codec;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A hash table that waits for its keys. The hash code of a key may depend on other tables, so the
 * tables that its keys reach are built first, and completely; a table that is not reached by a key
 * does not wait for its values. On a cycle of keys, which no order can please, each is built once.
 */
final class PendingTable {
  private final Object target;
  private final Rebuild rebuild;
  private final Snapshot content;
  private boolean started;

  PendingTable(Object target, Rebuild rebuild, Snapshot content) {
    this.target = target;
    this.rebuild = rebuild;
    this.content = content;
  }

  static void finish(List<PendingTable> tables) {
    Walk walk = null;
    for (PendingTable t : tables) {
      if (!t.started) {
        if (t.hasPlainKeys()) {
          t.started = true;
          t.rebuild.give(t.target, t.content);
        } else {
          if (walk == null) {
            walk = new Walk(tables);
          }
          walk.build(t);
        }
      }
    }
  }

  private boolean hasPlainKeys() {
    if (!rebuild.asksKeys()) {
      return true;
    }
    int step = rebuild.isMap() ? 2 : 1;
    Class<?> last = null;
    for (int i = 0; i < content.size(); i += step) {
      Object key = content.get(i);
      if (key != null && key.getClass() != last) {
        if (!ClassPlan.of(key.getClass()).isFlat()) {
          return false;
        }
        last = key.getClass();
      }
    }
    return true;
  }

  /** What remains to be done after the keys of a table were walked. */
  private record Finish(PendingTable table) {}

  private static final class Walk {
    private final IdentityHashMap<Object, PendingTable> byTarget = new IdentityHashMap<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Object> stack = new ArrayDeque<>();

    Walk(List<PendingTable> tables) {
      for (PendingTable t : tables) {
        byTarget.put(t.target, t);
      }
    }

    void build(PendingTable root) {
      stack.push(root);
      while (!stack.isEmpty()) {
        Object o = stack.pop();
        if (o instanceof PendingTable t) {
          start(t);
        } else if (o instanceof Finish f) {
          f.table.rebuild.give(f.table.target, f.table.content);
          if (f.table != root) {
            push(f.table, false);
          }
        } else if (seen.add(o)) {
          visit(o);
        }
      }
    }

    private void start(PendingTable t) {
      if (!t.started) {
        t.started = true;
        stack.push(new Finish(t));
        push(t, true);
      }
    }

    /** Pushes the keys of a table, or what else it holds. */
    private void push(PendingTable t, boolean keys) {
      boolean all = !t.rebuild.isMap();
      for (int i = 0; i < t.content.size(); i++) {
        boolean key = all || i % 2 == 0;
        if ((key && t.rebuild.asksKeys()) == keys) {
          push(t.content.get(i));
        }
      }
    }

    private void push(@Nullable Object o) {
      if (o != null && !ClassPlan.of(o.getClass()).isFlat()) {
        stack.push(o);
      }
    }

    private void visit(Object o) {
      PendingTable t = byTarget.get(o);
      if (t != null) {
        stack.push(t);
      }
      if (o instanceof Object[] array) {
        for (Object e : array) {
          push(e);
        }
        return;
      }
      ClassPlan plan = ClassPlan.of(o.getClass());
      for (FieldSlot s : plan.slots) {
        if (s.isReference()) {
          push(s.getReference(o));
        }
      }
      if (t == null && plan.isRebuilt() && !plan.isHashTable()) {
        for (Object e : plan.content(o)) {
          push(e);
        }
      }
    }
  }
}
