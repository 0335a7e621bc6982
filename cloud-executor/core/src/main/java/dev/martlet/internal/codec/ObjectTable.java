package dev.martlet.internal.codec;

import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The identity of objects across a line: object to number and back. Both sides number objects in
 * the order in which they are met, in requests and replies alike, so a reply that refers to a
 * shipped object means the original. Not thread-safe.
 */
public final class ObjectTable {
  private final IdentityList objects = new IdentityList();
  private final ClassTable classes;
  private @Nullable Map<Integer, Set<Field>> pruned;
  private @Nullable Map<Integer, Origin> origins;
  private @Nullable Map<Integer, ArrayImage> images;

  /**
   * Where the elements of a long primitive array were read from, in the order of this machine.
   *
   * @param bytes the bytes, which nobody needs any more
   * @param at where the first element is
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Origin(byte[] bytes, int at) {}

  /** Creates a table whose classes are numbered with it. */
  public ObjectTable() {
    this(new ClassTable());
  }

  /** Creates a table over classes that were numbered before. */
  public ObjectTable(ClassTable classes) {
    this.classes = classes;
  }

  /** Returns the numbers of classes. */
  public ClassTable classes() {
    return classes;
  }

  /** Returns how many objects have a number; they are 0 to size - 1. */
  public int size() {
    return objects.size();
  }

  /** Returns the number of an object, or -1. */
  public int idOf(Object o) {
    return objects.indexOf(o);
  }

  /** Returns an object by its number. */
  public Object get(int id) {
    if (id < 0 || id >= objects.size()) {
      throw new CodecException("no object " + id);
    }
    Object o = objects.get(id);
    if (o == null) {
      throw new CodecException("object " + id + " is not complete");
    }
    return o;
  }

  /** Gives an object the next number. */
  public int add(Object o) {
    return objects.add(Objects.requireNonNull(o));
  }

  /** Gives the next number to an object that is not known yet. */
  int reserve() {
    return objects.add(null);
  }

  void set(int id, Object o) {
    objects.set(id, o);
  }

  /** Has the origins of arrays kept from now on. */
  public void keepOrigins() {
    origins = new HashMap<>();
  }

  boolean keepsOrigins() {
    return origins != null;
  }

  void origin(int id, Origin origin) {
    if (origins != null) {
      origins.put(id, origin);
    }
  }

  /** Returns the origin of an array if it is known, and forgets it. */
  public @Nullable Origin takeOrigin(int id) {
    return origins == null ? null : origins.remove(id);
  }

  void image(int id, ArrayImage image) {
    if (images == null) {
      images = new ConcurrentHashMap<>();
    }
    images.put(id, image);
  }

  /** Returns the image that an array travelled as, or null. */
  public @Nullable ArrayImage image(int id) {
    return images == null ? null : images.get(id);
  }

  /** Returns the images of arrays from a number on. */
  public List<ArrayImage> images(int from) {
    return images == null
        ? List.of()
        : images.entrySet().stream()
            .filter(e -> e.getKey() >= from)
            .map(Map.Entry::getValue)
            .toList();
  }

  /** Forgets the pieces of images, which take memory, but not their versions. */
  public void dropPieces() {
    Map<Integer, ArrayImage> all = images;
    if (all != null) {
      all.replaceAll((id, image) -> image.withoutPieces());
    }
  }

  /** Forgets objects from a number on. */
  public void truncate(int size) {
    objects.truncate(size);
    if (images != null) {
      images.keySet().removeIf(id -> id >= size);
    }
    if (pruned != null) {
      pruned.keySet().removeIf(id -> id >= size);
    }
  }

  /** Forgets all objects, but no class. */
  public void clear() {
    objects.clear();
    pruned = null;
    origins = null;
    images = null;
  }

  /** Forgets all objects and all classes. */
  public void reset() {
    clear();
    classes.truncate(0);
  }

  /** Records that a field of an object stayed home. */
  public void prune(int id, Field field) {
    if (pruned == null) {
      pruned = new HashMap<>();
    }
    pruned.computeIfAbsent(id, i -> new HashSet<>()).add(field);
  }

  /** Returns whether a field of an object stayed home. */
  public boolean isPruned(int id, Field field) {
    return pruned != null && pruned.getOrDefault(id, Set.of()).contains(field);
  }

  /** Returns whether any field stayed home. */
  public boolean hasPruned() {
    return pruned != null && !pruned.isEmpty();
  }

  /** Returns the fields that stayed home, by number of their object. */
  public Map<Integer, Set<Field>> pruned() {
    return pruned == null ? Map.of() : pruned;
  }
}
