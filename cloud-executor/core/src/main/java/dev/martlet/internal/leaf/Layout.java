package dev.martlet.internal.leaf;

import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.codec.FieldSlot;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a class of sinks or stages, and images of its objects: the class's name, a check of
 * its fields, how each travels, and the values of those that travel.
 */
final class Layout {
  /** A field that travels as a value. */
  static final byte VALUE = 0;

  /** A field that holds the next sink. */
  static final byte NEXT = 1;

  /** A field that holds the stage, of which a ghost is made. */
  static final byte GHOST = 2;

  /** A field that nobody reads away. */
  static final byte LEFT = 3;

  private static final String PACKAGE = "java.util.stream.";
  private static final int HEAD = 3;

  private static final ClassValue<Layout> LAYOUTS =
      new ClassValue<>() {
        @Override
        protected Layout computeValue(Class<?> type) {
          return new Layout(type);
        }
      };

  final Class<?> type;
  final FieldSlot[] slots;
  private final int check;

  private Layout(Class<?> type) {
    this.type = type;
    List<FieldSlot> all = new ArrayList<>();
    StringBuilder names = new StringBuilder();
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      for (Field f : c.getDeclaredFields()) {
        if (!Modifier.isStatic(f.getModifiers())) {
          all.add(new FieldSlot(f));
          names.append(f.getName()).append(f.getType().getName()).append(' ');
        }
      }
    }
    slots = all.toArray(new FieldSlot[0]);
    check = names.toString().hashCode();
  }

  static Layout of(Class<?> type) {
    return LAYOUTS.get(type);
  }

  /** Returns whether a class may be that of a sink or stage which travels. */
  static boolean isOfStreams(Class<?> type) {
    return type.getClassLoader() == null && !type.isHidden() && type.getName().startsWith(PACKAGE);
  }

  /** Returns a field's value, a primitive one as a box. */
  static @Nullable Object get(FieldSlot s, Object o) {
    if (s.isReference()) {
      return s.getReference(o);
    }
    long bits = s.getBits(o);
    return s.code() == 'Z' ? (Object) (bits != 0) : (Object) bits;
  }

  static void put(FieldSlot s, Object o, @Nullable Object value) {
    if (s.isReference()) {
      s.putReference(o, value);
    } else if (value instanceof Boolean b) {
      s.putBits(o, b ? 1 : 0);
    } else if (value instanceof Long bits) {
      s.putBits(o, bits);
    } else {
      throw new IllegalArgumentException(value + " for " + s);
    }
  }

  /** Makes an image. */
  @Nullable Object[] image(byte[] codes, @Nullable Object[] values) {
    @Nullable Object[] image = new Object[HEAD + values.length];
    image[0] = type.getName().substring(PACKAGE.length());
    image[1] = check;
    image[2] = codes;
    System.arraycopy(values, 0, image, HEAD, values.length);
    return image;
  }

  /** Makes an object from its image. */
  static Object object(@Nullable Object[] image, @Nullable Object next) {
    Layout layout = layout(image);
    Object made = Memory.allocate(layout.type);
    byte[] codes = codes(image);
    for (int i = 0; i < codes.length; i++) {
      Object value = image[HEAD + i];
      switch (codes[i]) {
        case VALUE -> put(layout.slots[i], made, value);
        case NEXT -> put(layout.slots[i], made, next);
        case GHOST -> {
          if (value != null) {
            put(layout.slots[i], made, object((@Nullable Object[]) value, null));
          }
        }
        default -> {}
      }
    }
    return made;
  }

  private static Layout layout(@Nullable Object[] image) {
    Class<?> type;
    try {
      type = Class.forName(PACKAGE + image[0], false, null);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("this JDK has no " + image[0], e);
    }
    Layout layout = of(type);
    if (!(image[1] instanceof Integer c) || c != layout.check) {
      throw new IllegalStateException("this JDK's " + type.getName() + " is another");
    }
    return layout;
  }

  private static byte[] codes(@Nullable Object[] image) {
    if (image[2] instanceof byte[] codes) {
      return codes;
    }
    throw new IllegalArgumentException("no image");
  }

  /** Returns what of an object has changed since its image was made, or may have. */
  static @Nullable Object[] state(@Nullable Object[] image, Object made) {
    return state(layout(image), codes(image), made);
  }

  /** Returns the values of the fields that are not final. */
  static @Nullable Object[] state(Layout layout, byte[] codes, Object o) {
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < codes.length; i++) {
      if (isState(layout.slots[i], codes[i])) {
        values.add(get(layout.slots[i], o));
      }
    }
    return values.toArray();
  }

  /** Gives an object the state of another of its class. */
  static void restore(byte[] codes, Object o, @Nullable Object[] state) {
    Layout layout = of(o.getClass());
    int at = 0;
    for (int i = 0; i < codes.length; i++) {
      if (isState(layout.slots[i], codes[i])) {
        put(layout.slots[i], o, state[at++]);
      }
    }
  }

  private static boolean isState(FieldSlot s, byte code) {
    return code == VALUE && !s.isFinal();
  }
}
