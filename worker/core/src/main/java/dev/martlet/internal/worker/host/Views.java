package dev.martlet.internal.worker.host;

import dev.martlet.internal.codec.ClassPlan;
import dev.martlet.internal.codec.FieldSlot;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.effects.JdkTable;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the synchronising object behind the JDK's views and wrappers. */
final class Views {
  private static final int DEPTH = 8;

  private Views() {}

  /** Returns the object of the table that synchronises and that a view passes calls on to. */
  static @Nullable Object sharedBehind(Object view, ObjectTable table) {
    return find(view, table, DEPTH);
  }

  /** Returns the collection or map that a wrapper passes calls on to, or {@code null}. */
  static @Nullable Object inner(Object wrapper) {
    for (FieldSlot f : ClassPlan.of(wrapper.getClass()).slots()) {
      Object o = f.isReference() ? f.getReference(wrapper) : null;
      if (o != wrapper && (o instanceof Collection || o instanceof Map)) {
        return o;
      }
    }
    return null;
  }

  private static @Nullable Object find(Object view, ObjectTable table, int depth) {
    for (FieldSlot f : ClassPlan.of(view.getClass()).slots()) {
      if (!f.isReference()) {
        continue;
      }
      Object o = f.getReference(view);
      if (o == null || o == view) {
        continue;
      }
      if (JdkTable.synchronises(o.getClass())) {
        if (table.idOf(o) >= 0) {
          return o;
        }
      } else if (depth > 0 && JdkTable.wraps(o.getClass())) {
        Object shared = find(o, table, depth - 1);
        if (shared != null) {
          return shared;
        }
      }
    }
    return null;
  }
}
