package dev.martlet.internal.codec;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JDK class part of whose fields cannot be copied: their layout depends on hash codes of this
 * JVM, or other threads change them meanwhile, or they hold waiting threads. Those are built anew
 * from a snapshot: a plain instance of the class is made and filled through its public methods, and
 * its built fields are taken over. So overridden methods of subclasses are never called.
 */
abstract class Rebuild {
  /** Apart, since a new JVM whose calls have no such objects need not make them. */
  private static final class All {
    static final Map<Class<?>, Rebuild> BY_BASE = new HashMap<>();

    static {
      for (List<Rebuild> some : List.of(Tables.all(), Queues.all(), Counters.all())) {
        for (Rebuild r : some) {
          BY_BASE.put(r.base, r);
        }
      }
    }
  }

  final Class<?> base;
  private final FieldSlot[] built;
  private final boolean deferred;

  /**
   * Creates a rebuild.
   *
   * @param deferred whether it needs hash codes, so that it has to wait for the whole graph
   * @param fields the names of the fields that are built; none for all
   */
  Rebuild(Class<?> base, boolean deferred, String... fields) {
    this.base = base;
    this.deferred = deferred;
    List<FieldSlot> slots = new ArrayList<>();
    List<String> wanted = List.of(fields);
    for (Class<?> c = base; c != null && c != Object.class; c = c.getSuperclass()) {
      for (Field f : Jdk.fields(c)) {
        if (!Modifier.isStatic(f.getModifiers())
            && (wanted.isEmpty() || wanted.contains(f.getName()))) {
          slots.add(new FieldSlot(f));
        }
      }
    }
    this.built = slots.toArray(new FieldSlot[0]);
  }

  static @Nullable Rebuild of(Class<?> type) {
    for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
      Rebuild r = Jdk.isJdk(c) ? All.BY_BASE.get(c) : null;
      if (r != null) {
        return r;
      }
    }
    return null;
  }

  /** Takes a snapshot of an object. */
  abstract void take(Object o, Snapshot to);

  /** Returns a plain instance with the content of a snapshot. */
  abstract Object make(Object target, Snapshot from) throws Throwable;

  boolean isDeferred() {
    return deferred;
  }

  boolean isMutable() {
    return true;
  }

  boolean isBuilt(Field f) {
    for (FieldSlot s : built) {
      if (s.field().equals(f)) {
        return true;
      }
    }
    return false;
  }

  /** Fills an object whose other fields are complete. */
  final void give(Object target, Snapshot from) {
    try {
      Object plain = make(target, from);
      for (FieldSlot s : built) {
        s.copy(plain, target);
      }
    } catch (Exception | StackOverflowError e) {
      throw new CodecException("a " + base.getName() + " cannot be built anew", e);
    } catch (Throwable e) {
      throw Jdk.sneaky(e);
    }
  }

  /** Returns whether elements come as keys and values in turn. */
  boolean isMap() {
    return false;
  }

  /** Returns whether a snapshot has a shape, too. */
  boolean hasShape() {
    return false;
  }

  /** Returns whether the layout depends on hash codes that are the objects' own. */
  boolean asksKeys() {
    return deferred;
  }

  /** Returns the capacity to use, a power of two. */
  static int capacity(Snapshot from) {
    long c = from.a < 1 ? 16 : from.capacity();
    return (int) Math.min(1 << 30, Long.highestOneBit(c));
  }
}
