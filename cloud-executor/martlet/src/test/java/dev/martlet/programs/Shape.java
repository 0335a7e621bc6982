package dev.martlet.programs;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.logging.Logger;

/**
 * Describes an object graph as text, so that two are alike exactly if their texts are equal:
 * classes, values, the order of what is ordered, and identity. Every object with an identity that
 * matters gets a number when it is first met, and is that number afterwards. What has no order is
 * met in the order of its texts: the order of iteration depends on the size of a table, which a
 * concurrent map leaves to chance.
 */
final class Shape {
  private final Map<Object, Integer> numbers = new IdentityHashMap<>();
  private final List<Object> met = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();

  private Shape() {}

  static String of(Object root) {
    Shape shape = new Shape();
    shape.add(root);
    return shape.text.toString();
  }

  private void add(Object o) {
    if (o == null) {
      text.append("null");
    } else if (isValue(o)) {
      text.append(o.getClass().getSimpleName()).append(' ').append(o);
    } else if (o instanceof Enum<?> e) {
      text.append(e.getDeclaringClass().getSimpleName()).append('.').append(e.name());
      addFields(o);
    } else if (o instanceof Class<?> type) {
      text.append("class ").append(type.getName());
    } else if (o instanceof Thread
        || o instanceof ExecutorService
        || o instanceof Lock
        || o instanceof Logger
        || o instanceof Comparator<?>
        || o instanceof ClassLoader
        || Proxy.isProxyClass(o.getClass())
        || o.getClass().isHidden()) {
      text.append("opaque");
    } else if (numbers.containsKey(o)) {
      text.append('#').append(numbers.get(o));
    } else {
      numbers.put(o, met.size());
      met.add(o);
      addNew(o);
    }
  }

  private static boolean isValue(Object o) {
    return o instanceof String
        || o instanceof Number && o.getClass().getName().matches("java\\.(lang|math)\\..*")
        || o instanceof Boolean
        || o instanceof Character
        || o.getClass().getName().startsWith("java.time.");
  }

  private void addNew(Object o) {
    Class<?> type = o.getClass();
    text.append(type.getTypeName()).append('#').append(numbers.get(o));
    if (type.isArray()) {
      text.append('[');
      for (int i = 0; i < Array.getLength(o); i++) {
        add(Array.get(o, i));
        text.append(", ");
      }
      text.append(']');
    } else if (o instanceof Map<?, ?> map) {
      addMap(map);
    } else if (o instanceof Collection<?> collection) {
      addCollection(collection);
    } else if (o instanceof Throwable t) {
      addThrowable(t);
    } else if (o instanceof Optional<?> optional) {
      add(optional.orElse(null));
    } else if (o instanceof AtomicReference<?> reference) {
      add(reference.get());
    } else if (o instanceof CountDownLatch latch) {
      text.append(latch.getCount());
    } else if (o instanceof CompletableFuture<?> future) {
      addFuture(future);
    } else if (o instanceof Map.Entry<?, ?> entry && isLibrary(type)) {
      addEntry(entry);
    } else if (isLibrary(type)) {
      addLibraryObject(o);
    }
    addFields(o);
  }

  private void addMap(Map<?, ?> map) {
    boolean ordered =
        map instanceof SortedMap || map instanceof EnumMap || map instanceof LinkedHashMap;
    addAll(map.entrySet(), this::addEntry, ordered);
  }

  private void addEntry(Map.Entry<?, ?> entry) {
    add(entry.getKey());
    text.append('=');
    add(entry.getValue());
  }

  private void addCollection(Collection<?> collection) {
    boolean unordered =
        collection instanceof Set
            && !(collection instanceof SortedSet
                || collection instanceof LinkedHashSet
                || collection instanceof EnumSet);
    Collection<?> elements = collection;
    if (collection instanceof PriorityQueue<?> queue) {
      PriorityQueue<?> copy = new PriorityQueue<>(queue);
      List<Object> drained = new ArrayList<>();
      while (!copy.isEmpty()) {
        drained.add(copy.poll());
      }
      elements = drained;
    }
    addAll(elements, this::add, !unordered);
  }

  private <E> void addAll(Collection<E> elements, Consumer<? super E> describe, boolean ordered) {
    List<E> inOrder = new ArrayList<>(elements);
    if (!ordered) {
      Map<E, String> texts = new IdentityHashMap<>();
      inOrder.forEach(e -> texts.put(e, tried(e, describe)));
      inOrder.sort(Comparator.comparing(texts::get));
    }
    text.append('[');
    for (E element : inOrder) {
      describe.accept(element);
      text.append(", ");
    }
    text.append(']');
  }

  /** The text of an element that were the next to be met. */
  private <E> String tried(E element, Consumer<? super E> describe) {
    int start = text.length();
    int before = met.size();
    describe.accept(element);
    String described = text.substring(start);
    text.setLength(start);
    List<Object> since = met.subList(before, met.size());
    since.forEach(numbers::remove);
    since.clear();
    return described;
  }

  private void addThrowable(Throwable t) {
    text.append('(').append(t.getMessage()).append(") cause ");
    add(t.getCause());
    text.append(" suppressed ").append(t.getSuppressed().length);
    for (Throwable suppressed : t.getSuppressed()) {
      text.append(' ');
      add(suppressed);
    }
  }

  private void addFuture(CompletableFuture<?> future) {
    if (!future.isDone()) {
      text.append("pending");
    } else if (future.isCompletedExceptionally()) {
      text.append("failed");
    } else {
      add(future.join());
    }
  }

  private void addLibraryObject(Object o) {
    try {
      if (o.getClass().getMethod("toString").getDeclaringClass() != Object.class) {
        text.append('(').append(o).append(')');
      }
    } catch (NoSuchMethodException e) {
      throw new AssertionError(e);
    }
  }

  private void addFields(Object o) {
    for (Class<?> c = o.getClass(); c != null && !isLibrary(c); c = c.getSuperclass()) {
      if (c.isArray()) {
        return;
      }
      text.append('{');
      Field[] fields = c.getDeclaredFields();
      Arrays.sort(fields, Comparator.comparing(Field::getName));
      for (Field field : fields) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
          addField(field, o);
        }
      }
      text.append('}');
    }
  }

  private void addField(Field field, Object o) {
    try {
      field.setAccessible(true);
      text.append(field.getName()).append('=');
      add(field.get(o));
      text.append("; ");
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isLibrary(Class<?> type) {
    return type.getClassLoader() == null && !type.isArray()
        || type.getModule().isNamed() && !type.isArray();
  }
}
