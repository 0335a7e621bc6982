package dev.martlet.internal.effects;

import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.agent.Trusted;
import dev.martlet.internal.codec.LongBins;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.Writer;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The contents of the JDK's ordinary collections, where their innards differ from JVM to JVM. They
 * are read and written by the JDK's own methods, past whatever a subclass overrides: restoring a
 * collection must not run its user's code, except for the comparisons that keep it in order.
 */
abstract class Contents {
  /** How many objects make an entry; the first is the key. */
  final int width;

  Contents(int width) {
    this.width = width;
  }

  /** Returns how to treat instances of a class, or {@code null} if their fields say it all. */
  static @Nullable Contents of(Class<?> type) {
    if (LinkedHashMap.class.isAssignableFrom(type)) {
      return new KeyedContents(LinkedHashMap.class, HashMap.class);
    } else if (HashMap.class.isAssignableFrom(type)) {
      return new KeyedContents(HashMap.class, HashMap.class);
    } else if (IdentityHashMap.class.isAssignableFrom(type)) {
      return new KeyedContents(IdentityHashMap.class, IdentityHashMap.class);
    } else if (WeakHashMap.class.isAssignableFrom(type)) {
      return new KeyedContents(WeakHashMap.class, WeakHashMap.class);
    } else if (TreeMap.class.isAssignableFrom(type)) {
      return new KeyedContents(TreeMap.class, TreeMap.class);
    } else if (HashSet.class.isAssignableFrom(type)) {
      return new KeyedContents.OfSet(type);
    } else if (LinkedList.class.isAssignableFrom(type)) {
      return new Sequence(LinkedList.class, "addLast", void.class, null);
    } else if (ArrayDeque.class.isAssignableFrom(type)) {
      return new Sequence(ArrayDeque.class, "addLast", void.class, "elements");
    } else if (PriorityQueue.class.isAssignableFrom(type)) {
      return new Sequence(PriorityQueue.class, "offer", boolean.class, "queue");
    }
    return Claimed.of(type);
  }

  /**
   * The state of a generator, or the position of a stream in memory. They are no ordinary objects,
   * since other tasks may draw or read from them meanwhile; so a change is a claim, which holds if
   * nobody else made one.
   */
  abstract static class Claimed extends Contents {
    private Claimed() {
      super(1);
    }

    static @Nullable Claimed of(Class<?> type) {
      if (Random.class.isAssignableFrom(type)) {
        return new Seed();
      }
      boolean stream =
          InputStream.class.isAssignableFrom(type)
              || Reader.class.isAssignableFrom(type)
              || OutputStream.class.isAssignableFrom(type)
              || Writer.class.isAssignableFrom(type);
      return stream ? new Position(type) : null;
    }

    /** Returns how many numbers the state is. */
    abstract int size();

    /** Sets a state, unless it is not the expected one. */
    abstract boolean claim(Object o, long[] before, long[] after);

    /** Returns what its users hold while they change more than the state, or {@code null}. */
    @Nullable Object lock(Object o) {
      return null;
    }

    abstract long[] state(Object o);

    @Override
    Object[] take(Object o) {
      long[] state = state(o);
      Object[] all = new Object[state.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = state[i];
      }
      return all;
    }

    @Override
    boolean isOrdered(Object o) {
      return true;
    }

    @Override
    boolean isKeyed() {
      return false;
    }

    @Override
    void clear(Object o) {
      throw new UnsupportedOperationException();
    }

    @Override
    void put(Object o, @Nullable Object key, @Nullable Object value) {
      throw new UnsupportedOperationException();
    }

    @Override
    void remove(Object o, @Nullable Object key) {
      throw new UnsupportedOperationException();
    }
  }

  /** The seed, and the second of two Gaussian numbers that are made at a time. */
  private static final class Seed extends Claimed {
    private static final MethodHandle SEED = seed();
    private static final long NEXT = offset("nextNextGaussian");
    private static final long HAS_NEXT = offset("haveNextNextGaussian");

    private static MethodHandle seed() {
      try {
        return Trusted.lookup().findGetter(Random.class, "seed", AtomicLong.class);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("this JDK has no Random.seed", e);
      }
    }

    private static long offset(String field) {
      try {
        return Memory.offset(Random.class.getDeclaredField(field));
      } catch (NoSuchFieldException e) {
        throw new IllegalStateException("this JDK has no Random." + field, e);
      }
    }

    private static AtomicLong of(Object random) {
      try {
        return (AtomicLong) SEED.invokeExact((Random) random);
      } catch (Throwable e) {
        throw failed(e);
      }
    }

