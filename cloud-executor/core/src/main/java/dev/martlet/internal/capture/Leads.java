package dev.martlet.internal.capture;

import dev.martlet.internal.codec.ClassPlan;
import dev.martlet.internal.codec.FieldSlot;
import dev.martlet.internal.codec.LambdaShape;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.effects.JdkTable;
import java.lang.invoke.MethodType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of a task's objects, and which captured values of its lambdas, lead to a thread-safe
 * object of the JDK: what is read from any other may be a map or a list, but none that is shared
 * with running tasks by design. Types alone cannot tell two maps of one task apart.
 *
 * @param fields by their declaring class; static ones too
 * @param bodies the bodies of lambdas by owner, name and descriptor, with how many slots they
 *     capture
 * @param slots the captured slots of those bodies that lead to such an object
 */
record Leads(Set<FieldRef> fields, Map<String, Integer> bodies, Set<String> slots) {
  private static final int MOST = 10_000;

  Leads {
    fields = Set.copyOf(fields);
    bodies = Map.copyOf(bodies);
    slots = Set.copyOf(slots);
  }

  boolean contains(Leads other) {
    return fields.containsAll(other.fields)
        && bodies.keySet().containsAll(other.bodies.keySet())
        && slots.containsAll(other.slots);
  }

  Leads with(Leads other) {
    Set<FieldRef> allFields = new HashSet<>(fields);
    allFields.addAll(other.fields);
    Map<String, Integer> allBodies = new HashMap<>(bodies);
    allBodies.putAll(other.bodies);
    Set<String> allSlots = new HashSet<>(slots);
    allSlots.addAll(other.slots);
    return new Leads(allFields, allBodies, allSlots);
  }

  boolean mayLead(String body, int slot) {
    return slots.contains(body + slot);
  }

  /**
   * Looks at the objects that travel and those that statics lead to.
   *
   * @return null if there are too many of them, or others are changing them
   */
  static @Nullable Leads of(
      ObjectTable table, Plan plan, Collection<FieldRef> statics, ClassLoader l) {
    if (table.size() > MOST) {
      return null;
    }
    Walk walk = new Walk(plan);
    try {
      for (int id = 0; id < table.size(); id++) {
        walk.node(table.get(id));
      }
      Map<FieldRef, Integer> roots = new HashMap<>();
      for (FieldRef field : statics) {
        Object value = field.descriptor().length() > 1 ? StaticTypes.value(field, l) : null;
        if (value != null) {
          roots.put(field, walk.node(value));
        }
      }
      return walk.run() ? walk.leads(roots) : null;
    } catch (RuntimeException e) {
      return null;
    }
  }

  /** A field of an object, or null for an element, and what it refers to. */
  private record Edge(int from, @Nullable FieldSlot slot, int to) {}

  private static final class Walk {
    private final Plan plan;
    private final IdentityHashMap<Object, Integer> ids = new IdentityHashMap<>();
    private final List<Object> nodes = new ArrayList<>();
    private final List<Edge> edges = new ArrayList<>();
    private final List<List<Integer>> referrers = new ArrayList<>();
    private final Set<Integer> leading = new HashSet<>();

    Walk(Plan plan) {
      this.plan = plan;
    }

    int node(Object o) {
      if (Tokens.travelsByName(o)) {
        return -1;
      }
      Integer known = ids.putIfAbsent(o, nodes.size());
      if (known != null) {
        return known;
      }
      nodes.add(o);
      referrers.add(new ArrayList<>());
      return nodes.size() - 1;
    }

    boolean run() {
      for (int id = 0; id < nodes.size(); id++) {
        if (nodes.size() > MOST) {
          return false;
        }
        visit(id, nodes.get(id));
      }
      for (Edge e : edges) {
        referrers.get(e.to).add(e.from);
      }
      Deque<Integer> work = new ArrayDeque<>(leading);
      for (Integer id = work.poll(); id != null; id = work.poll()) {
        for (Integer referrer : referrers.get(id)) {
          if (leading.add(referrer)) {
            work.add(referrer);
          }
        }
      }
      return true;
    }

    private void visit(int id, Object o) {
      Class<?> type = o.getClass();
      ClassPlan p = ClassPlan.of(type);
      if (JdkTable.synchronises(type) || p.kind() == ClassPlan.Kind.REFUSED) {
        leading.add(id);
      }
      switch (p.kind()) {
        case REFERENCE_ARRAY -> {
          for (Object e : (Object[]) o) {
            edge(id, null, e);
          }
        }
        case OBJECT, ENUM, LAMBDA, PROXY, REBUILT -> {
          for (FieldSlot s : p.slots()) {
            if (s.isReference() && !plan.staysHome(s.field())) {
              edge(id, s, s.getReference(o));
            }
          }
          if (p.isRebuilt()) {
            for (Object e : p.content(o)) {
              edge(id, null, e);
            }
          }
        }
        default -> {}
      }
    }

    private void edge(int from, @Nullable FieldSlot slot, @Nullable Object to) {
      int node = to == null ? -1 : node(to);
      if (node >= 0) {
        edges.add(new Edge(from, slot, node));
      }
    }

    Leads leads(Map<FieldRef, Integer> roots) {
      Set<FieldRef> fields = new HashSet<>();
      Map<String, Integer> bodies = new HashMap<>();
      Set<String> slots = new HashSet<>();
      roots.forEach(
          (field, id) -> {
            if (leading.contains(id)) {
              fields.add(field);
            }
          });
      for (Object o : nodes) {
        LambdaShape shape = o.getClass().isHidden() ? ClassPlan.of(o.getClass()).shape() : null;
        if (shape != null && shape.isBody()) {
          int[] at = slots(shape);
          bodies.put(body(shape), at[at.length - 1]);
        }
      }
      for (Edge e : edges) {
        FieldSlot slot = e.slot;
        if (slot == null || !leading.contains(e.to)) {
          continue;
        }
        LambdaShape shape =
            slot.declaringClass().isHidden() ? ClassPlan.of(slot.declaringClass()).shape() : null;
        if (shape == null) {
          fields.add(
              new FieldRef(
                  Hierarchy.internalName(slot.declaringClass()),
                  slot.field().getName(),
                  slot.type().descriptorString()));
        } else if (shape.isBody()) {
          // The fields are named arg$1, arg$2 and so on.
          int argument = Integer.parseInt(slot.field().getName().substring("arg$".length()));
          slots.add(body(shape) + slots(shape)[argument - 1]);
        }
      }
      return new Leads(fields, bodies, slots);
    }

    private static String body(LambdaShape shape) {
      MethodType type = shape.implementationType();
      return Hierarchy.internalName(shape.owner())
          + '.'
          + shape.name()
          + type.toMethodDescriptorString();
    }

    /** Returns the slot of each captured value in the body's frame, and the first beyond. */
    private static int[] slots(LambdaShape shape) {
      int[] at = new int[shape.captured().size() + 1];
      for (int i = 0; i < at.length - 1; i++) {
        Class<?> type = shape.captured().get(i);
        at[i + 1] = at[i] + (type == long.class || type == double.class ? 2 : 1);
      }
      return at;
    }
  }
}
