package dev.martlet.internal.codec;

import dev.martlet.internal.agent.IdentityHash;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the instances of a class travel: typed access to all instance fields that do, of the class
 * and its superclasses, and what is done beyond them. One per class, made when it is first met.
 */
public final class ClassPlan {
  /** The ways of travelling. */
  public enum Kind {
    /** A boxed primitive; its identity does not travel. */
    BOXED,
    /** A string. */
    STRING,
    /** A class object. */
    CLASS,
    /** An enum constant: by name, and its own fields. */
    ENUM,
    /** By a few primitives and strings, through a factory. */
    ATOM,
    /** An array of primitives. */
    PRIMITIVE_ARRAY,
    /** An array of references. */
    REFERENCE_ARRAY,
    /** Field by field. */
    OBJECT,
    /** A lambda or method reference: its shape, and captured values as fields. */
    LAMBDA,
    /** A dynamic proxy. */
    PROXY,
    /** Some fields, and a snapshot from which the others are built anew. */
    REBUILT,
    /** Not at all. */
    REFUSED
  }

  private static final ClassValue<ClassPlan> PLANS =
      new ClassValue<>() {
        @Override
        protected ClassPlan computeValue(Class<?> type) {
          return new ClassPlan(type);
        }
      };

  final Class<?> type;
  final Kind kind;
  final FieldSlot[] slots;
  final @Nullable Rebuild rebuild;
  final @Nullable Atom atom;
  final @Nullable LambdaShape shape;
  final @Nullable String refusal;
  private final Constants constants;
  private volatile boolean scanned;
  final boolean throwable;

  /** Whether instances are thread-locals. */
  final boolean local;

  private final boolean mutable;
  private final boolean synchronizer;
  private final boolean value;
  private final boolean flat;
  private final boolean hashedByIdentity;

  private ClassPlan(Class<?> type) {
    this.type = type;
    boolean jdk = Jdk.isJdk(type) && !type.isHidden();
    this.scanned = !jdk || type.isPrimitive() || type.isArray();
    this.constants = Constants.of(type);
    this.throwable = Throwable.class.isAssignableFrom(type);
    Kind k;
    String no = null;
    LambdaShape lambda = null;
    Atom byValue = null;
    Rebuild anew = null;
    if (type.isArray()) {
      k = type.getComponentType().isPrimitive() ? Kind.PRIMITIVE_ARRAY : Kind.REFERENCE_ARRAY;
    } else if (type == String.class) {
      k = Kind.STRING;
    } else if (type == Class.class) {
      k = Kind.CLASS;
    } else if (TypeTable.BOXED.contains(type)) {
      k = Kind.BOXED;
    } else if ((no = TypeTable.unresolved(type)) != null) {
      k = Kind.REFUSED;
    } else if (Enum.class.isAssignableFrom(type) && type != Enum.class) {
      k = Kind.ENUM;
    } else if (type.isHidden()) {
      try {
        lambda = LambdaShape.of(type);
        k = Kind.LAMBDA;
      } catch (LambdaShape.UnknownShapeException e) {
        no = e.getMessage();
        k = Kind.REFUSED;
      }
    } else if (Proxy.isProxyClass(type)) {
      k = Kind.PROXY;
    } else if ((byValue = Atom.of(type)) != null) {
      k = Kind.ATOM;
    } else if ((no = TypeTable.refusal(type)) != null) {
      k = Kind.REFUSED;
    } else {
      anew = Rebuild.of(type);
      k = anew == null ? Kind.OBJECT : Kind.REBUILT;
    }
    this.kind = k;
    this.refusal = no;
    this.shape = lambda;
    this.atom = byValue;
    this.rebuild = anew;
    this.local = k == Kind.OBJECT && ThreadLocal.class.isAssignableFrom(type);
    this.slots =
        switch (k) {
          case OBJECT, LAMBDA, PROXY, REBUILT, ENUM -> slots(type, anew);
          default -> new FieldSlot[0];
        };
    this.synchronizer = TypeTable.isSynchronizer(type);
    this.value =
        switch (k) {
          case BOXED, STRING, CLASS, ENUM, ATOM -> true;
          case LAMBDA -> slots.length == 0;
          default -> TypeTable.isValue(type);
        };
    this.mutable = !value && isMutable();
    this.flat = value || onlyPlainFields();
    this.hashedByIdentity = (k == Kind.OBJECT || k == Kind.REBUILT) && isHashedByIdentity();
  }

  /** Returns the plan of a class. */
  public static ClassPlan of(Class<?> type) {
    return PLANS.get(type);
  }

  /** Returns whether an instance field of the JDK belongs to a JVM or a thread. */
  public static boolean isLeftOut(Field field) {
    return TypeTable.fieldsLeftOut(field.getDeclaringClass()).contains(field.getName());
  }

  /** Returns the class. */
  public Class<?> type() {
    return type;
  }

  /** Returns how instances travel. */
  public Kind kind() {
    return kind;
  }

  /** Returns the instance fields that travel, superclasses first. */
  public List<FieldSlot> slots() {
    return Collections.unmodifiableList(Arrays.asList(slots));
  }