    @Override
    int size() {
      return 3;
    }

    @Override
    boolean claim(Object o, long[] before, long[] after) {
      if (before[1] == after[1] && before[2] == after[2]) {
        return of(o).compareAndSet(before[0], after[0]);
      }
      synchronized (o) { // as nextGaussian() does, which alone makes and takes the second number
        if (Memory.getBits(o, HAS_NEXT, 'Z') != before[1]
            || Memory.getBits(o, NEXT, 'D') != before[2]
            || !of(o).compareAndSet(before[0], after[0])) {
          return false;
        }
        Memory.putBits(o, HAS_NEXT, 'Z', after[1]);
        Memory.putBits(o, NEXT, 'D', after[2]);
        return true;
      }
    }

    @Override
    long[] state(Object o) {
      // The seed first: if others draw meanwhile, the claim of it fails.
      long seed = of(o).get();
      return new long[] {seed, Memory.getBits(o, HAS_NEXT, 'Z'), Memory.getBits(o, NEXT, 'D')};
    }
  }

  /** The numbers in the JDK's part of a stream. */
  private static final class Position extends Claimed {
    private static final long READERS = lockOf(Reader.class);
    private static final long WRITERS = lockOf(Writer.class);

    private final List<Field> fields = new ArrayList<>();
    private final boolean locks;

    Position(Class<?> type) {
      Class<?> ofJdk = null;
      for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
        if (JdkTable.isJdk(Statics.internalName(c))) {
          ofJdk = ofJdk == null ? c : ofJdk;
          for (Field f : c.getDeclaredFields()) {
            int m = f.getModifiers();
            if (f.getType().isPrimitive() && !Modifier.isStatic(m) && !Modifier.isFinal(m)) {
              fields.add(f);
            }
          }
        }
      }
      locks = ofJdk != null && !fields.isEmpty() && locks(ofJdk);
    }

    /** Returns whether those who use a stream of the JDK lock it. */
    private static boolean locks(Class<?> type) {
      if (Reader.class.isAssignableFrom(type) || Writer.class.isAssignableFrom(type)) {
        return true;
      }
      try {
        Method use =
            InputStream.class.isAssignableFrom(type)
                ? type.getMethod("read")
                : type.getMethod("write", int.class);
        return Modifier.isSynchronized(use.getModifiers());
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException(type + " is no stream", e);
      }
    }

    private static char type(Field f) {
      return f.getType().descriptorString().charAt(0);
    }

    private static long lockOf(Class<?> type) {
      try {
        return Memory.offset(type.getDeclaredField("lock"));
      } catch (NoSuchFieldException e) {
        throw new IllegalStateException("this JDK has no " + type.getName() + ".lock", e);
      }
    }

    @Override
    @Nullable Object lock(Object stream) {
      if (!locks) {
        return null; // whoever holds its monitor may be waiting for the call
      }
      Object lock = null;
      if (stream instanceof Reader) {
        lock = Memory.getReference(stream, READERS);
      } else if (stream instanceof Writer) {
        lock = Memory.getReference(stream, WRITERS);
      }
      return lock == null ? stream : lock;
    }

    @Override
    int size() {
      return fields.size();
    }

    @Override
    boolean claim(Object o, long[] before, long[] after) {
      Object lock = lock(o);
      synchronized (lock == null ? this : lock) {
        if (!Arrays.equals(state(o), before)) {
          return false;
        }
        for (int i = 0; i < after.length; i++) {
          Field f = fields.get(i);
          Memory.putBits(o, Memory.offset(f), type(f), after[i]);
        }
        return true;
      }
    }

