package dev.martlet.internal.codec;

import java.lang.invoke.CallSite;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a lambda class was made of, so that another JVM can make its like.
 *
 * <p>The class is hidden and has no class file. But its constant pool can be read, and names its
 * members in the order of their use: Object's constructor, unboxing or boxing of arguments, the
 * implementation, boxing of the result, and for serialisable lambdas SerializedLambda's
 * constructor. The implementation is the one that does not convert; where there is none, a
 * conversion is itself the implementation, and all that fit do the same. An implementation that the
 * class could not name, such as {@code super::m}, is a method handle in its class data. The
 * functional interface comes first among the interfaces, its method is the public one that is no
 * bridge, and the captured values are the fields.
 *
 * @param host the nest host, in whose name the lambda is made
 * @param interfaces the functional interface and marker interfaces
 * @param method the name of the interface's method
 * @param type its erased type
 * @param bridges further types under which it can be called
 * @param dynamicType its type with the arguments' casts
 * @param captured the types of the captured values
 * @param owner the class that the implementation is called on
 * @param name the implementation's name
 * @param implementationType the implementation's type, without a receiver
 * @param kind the implementation's reference kind, of {@link MethodHandleInfo}
 * @param serializable whether it can be serialised
 */
public record LambdaShape(
    Class<?> host,
    List<Class<?>> interfaces,
    String method,
    MethodType type,
    List<MethodType> bridges,
    MethodType dynamicType,
    List<Class<?>> captured,
    Class<?> owner,
    String name,
    MethodType implementationType,
    int kind,
    boolean serializable) {

  // As the compiler's, which take a new JVM long to link.
  @Override
  public int hashCode() {
    return 31 * (31 * host.hashCode() + name.hashCode()) + dynamicType.hashCode();
  }

  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof LambdaShape s
        && host == s.host
        && interfaces.equals(s.interfaces)
        && method.equals(s.method)
        && type.equals(s.type)
        && bridges.equals(s.bridges)
        && dynamicType.equals(s.dynamicType)
        && captured.equals(s.captured)
        && owner == s.owner
        && name.equals(s.name)
        && implementationType.equals(s.implementationType)
        && kind == s.kind
        && serializable == s.serializable;
  }

  /** A hidden class that is no lambda, or whose implementation is not certain. */
  static final class UnknownShapeException extends Exception {
    private static final long serialVersionUID = 1L;

    UnknownShapeException(String message) {
      super(message);
    }
  }

  private static final Map<Class<?>, Class<?>> BOXES =
      Map.of(
          int.class, Integer.class,
          long.class, Long.class,
          short.class, Short.class,
          byte.class, Byte.class,
          char.class, Character.class,
          boolean.class, Boolean.class,
          float.class, Float.class,
          double.class, Double.class);
  private static final String WIDENING = "BSIJFD";

  /** Returns whether the implementation is a lambda's body rather than a named method. */
  public boolean isBody() {
    return name.startsWith("lambda$");
  }

  /** Returns whether the implementation is called on the first captured value. */
  public boolean capturesThis() {
    return isBody() && kind != MethodHandleInfo.REF_invokeStatic && !captured.isEmpty();
  }

  // ---- reading ----

  private record Ref(String owner, String name, String descriptor) {}

  /** An implementation; its owner is the class that it is called on, which may inherit it. */
  private record Impl(Class<?> owner, String name, MethodType type, int kind) {
    List<Class<?>> taken() {
      List<Class<?>> all = new ArrayList<>();
      if (kind != MethodHandleInfo.REF_invokeStatic
          && kind != MethodHandleInfo.REF_newInvokeSpecial) {
        all.add(owner);
      }
      all.addAll(type.parameterList());
      return all;
    }

    Class<?> given() {
      return kind == MethodHandleInfo.REF_newInvokeSpecial ? owner : type.returnType();
    }
  }

  static LambdaShape of(Class<?> lambda) throws UnknownShapeException {
    try {
      return read(lambda);
    } catch (ReflectiveOperationException | TypeNotPresentException | LinkageError e) {
      throw new UnknownShapeException("is a generated class that cannot be read: " + e);
    }
  }

  private static LambdaShape read(Class<?> lambda)
      throws UnknownShapeException, ReflectiveOperationException {
    Class<?> host = lambda.getNestHost();
    if (!lambda.isSynthetic()
        || host == lambda
        || host.isHidden()
        || lambda.getSuperclass() != Object.class
        || lambda.getInterfaces().length == 0) {
      throw new UnknownShapeException("is a generated class that only this JVM has");
    }
    List<Class<?>> interfaces = List.of(lambda.getInterfaces());
    Method single = null;
    List<MethodType> bridges = new ArrayList<>();
    boolean serializable = false;
    for (Method m : Jdk.methods(lambda)) {
      if (m.getName().equals("writeReplace") && Modifier.isPrivate(m.getModifiers())) {
        serializable = true;
      } else if (Modifier.isPublic(m.getModifiers())) {
        if (m.isBridge()) {
          bridges.add(MethodType.methodType(m.getReturnType(), m.getParameterTypes()));
        } else if (single == null) {
          single = m;
        } else {
          throw new UnknownShapeException("is a generated class with more than one method");
        }
      }
    }
    if (single == null) {
      throw new UnknownShapeException("is a generated class that only this JVM has");
    }
    if (bridges.size() > 1) {
      bridges.sort(Comparator.comparing(MethodType::toMethodDescriptorString));
    }
    List<Class<?>> captured = new ArrayList<>();
    for (Field f : Jdk.fields(lambda)) {
      if (!Modifier.isStatic(f.getModifiers())) {
        captured.add(f.getType());
      }
    }
    MethodType type = MethodType.methodType(single.getReturnType(), single.getParameterTypes());
    List<Class<?>> casts = new ArrayList<>();
    List<Ref> refs = new ArrayList<>();
    boolean byHandle = readPool(lambda, refs, casts);
    ClassLoader loader = host.getClassLoader();
    List<Impl> fitting = new ArrayList<>();
    if (byHandle) {
      if (Pool.classData(lambda) instanceof MethodHandle handle) {
        MethodHandleInfo info = Jdk.LOOKUP.revealDirect(handle);
        fitting.add(
            new Impl(
                info.getDeclaringClass(),
                info.getName(),
                info.getMethodType(),
                info.getReferenceKind()));
      }
    } else {
      List<Ref> candidates = new ArrayList<>(refs);
      candidates.removeIf(LambdaShape::isConversion);
      if (candidates.size() > 1) {
        throw new UnknownShapeException("is a lambda whose code is not certain: " + candidates);
      }
      if (candidates.isEmpty()) {
        candidates.addAll(refs);
      }
      if (candidates.isEmpty()) {
        candidates.add(new Ref("java/lang/Object", "<init>", "()V"));
      }
      for (Ref r : candidates) {
        Impl impl = find(host, r, loader);
        if (impl != null && fits(impl, captured, type)) {
          fitting.add(impl);
        }
      }
    }
    removeOwners(casts, refs);
    if (fitting.size() > 1) {
      fitting.removeIf(i -> !explains(i, captured, type, casts));
    }
    if (fitting.isEmpty()) {
      throw new UnknownShapeException("is a lambda whose code is not certain");
    }
    MethodType factory = MethodType.methodType(interfaces.get(0), captured);
    Impl impl = fitting.get(0);
    if (fitting.size() > 1) { // all do the same; name the one that the code names
      for (Impl i : fitting) {
        if (written(i, host, factory, single.getName(), type).findAny().isPresent()) {
          impl = i;
        }
      }
    }
    MethodType dynamicType;
    try {
      dynamicType =
          dynamicType(
              impl, captured, type, casts, interfaces, boxes(impl, captured, type, casts, refs));
    } catch (UnknownShapeException e) {
      List<String> written =
          written(impl, host, factory, single.getName(), type)
              .map(LambdaSites.Site::dynamic)
              .distinct()
              .toList();
      if (written.size() != 1) {
        throw e;
      }
      dynamicType = MethodType.fromMethodDescriptorString(written.get(0), loader);
    }
    return new LambdaShape(
        host,
        interfaces,
        single.getName(),
        type,
        List.copyOf(bridges),
        dynamicType,
        List.copyOf(captured),
        impl.owner,
        impl.name,
        impl.type,
        impl.kind,
        serializable);
  }

  /** Returns the bridge of woven code to the implementation, or null if there is none. */
  private @Nullable MethodHandle bridge(MethodHandles.Lookup caller) {
    boolean isStatic = kind == MethodHandleInfo.REF_invokeStatic;
    if (!(isStatic
            || kind == MethodHandleInfo.REF_invokeVirtual
            || kind == MethodHandleInfo.REF_invokeInterface)
        || owner.getClassLoader() != null
        || host.getClassLoader() == null) {
      return null;
    }
    boolean dropped =
        type.returnType() == void.class || implementationType.returnType() == void.class;
    String named = owner.getName().replace('.', '/');
    String bridge =
        isStatic ? Bridges.ofStatic(named, name, dropped) : Bridges.name(named, name, dropped);
    MethodType bridged = implementationType;
    if (!isStatic) {
      bridged = bridged.insertParameterTypes(0, captured.isEmpty() ? owner : captured.get(0));
    }
    if (dropped) {
      bridged = bridged.changeReturnType(void.class);
    }
    for (Class<?> c : host.getNestMembers()) {
      try {
        return caller.findStatic(c, bridge, bridged);
      } catch (NoSuchMethodException | IllegalAccessException e) {
        // Another class of the nest has made it, or none has been woven.
      }
    }
    return null;
  }

  /** Reads the members and classes that the code names; returns whether it calls class data. */
  private static boolean readPool(Class<?> lambda, List<Ref> refs, List<Class<?>> casts) {
    Object pool = Pool.of(lambda);
    int n = Pool.size(pool);
    boolean byHandle = false;
    for (int i = 1; i < n; i++) {
      String tag = Pool.tag(pool, i);
      if (tag.equals("METHODREF") || tag.equals("INTERFACEMETHODREF")) {
        String[] m = Pool.member(pool, i);
        boolean init = m[1].equals("<init>");
        if (m[0].equals("java/lang/invoke/MethodHandle") && m[1].equals("invokeExact")) {
          byHandle = true;
        } else if (!(init && m[0].equals("java/lang/Object"))
            && !(init && m[0].equals("java/lang/invoke/SerializedLambda"))
            && !(init && m[0].equals("java/io/NotSerializableException"))) {
          refs.add(new Ref(m[0], m[1], m[2]));
        }
      } else if (tag.equals("CLASS")) {
        Class<?> c = Pool.classAt(pool, i);
        if (c != null && !c.isHidden() && c != Object.class) {
          casts.add(c);
        }
      }
    }
    return byHandle;
  }

  /** Returns the places in the class files of a nest that make such a lambda. */
  private static Stream<LambdaSites.Site> written(
      Impl impl, Class<?> host, MethodType factory, String method, MethodType type) {
    return LambdaSites.of(host)
        .filter(
            s ->
                s.implementation().equals(LambdaSites.key(impl.owner, impl.name, impl.type))
                    && s.factory().equals(factory.toMethodDescriptorString())
                    && s.method().equals(method)
                    && s.type().equals(type.toMethodDescriptorString()));
  }

  /** Returns whether an implementation accounts for all boxes that the code casts to. */
  private static boolean explains(
      Impl impl, List<Class<?>> captured, MethodType type, List<Class<?>> casts) {
    List<Class<?>> taken = impl.taken();
    for (Map.Entry<Class<?>, Class<?>> e : BOXES.entrySet()) {
      Class<?> box = e.getValue();
      boolean ok =
          !casts.contains(box)
              || taken.contains(box)
              || type.returnType() == box
              || impl.given() == box;
      for (int i = 0; i < type.parameterCount() && !ok; i++) {
        Class<?> target = taken.get(captured.size() + i);
        ok =
            target.isPrimitive()
                && type.parameterType(i).isAssignableFrom(box)
                && widens(e.getKey(), target);
      }
      if (!ok) {
        return false;
      }
    }
    return true;
  }

  /** Removes classes that are named as owners of members, and for all we know are no casts. */
  private static void removeOwners(List<Class<?>> casts, List<Ref> refs) {
    Set<String> owners = new LinkedHashSet<>();
    for (Ref r : refs) {
      owners.add(r.owner.replace('/', '.'));
    }
    for (Ref r : refs) {
      if (isConversion(r) && !r.name.equals("valueOf")) {
        owners.remove(r.owner.replace('/', '.'));
      }
    }
    casts.removeIf(c -> owners.contains(c.getName()));
  }

  private static boolean isConversion(Ref r) {
    String simple = r.owner.startsWith("java/lang/") ? r.owner.substring(10) : "";
    return switch (simple) {
      case "Integer", "Long", "Short", "Byte", "Character", "Boolean", "Float", "Double" ->
          (r.name.equals("valueOf") && r.descriptor.length() > 4 && r.descriptor.charAt(2) == ')')
              || (r.name.endsWith("Value") && r.descriptor.startsWith("()"));
      case "Number" -> r.name.endsWith("Value") && r.descriptor.startsWith("()");
      default -> false;
    };
  }

  private static @Nullable Impl find(Class<?> host, Ref r, @Nullable ClassLoader loader) {
    try {
      Class<?> owner = Class.forName(r.owner.replace('/', '.'), false, loader);
      MethodType type = MethodType.fromMethodDescriptorString(r.descriptor, loader);
      if (r.name.equals("<init>")) {
        return reveal(owner, r.name, type, MethodHandleInfo.REF_newInvokeSpecial, host);
      }
      try {
        return reveal(owner, r.name, type, MethodHandleInfo.REF_invokeStatic, host);
      } catch (NoSuchMethodException | IllegalAccessException e) {
        return reveal(owner, r.name, type, MethodHandleInfo.REF_invokeVirtual, host);
      }
    } catch (ReflectiveOperationException | TypeNotPresentException | LinkageError e) {
      return null;
    }
  }

  private static Impl reveal(Class<?> owner, String name, MethodType type, int kind, Class<?> host)
      throws ReflectiveOperationException {
    MethodHandleInfo info = Jdk.LOOKUP.revealDirect(handle(owner, name, type, kind, host));
    return new Impl(owner, name, type, info.getReferenceKind());
  }

  private static MethodHandle handle(
      Class<?> owner, String name, MethodType type, int kind, Class<?> host)
      throws ReflectiveOperationException {
    MethodHandles.Lookup lookup = Jdk.LOOKUP.in(host);
    return switch (kind) {
      case MethodHandleInfo.REF_newInvokeSpecial ->
          lookup.findConstructor(owner, type.changeReturnType(void.class));
      case MethodHandleInfo.REF_invokeStatic -> lookup.findStatic(owner, name, type);
      case MethodHandleInfo.REF_invokeVirtual, MethodHandleInfo.REF_invokeInterface ->
          lookup.findVirtual(owner, name, type);
      case MethodHandleInfo.REF_invokeSpecial -> lookup.findSpecial(owner, name, type, host);
      default -> throw new IllegalAccessException("kind " + kind);
    };
  }

  private static boolean fits(Impl impl, List<Class<?>> captured, MethodType type) {
    List<Class<?>> taken = impl.taken();
    if (taken.size() != captured.size() + type.parameterCount()) {
      return false;
    }
    for (int i = 0; i < taken.size(); i++) {
      boolean ok =
          i < captured.size()
              ? taken.get(i).isPrimitive()
                  ? taken.get(i) == captured.get(i)
                  : !captured.get(i).isPrimitive()
              : converts(type.parameterType(i - captured.size()), taken.get(i));
      if (!ok) {
        return false;
      }
    }
    Class<?> given = impl.given();
    return type.returnType() == void.class
        || (given != void.class && converts(given, type.returnType()));
  }

  private static boolean converts(Class<?> from, Class<?> to) {
    if (from.isPrimitive() && to.isPrimitive()) {
      return widens(from, to);
    }
    if (from.isPrimitive()) {
      Class<?> box = box(from);
      return to.isAssignableFrom(box) || BOXES.containsValue(to);
    }
    if (to.isPrimitive()) {
      return from.isAssignableFrom(box(to)) || BOXES.containsValue(from);
    }
    return from.isInterface()
        || to.isInterface()
        || from.isAssignableFrom(to)
        || to.isAssignableFrom(from);
  }

  private static boolean widens(Class<?> from, Class<?> to) {
    if (from == to) {
      return true;
    }
    int t = WIDENING.indexOf(to.descriptorString());
    return from == char.class
        ? t >= 2
        : t > WIDENING.indexOf(from.descriptorString())
            && t >= 0
            && from != boolean.class
            && to != char.class;
  }

  private static Class<?> box(Class<?> primitive) {
    return BOXES.getOrDefault(primitive, Void.class);
  }

  /** Returns the interface's type after the casts that the code does. */
  private static MethodType dynamicType(
      Impl impl,
      List<Class<?>> captured,
      MethodType type,
      List<Class<?>> casts,
      List<Class<?>> interfaces,
      Class<?>[] unboxed) {
    List<Class<?>> taken = impl.taken();
    Set<Class<?>> unexplained = new LinkedHashSet<>(casts);
    unexplained.removeAll(interfaces);
    unexplained.removeIf(BOXES::containsValue);
    unexplained.removeAll(taken);
    unexplained.remove(type.returnType());
    Class<?>[] parameters = new Class<?>[type.parameterCount()];
    for (int i = 0; i < parameters.length; i++) {
      Class<?> declared = type.parameterType(i);
      Class<?> target = taken.get(captured.size() + i);
      if (declared.isPrimitive()) {
        parameters[i] = declared;
      } else if (target.isPrimitive()) {
        parameters[i] = unboxed[i];
      } else {
        List<Class<?>> cast = new ArrayList<>();
        for (Class<?> c : unexplained) {
          if (c != declared && declared.isAssignableFrom(c) && target.isAssignableFrom(c)) {
            cast.add(c);
          }
        }
        parameters[i] =
            cast.size() == 1 && parameters.length == 1
                ? cast.get(0)
                : declared.isAssignableFrom(target) ? target : declared;
      }
    }
    Class<?> given = impl.given();
    Class<?> result = type.returnType();
    if (!result.isPrimitive()) {
      Class<?> boxed = given.isPrimitive() ? box(given) : given;
      result = result.isAssignableFrom(boxed) ? boxed : result;
    }
    return MethodType.methodType(result, parameters);
  }

  /**
   * Returns the boxes that the arguments are unboxed from, by parameter; null where none is. Each
   * box that the code casts to is one of them, and they are first cast to in the order of
   * parameters.
   */
  private static Class<?>[] boxes(
      Impl impl, List<Class<?>> captured, MethodType type, List<Class<?>> casts, List<Ref> refs)
      throws UnknownShapeException {
    List<Class<?>> certain = new ArrayList<>(casts);
    certain.retainAll(BOXES.values());
    Set<Class<?>> possible = new LinkedHashSet<>(certain);
    for (Ref r : refs) {
      for (Class<?> box : BOXES.values()) {
        if (r.owner.replace('/', '.').equals(box.getName())) {
          possible.add(box);
        }
      }
    }
    List<List<Class<?>>> choices = new ArrayList<>();
    for (int i = 0; i < type.parameterCount(); i++) {
      Class<?> declared = type.parameterType(i);
      Class<?> target = impl.taken().get(captured.size() + i);
      List<Class<?>> choice = new ArrayList<>();
      if (!declared.isPrimitive() && target.isPrimitive()) {
        if (BOXES.containsValue(declared)) {
          choice.add(declared);
        } else {
          for (Map.Entry<Class<?>, Class<?>> e : BOXES.entrySet()) {
            if (possible.contains(e.getValue())
                && declared.isAssignableFrom(e.getValue())
                && widens(e.getKey(), target)) {
              choice.add(e.getValue());
            }
          }
        }
        if (choice.isEmpty()) {
          choice.add(box(target));
        }
      }
      choices.add(choice);
    }
    List<Class<?>[]> found = new ArrayList<>();
    assign(choices, 0, new Class<?>[choices.size()], certain, found);
    if (found.size() > 1) {
      throw new UnknownShapeException("is a lambda whose argument types are not certain");
    }
    if (found.isEmpty()) {
      Class<?>[] first = new Class<?>[choices.size()];
      for (int i = 0; i < first.length; i++) {
        if (choices.get(i).size() > 1) {
          throw new UnknownShapeException("is a lambda whose argument types are not certain");
        }
        first[i] = choices.get(i).isEmpty() ? Object.class : choices.get(i).get(0);
      }
      return first;
    }
    return found.get(0);
  }

  private static void assign(
      List<List<Class<?>>> choices,
      int i,
      Class<?>[] chosen,
      List<Class<?>> certain,
      List<Class<?>[]> found) {
    if (i == chosen.length) {
      Set<Class<?>> order = new LinkedHashSet<>(Arrays.asList(chosen));
      order.retainAll(certain);
      boolean all = true;
      for (Class<?> c : certain) {
        boolean choosable = choices.stream().anyMatch(x -> x.contains(c));
        all &= !choosable || order.contains(c);
      }
      List<Class<?>> expected = new ArrayList<>(certain);
      expected.retainAll(order);
      if (all && new ArrayList<>(order).equals(expected)) {
        found.add(chosen.clone());
      }
      return;
    }
    if (choices.get(i).isEmpty()) {
      chosen[i] = Object.class;
      assign(choices, i + 1, chosen, certain, found);
    }
    for (Class<?> c : choices.get(i)) {
      chosen[i] = c;
      assign(choices, i + 1, chosen, certain, found);
    }
  }

  // ---- making ----

  /** Makes a lambda class of this shape, and returns an instance of it with blank captures. */
  Object make() throws Throwable {
    MethodHandles.Lookup caller = Jdk.LOOKUP.in(host);
    MethodType factory = MethodType.methodType(interfaces.get(0), captured);
    boolean special = kind == MethodHandleInfo.REF_invokeSpecial && !captured.isEmpty();
    MethodHandle impl = bridge(caller);
    if (impl == null) {
      impl = handle(owner, name, implementationType, kind, special ? captured.get(0) : host);
    }
    List<Class<?>> markers = interfaces.subList(1, interfaces.size());
    CallSite site;
    if (markers.isEmpty() && bridges.isEmpty() && !serializable) {
      site = LambdaMetafactory.metafactory(caller, method, factory, type, impl, dynamicType);
    } else {
      int flags =
          (serializable ? LambdaMetafactory.FLAG_SERIALIZABLE : 0)
              | (markers.isEmpty() ? 0 : LambdaMetafactory.FLAG_MARKERS)
              | (bridges.isEmpty() ? 0 : LambdaMetafactory.FLAG_BRIDGES);
      List<Object> args = new ArrayList<>(Arrays.asList(type, impl, dynamicType, flags));
      if (!markers.isEmpty()) {
        args.add(markers.size());
        args.addAll(markers);
      }
      if (!bridges.isEmpty()) {
        args.add(bridges.size());
        args.addAll(bridges);
      }
      site = LambdaMetafactory.altMetafactory(caller, method, factory, args.toArray());
    }
    Object[] blanks = new Object[captured.size()];
    for (int i = 0; i < blanks.length; i++) {
      Class<?> c = captured.get(i);
      blanks[i] = c.isPrimitive() ? Array.get(Array.newInstance(c, 1), 0) : null;
    }
    return site.getTarget().invokeWithArguments(blanks);
  }

  /** The constant pool of a class, as the JDK's own reflection reads it. */
  private static final class Pool {
    private static final MethodHandle OF;
    private static final MethodHandle SIZE;
    private static final MethodHandle TAG;
    private static final MethodHandle MEMBER;
    private static final MethodHandle CLASS;
    private static final MethodHandle DATA;

    static {
      try {
        Class<?> access = Jdk.type("jdk.internal.access.JavaLangAccess");
        Class<?> pool = Jdk.type("jdk.internal.reflect.ConstantPool");
        Object jla =
            Jdk.LOOKUP
                .findStatic(
                    Jdk.type("jdk.internal.access.SharedSecrets"),
                    "getJavaLangAccess",
                    MethodType.methodType(access))
                .invoke();
        OF =
            Jdk.LOOKUP
                .findVirtual(access, "getConstantPool", MethodType.methodType(pool, Class.class))
                .bindTo(jla);
        DATA =
            Jdk.LOOKUP
                .findVirtual(access, "classData", MethodType.methodType(Object.class, Class.class))
                .bindTo(jla);
        SIZE = Jdk.virtual(pool, "getSize", int.class);
        TAG = Jdk.virtual(pool, "getTagAt", Jdk.type(pool.getName() + "$Tag"), int.class);
        MEMBER = Jdk.virtual(pool, "getMemberRefInfoAt", String[].class, int.class);
        CLASS = Jdk.virtual(pool, "getClassAt", Class.class, int.class);
      } catch (Throwable e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private Pool() {}

    static Object of(Class<?> type) {
      try {
        return OF.invoke(type);
      } catch (Throwable e) {
        throw Jdk.sneaky(e);
      }
    }

    static @Nullable Object classData(Class<?> type) {
      try {
        return DATA.invoke(type);
      } catch (Throwable e) {
        throw Jdk.sneaky(e);
      }
    }

    static int size(Object pool) {
      try {
        return (int) SIZE.invoke(pool);
      } catch (Throwable e) {
        throw Jdk.sneaky(e);
      }
    }

    /** Returns the tag's name, or nothing for the second half of a long. */
    static String tag(Object pool, int i) {
      try {
        return ((Object) TAG.invoke(pool, i)).toString();
      } catch (IllegalArgumentException e) {
        return "";
      } catch (Throwable e) {
        throw Jdk.sneaky(e);
      }
    }

    static String[] member(Object pool, int i) {
      try {
        return (String[]) MEMBER.invoke(pool, i);
      } catch (Throwable e) {
        throw Jdk.sneaky(e);
      }
    }

    static @Nullable Class<?> classAt(Object pool, int i) {
      try {
        return (Class<?>) CLASS.invoke(pool, i);
      } catch (Throwable e) {
        return null;
      }
    }
  }
}
