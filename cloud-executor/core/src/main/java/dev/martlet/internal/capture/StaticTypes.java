package dev.martlet.internal.capture;

import dev.martlet.internal.codec.ClassPlan;
import dev.martlet.internal.codec.FieldSlot;
import dev.martlet.internal.effects.Statics;
import java.lang.reflect.Field;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The classes of the objects that static fields lead to, as of now. Only a hint, like all that is
 * known before a task runs: a field may get another value, and a large graph is looked at in part.
 */
final class StaticTypes {
  private static final int MOST = 10_000;

  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<Object> work = new ArrayDeque<>();
  private final Set<Class<?>> types = new HashSet<>();

  private StaticTypes() {}

  /**
   * Returns the classes behind some fields; fields of classes that cannot be found are left out.
   */
  static Set<Class<?>> of(Collection<FieldRef> fields, ClassLoader loader) {
    StaticTypes t = new StaticTypes();
    for (FieldRef ref : fields) {
      if (ref.descriptor().length() > 1) {
        t.add(value(ref, loader));
      }
    }
    t.walk();
    return t.types;
  }

  static @Nullable Object value(FieldRef ref, ClassLoader loader) {
    try {
      Class<?> type = Class.forName(ref.owner().replace('/', '.'), false, loader);
      Field field = type.getDeclaredField(ref.name());
      return Statics.get(field);
    } catch (ReflectiveOperationException | LinkageError e) {
      return null;
    }
  }

  private void add(@Nullable Object o) {
    if (o != null && !Tokens.travelsByName(o) && seen.size() < MOST && seen.add(o)) {
      types.add(o.getClass());
      work.add(o);
    }
  }

  private void walk() {
    for (Object o = work.poll(); o != null; o = work.poll()) {
      ClassPlan plan = ClassPlan.of(o.getClass());
      switch (plan.kind()) {
        case REFERENCE_ARRAY -> {
          for (Object e : (Object[]) o) {
            add(e);
          }
        }
        case OBJECT, ENUM, LAMBDA, PROXY, REBUILT -> {
          for (FieldSlot s : plan.slots()) {
            if (s.isReference()) {
              add(s.getReference(o));
            }
          }
          if (plan.isRebuilt()) {
            content(plan, o);
          }
        }
        default -> {}
      }
    }
  }

  private void content(ClassPlan plan, Object o) {
    try {
      for (Object e : plan.content(o)) {
        add(e);
      }
    } catch (RuntimeException e) {
      // Others are changing it: what was seen has to do.
      return;
    }
  }
}