    @Override
    long[] state(Object o) {
      long[] state = new long[fields.size()];
      for (int i = 0; i < state.length; i++) {
        Field f = fields.get(i);
        state[i] = Memory.getBits(o, Memory.offset(f), type(f));
      }
      return state;
    }
  }

  /** Returns whether a stream reads from or writes to another, itself or through others. */
  static boolean isAround(Object stream, Object other) {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Object> todo = new ArrayDeque<>(List.of(stream));
    while (!todo.isEmpty()) {
      Object o = todo.pop();
      for (Class<?> c = o.getClass(); c != null; c = c.getSuperclass()) {
        for (Field f : c.getDeclaredFields()) {
          if (f.getType().isPrimitive() || Modifier.isStatic(f.getModifiers())) {
            continue;
          }
          Object value = Memory.getReference(o, Memory.offset(f));
          if (value == other) {
            return true;
          }
          if (value != null && isStream(value) && seen.add(value)) {
            todo.push(value);
          }
        }
      }
    }
    return false;
  }

  private static boolean isStream(Object o) {
    return o instanceof InputStream
        || o instanceof Reader
        || o instanceof OutputStream
        || o instanceof Writer;
  }

  /** Returns all entries, flat. */
  abstract Object[] take(Object o);

  /** Returns the array that holds the entries, if it travels as an object; it is nobody else's. */
  @Nullable Object innards(Object o) {
    return null;
  }

  /**
   * What decides in which order the entries of a hash table are met.
   *
   * @param hashes of each entry, as the table has it: a key that was taken out, changed and put
   *     back has another
   * @param bins how long the table is, or 0 if the order does not depend on it
   * @param shape of its {@linkplain LongBins long bins}
   * @param newestFirst whether a new entry is the first of its bin and not the last
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by isLike
  record Layout(int[] hashes, int bins, int[] shape, boolean newestFirst) {
    boolean isLike(Layout other) {
      return bins == other.bins
          && Arrays.equals(hashes, other.hashes)
          && Arrays.equals(shape, other.shape);
    }
  }

  /** Returns the layout of a hash table, or {@code null} if it is another collection. */
  @Nullable Layout layout(Object o) {
    return null;
  }

  /**
   * Has a hash table be as long as another if it is shorter, and its long bins be arranged as that
   * one's.
   *
   * @param keys those of the long bins
   */
  void arrange(Object o, int bins, List<@Nullable Object> keys, int[] shape) throws Throwable {
    throw new UnsupportedOperationException();
  }

  /** Returns whether the order of entries is that of their keys. */
  boolean isSorted() {
    return false;
  }

  /** Returns whether the collection keeps the order in which entries came. */
  abstract boolean isOrdered(Object o);

  /** Returns whether entries can be put and removed one by one; else all are replaced. */
  abstract boolean isKeyed();

  abstract void clear(Object o) throws Throwable;

  abstract void put(Object o, @Nullable Object key, @Nullable Object value) throws Throwable;

  abstract void remove(Object o, @Nullable Object key) throws Throwable;

  /** Finds a method of the JDK's, past whatever a subclass overrides. */
  static MethodHandle special(Class<?> type, String name, Class<?> result, Class<?>... parameters) {
    try {
      MethodHandles.Lookup lookup = Trusted.lookup();
      MethodHandle h =
          lookup.findSpecial(type, name, MethodType.methodType(result, parameters), type);
      return h.asType(h.type().changeParameterType(0, Object.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK has no " + type.getName() + "." + name, e);
    }
  }

  static RuntimeException failed(Throwable e) {
    if (e instanceof RuntimeException r) {
      return r;
    } else if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(e);
  }

  private static final class Sequence extends Contents {
    private final MethodHandle add;
    private final MethodHandle clear;
    private final MethodHandle toArray;
    private final long innards;

    Sequence(Class<?> type, String adds, Class<?> result, @Nullable String innards) {
      super(1);
      this.innards = innards == null ? -1 : offset(type, innards);
      MethodHandle h = special(type, adds, result, Object.class);
      add = h.asType(MethodType.methodType(void.class, Object.class, Object.class));
      clear = special(type, "clear", void.class);
      toArray = special(type, "toArray", Object[].class);
    }

    private static long offset(Class<?> type, String field) {
      try {
        return Memory.offset(type.getDeclaredField(field));
      } catch (NoSuchFieldException e) {
        throw new IllegalStateException("this JDK has no " + type.getName() + "." + field, e);
      }
    }

    @Override
    @Nullable Object innards(Object o) {
      return innards < 0 ? null : Memory.getReference(o, innards);
    }

    @Override
    Object[] take(Object o) {
      try {
        return (Object[]) toArray.invokeExact(o);
      } catch (Throwable e) {
        throw failed(e);
      }
    }

    @Override
    boolean isOrdered(Object o) {
      return true;
    }

    @Override
    boolean isKeyed() {
      return false;
    }

    @Override
    void clear(Object o) throws Throwable {
      clear.invokeExact(o);
    }

    @Override
    void put(Object o, @Nullable Object key, @Nullable Object value) throws Throwable {
      add.invokeExact(o, key);
    }

    @Override
    void remove(Object o, @Nullable Object key) {
      throw new UnsupportedOperationException(((Collection<?>) o).getClass().getName());
    }
  }
}