  /** Returns why instances do not travel, or null if they do. */
  public @Nullable String refusal() {
    return refusal;
  }

  /** Returns whether instances never change and refer to nothing that does. */
  public boolean isValue() {
    return value;
  }

  /** Returns whether instances may change in place (what they refer to apart). */
  public boolean isMutable() {
    return switch (kind) {
      case PRIMITIVE_ARRAY, REFERENCE_ARRAY -> true;
      case REBUILT -> rebuild != null && rebuild.isMutable();
      case OBJECT, ENUM, PROXY -> {
        if (local) {
          yield true;
        }
        for (FieldSlot s : slots) {
          if (!s.isFinal()) {
            yield true;
          }
        }
        yield false;
      }
      default -> false;
    };
  }

  /** Returns whether instances are tables whose layout depends on hash codes. */
  public boolean isHashTable() {
    return rebuild != null && rebuild.isDeferred();
  }

  /**
   * Returns whether instances travel as a snapshot of their content: collections, queues, adders.
   */
  public boolean isRebuilt() {
    return rebuild != null;
  }

  /** Returns whether instances serve to synchronise threads: locks, atomics, concurrent queues. */
  public boolean isSynchronizer() {
    return synchronizer;
  }

  /** Returns the shape of a lambda class, else null. */
  public @Nullable LambdaShape shape() {
    return shape;
  }

  /**
   * Returns the content of an instance of a {@linkplain #isRebuilt rebuilt} class: its elements in
   * order, keys and values in turn for maps.
   */
  public @Nullable Object[] content(Object o) {
    if (rebuild == null) {
      throw new IllegalArgumentException(type.getName() + " is not rebuilt");
    }
    Snapshot s = new Snapshot();
    rebuild.take(o, s);
    return s.elements();
  }

  /** Returns how many bytes an element of an array takes at least. */
  int elementWidth() {
    return kind == Kind.REFERENCE_ARRAY
        ? 1
        : switch (type.descriptorString().charAt(1)) {
          case 'B', 'Z' -> 1;
          case 'S', 'C' -> 2;
          case 'I', 'F' -> 4;
          default -> 8;
        };
  }

  /**
   * Returns whether instances keep their identity hash codes wherever they travel, because code may
   * well ask for them. Others keep those that somebody had asked for.
   */
  public boolean keepsHash() {
    return (hashedByIdentity || kind == Kind.ENUM) && IdentityHash.canBeGiven();
  }

  private boolean isHashedByIdentity() {
    try {
      return (!Jdk.isJdk(type) || type == Object.class)
          && !throwable
          && type.getMethod("hashCode").getDeclaringClass() == Object.class;
    } catch (NoSuchMethodException | LinkageError e) {
      return false;
    }
  }

  /** Returns the identity hash code with which an instance travels, or 0. */
  int hash(Object o, int known) {
    return known == 0 && hashedByIdentity && IdentityHash.canBeGiven()
        ? System.identityHashCode(o)
        : known;
  }

  boolean mutable() {
    return mutable;
  }

  /** Returns whether an instance is the value of a static final field of the JDK. */
  public boolean isConstantOfJdk(Object o) {
    return Jdk.isJdk(type) && constant(o) != null;
  }

  /** Returns the static field of the JDK, or of a library, that holds an instance, or null. */
  @Nullable Field constant(Object o) {
    if (!scanned) {
      // Not before there is an instance: until then there may be no constants yet.
      Constants.scan(type, true);
      scanned = Jdk.isInitialized(type.getNestHost());
    }
    return constants.find(o);
  }

  /** Returns whether hash codes of instances need nothing beyond their own fields. */
  boolean isFlat() {
    return flat;
  }

  private boolean onlyPlainFields() {
    if (kind != Kind.OBJECT) {
      return false;
    }
    for (FieldSlot s : slots) {
      if (s.isReference() && !TypeTable.isPlain(s.type())) {
        return false;
      }
    }
    return true;
  }

  /** Returns a number that differs between classes of different fields. */
  int layout() {
    int h = kind.name().hashCode();
    for (FieldSlot s : slots) {
      h = 31 * h + s.field().getName().hashCode();
      h = 31 * h + s.type().getName().hashCode();
      if (!s.declaringClass().isHidden()) {
        h = 31 * h + s.declaringClass().getName().hashCode();
      }
    }
    return h;
  }

  private static FieldSlot[] slots(Class<?> type, @Nullable Rebuild rebuild) {
    List<Class<?>> line = new ArrayList<>();
    for (Class<?> c = type; c != null && c != Object.class && c != Enum.class; ) {
      line.add(c);
      c = c.getSuperclass();
    }
    Collections.reverse(line);
    List<FieldSlot> slots = new ArrayList<>();
    for (Class<?> c : line) {
      Set<String> left = TypeTable.fieldsLeftOut(c);
      for (Field f : Jdk.fields(c)) {
        if (!Modifier.isStatic(f.getModifiers())
            && !left.contains(f.getName())
            && (rebuild == null || !rebuild.isBuilt(f))) {
          slots.add(new FieldSlot(f));
        }
      }
    }
    return slots.toArray(new FieldSlot[0]);
  }
}
