package dev.martlet.internal.aws.deploy;

import static dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes.*;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassWriter;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Handle;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.MethodVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.AbstractInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.ClassNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.FieldInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InvokeDynamicInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes ordinary classes of the lambdas and method references in Martlet's internal classes.
 *
 * <p>A new instance links each of them that its first call meets, which takes some tenths of a
 * millisecond of interpreted code even if the lambda's class is in the archive of classes. An
 * ordinary class is only mapped. It holds what the lambda captures in fields, and its one method
 * calls the lambda's body, or the method that is referred to, with the conversions that {@link
 * java.lang.invoke.LambdaMetafactory} would generate. The code that made the lambda calls a static
 * method of it or, if nothing is captured, reads its one instance: one instruction for another that
 * does the same to the stack, so that all frames remain. The class belongs to the nest of its host,
 * and so can call private methods.
 *
 * <p>What is left as it is, since it would be another thing then or is too rare to be worth the
 * code:
 *
 * <ul>
 *   <li>the packages of the API: frames of lambdas, which are hidden, would be seen by user code;
 *   <li>lambdas that are serializable or have more than one interface or method;
 *   <li>class files that are older than nests;
 *   <li>implementations that are libraries', or that a class beside the host cannot call, such as
 *       protected methods of superclasses in other packages;
 *   <li>conversions that the Java language does not have.
 * </ul>
 */
final class PlainLambdas {
  private static final String OWN = "dev/martlet/";
  private static final String INTERNAL = OWN + "internal/";
  private static final String JDK = "java/";
  private static final String CLASS = ".class";
  private static final String FACTORY = "java/lang/invoke/LambdaMetafactory";
  private static final int HEADER = 8;

  private static final String INSTANCE = "INSTANCE";
  private static final String MAKE = "make";
  private static final String INIT = "<init>";
  private static final Type OBJECT = Type.getObjectType("java/lang/Object");

  /** The primitives' boxes. */
  private static final Map<Type, Type> BOXES =
      Map.of(
          Type.BOOLEAN_TYPE, Type.getType(Boolean.class),
          Type.BYTE_TYPE, Type.getType(Byte.class),
          Type.CHAR_TYPE, Type.getType(Character.class),
          Type.SHORT_TYPE, Type.getType(Short.class),
          Type.INT_TYPE, Type.getType(Integer.class),
          Type.LONG_TYPE, Type.getType(Long.class),
          Type.FLOAT_TYPE, Type.getType(Float.class),
          Type.DOUBLE_TYPE, Type.getType(Double.class));

  private final SortedMap<String, byte[]> files;
  private final Map<String, Members> known = new HashMap<>();

  /** The generated classes, by the host of their nest. */
  private final SortedMap<String, List<String>> nests = new TreeMap<>();

  private PlainLambdas(SortedMap<String, byte[]> files) {
    this.files = files;
  }

  /** Returns files in which Martlet's internal classes have no lambdas, as far as that can be. */
  static SortedMap<String, byte[]> in(SortedMap<String, byte[]> files) {
    PlainLambdas plain = new PlainLambdas(new TreeMap<>(files));
    files.forEach(
        (name, file) -> {
          if (name.startsWith(INTERNAL)
              && name.endsWith(CLASS)
              && isOfNests(file)
              && new String(file, StandardCharsets.ISO_8859_1).contains(FACTORY)) {
            plain.replace(read(file));
          }
        });
    plain.nests.forEach(plain::add);
    return plain.files;
  }

  private static boolean isOfNests(byte @Nullable [] classFile) {
    return classFile != null && classFile.length > HEADER && classFile[HEADER - 1] >= V11;
  }

  private static ClassNode read(byte[] classFile) {
    ClassNode node = new ClassNode();
    new ClassReader(classFile).accept(node, 0);
    return node;
  }

  private void write(ClassNode node) {
    ClassWriter writer = new ClassWriter(0);
    node.accept(writer);
    files.put(node.name + CLASS, writer.toByteArray());
  }

  private void add(String nest, List<String> members) {
    ClassNode node = read(Objects.requireNonNull(files.get(nest + CLASS)));
    if (node.nestMembers == null) {
      node.nestMembers = new ArrayList<>();
    }
    node.nestMembers.addAll(members);
    write(node);
  }

  private void replace(ClassNode host) {
    String nest = nestOf(host);
    if (!isOfNests(files.get(nest + CLASS))) {
      return;
    }
    List<String> made = new ArrayList<>();
    for (MethodNode m : host.methods) {
      for (AbstractInsnNode i : m.instructions) {
        if (i instanceof InvokeDynamicInsnNode site
            && site.bsm.getOwner().equals(FACTORY)
            && site.bsm.getName().equals("metafactory")) {
          String name = host.name + "$$Lambda" + (made.size() + 1);
          byte[] lambda = files.containsKey(name + CLASS) ? null : lambda(name, host, nest, site);
          if (lambda != null) {
            made.add(name);
            files.put(name + CLASS, lambda);
            m.instructions.set(site, maker(name, site.desc));
          }
        }
      }
    }
    if (!made.isEmpty()) {
      write(host);
      nests.computeIfAbsent(nest, n -> new ArrayList<>()).addAll(made);
    }
  }

  private static String nestOf(ClassNode node) {
    return node.nestHostClass == null ? node.name : node.nestHostClass;
  }

  private static AbstractInsnNode maker(String name, String factory) {
    return Type.getArgumentTypes(factory).length == 0
        ? new FieldInsnNode(GETSTATIC, name, INSTANCE, Type.getReturnType(factory).getDescriptor())
        : new MethodInsnNode(INVOKESTATIC, name, MAKE, factory, false);
  }

  /** Returns the class file of a lambda, or null if its site has to stay. */
  private byte @Nullable [] lambda(
      String name, ClassNode host, String nest, InvokeDynamicInsnNode site) {
    Handle implementation = (Handle) site.bsmArgs[1];
    if (!canCall(host.name, nest, implementation.getOwner(), implementation)) {
      return null;
    }
    ClassWriter c = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    Type type = Type.getReturnType(site.desc);
    Type[] captured = Type.getArgumentTypes(site.desc);
    c.visit(
        host.version,
        ACC_FINAL | ACC_SUPER | ACC_SYNTHETIC,
        name,
        null,
        OBJECT.getInternalName(),
        new String[] {type.getInternalName()});
    c.visitNestHost(nest);
    for (int i = 0; i < captured.length; i++) {
      c.visitField(ACC_PRIVATE | ACC_FINAL, field(i), captured[i].getDescriptor(), null, null)
          .visitEnd();
    }
    constructor(c, name, captured);
    if (captured.length == 0) {
      instance(c, name, type);
    } else {
      make(c, name, site.desc);
    }
    Type erased = (Type) site.bsmArgs[0];
    Type instantiated = (Type) site.bsmArgs[2];
    MethodVisitor m = c.visitMethod(ACC_PUBLIC, site.name, erased.getDescriptor(), null, null);
    m.visitCode();
    if (!body(m, name, captured, erased, instantiated, implementation)) {
      return null;
    }
    end(m);
    c.visitEnd();
    return c.toByteArray();
  }

  private static String field(int captured) {
    return "arg" + (captured + 1);
  }

  private static void constructor(ClassWriter c, String name, Type[] captured) {
    String descriptor = Type.getMethodDescriptor(Type.VOID_TYPE, captured);
    MethodVisitor m = c.visitMethod(ACC_PRIVATE, INIT, descriptor, null, null);
    m.visitCode();
    m.visitVarInsn(ALOAD, 0);
    m.visitMethodInsn(INVOKESPECIAL, OBJECT.getInternalName(), INIT, "()V", false);
    int slot = 1;
    for (int i = 0; i < captured.length; i++) {
      m.visitVarInsn(ALOAD, 0);
      m.visitVarInsn(captured[i].getOpcode(ILOAD), slot);
      m.visitFieldInsn(PUTFIELD, name, field(i), captured[i].getDescriptor());
      slot += captured[i].getSize();
    }
    m.visitInsn(RETURN);
    end(m);
  }

  private static void instance(ClassWriter c, String name, Type type) {
    c.visitField(ACC_STATIC | ACC_FINAL, INSTANCE, type.getDescriptor(), null, null).visitEnd();
    MethodVisitor m = c.visitMethod(ACC_STATIC, "<clinit>", "()V", null, null);
    m.visitCode();
    m.visitTypeInsn(NEW, name);
    m.visitInsn(DUP);
    m.visitMethodInsn(INVOKESPECIAL, name, INIT, "()V", false);
    m.visitFieldInsn(PUTSTATIC, name, INSTANCE, type.getDescriptor());
    m.visitInsn(RETURN);
    end(m);
  }

  private static void make(ClassWriter c, String name, String factory) {
    MethodVisitor m = c.visitMethod(ACC_STATIC, MAKE, factory, null, null);
    m.visitCode();
    m.visitTypeInsn(NEW, name);
    m.visitInsn(DUP);
    int slot = 0;
    for (Type t : Type.getArgumentTypes(factory)) {
      m.visitVarInsn(t.getOpcode(ILOAD), slot);
      slot += t.getSize();
    }
    String init = Type.getMethodDescriptor(Type.VOID_TYPE, Type.getArgumentTypes(factory));
    m.visitMethodInsn(INVOKESPECIAL, name, INIT, init, false);
    m.visitInsn(ARETURN);
    end(m);
  }

  private static void end(MethodVisitor m) {
    m.visitMaxs(0, 0); // which the writer computes
    m.visitEnd();
  }

  /** Writes the call of an implementation; returns false if it takes unknown conversions. */
  private static boolean body(
      MethodVisitor m,
      String name,
      Type[] captured,
      Type erased,
      Type instantiated,
      Handle implementation) {
    List<Type> taken = new ArrayList<>(List.of(Type.getArgumentTypes(implementation.getDesc())));
    Type owner = Type.getObjectType(implementation.getOwner());
    boolean makes = implementation.getTag() == H_NEWINVOKESPECIAL;
    if (makes) {
      m.visitTypeInsn(NEW, implementation.getOwner());
      m.visitInsn(DUP);
    } else if (implementation.getTag() != H_INVOKESTATIC) {
      taken.add(0, owner);
    }
    Type[] given = erased.getArgumentTypes();
    Type[] promised = instantiated.getArgumentTypes();
    if (taken.size() != captured.length + given.length || promised.length != given.length) {
      return false;
    }
    for (int i = 0; i < captured.length; i++) {
      m.visitVarInsn(ALOAD, 0);
      m.visitFieldInsn(GETFIELD, name, field(i), captured[i].getDescriptor());
      if (!convert(m, captured[i], captured[i], taken.get(i))) {
        return false;
      }
    }
    int slot = 1;
    for (int i = 0; i < given.length; i++) {
      m.visitVarInsn(given[i].getOpcode(ILOAD), slot);
      slot += given[i].getSize();
      if (!convert(m, given[i], promised[i], taken.get(captured.length + i))) {
        return false;
      }
    }
    m.visitMethodInsn(
        opcode(implementation),
        implementation.getOwner(),
        implementation.getName(),
        implementation.getDesc(),
        implementation.isInterface());
    Type result = makes ? owner : Type.getReturnType(implementation.getDesc());
    Type wanted = erased.getReturnType();
    if (!wanted.equals(Type.VOID_TYPE) && !convert(m, result, result, wanted)) {
      return false;
    }
    m.visitInsn(wanted.getOpcode(IRETURN));
    return true;
  }

  /** Returns how a nest mate calls, which is the same for private methods and for others. */
  private static int opcode(Handle h) {
    return switch (h.getTag()) {
      case H_INVOKESTATIC -> INVOKESTATIC;
      case H_NEWINVOKESPECIAL -> INVOKESPECIAL;
      default -> h.isInterface() ? INVOKEINTERFACE : INVOKEVIRTUAL;
    };
  }

  /** Converts a value that is known to be of another type still; returns false if it cannot. */
  private static boolean convert(MethodVisitor m, Type from, Type known, Type to) {
    if (from.equals(Type.VOID_TYPE)) {
      return false;
    }
    if (isPrimitive(from)) {
      if (isPrimitive(to)) {
        return widen(m, from, to);
      }
      Type box = Objects.requireNonNull(BOXES.get(from));
      String descriptor = Type.getMethodDescriptor(box, from);
      m.visitMethodInsn(INVOKESTATIC, box.getInternalName(), "valueOf", descriptor, false);
      cast(m, box, to);
      return box.equals(to) || !BOXES.containsValue(to);
    }
    if (isPrimitive(known)) {
      return false;
    }
    cast(m, from, known);
    if (!isPrimitive(to)) {
      cast(m, known, to);
      return true;
    }
    for (Map.Entry<Type, Type> box : BOXES.entrySet()) {
      if (box.getValue().equals(known)) {
        Type unboxed = box.getKey();
        m.visitMethodInsn(
            INVOKEVIRTUAL,
            known.getInternalName(),
            unboxed.getClassName() + "Value",
            Type.getMethodDescriptor(unboxed),
            false);
        return widen(m, unboxed, to);
      }
    }
    return false;
  }

  private static boolean isPrimitive(Type type) {
    return type.getSort() < Type.ARRAY;
  }

  private static void cast(MethodVisitor m, Type from, Type to) {
    if (!from.equals(to) && !to.equals(OBJECT)) {
      m.visitTypeInsn(CHECKCAST, to.getInternalName());
    }
  }

  private static boolean widen(MethodVisitor m, Type from, Type to) {
    if (from.equals(to)) {
      return true;
    }
    String conversion = from.getDescriptor() + to.getDescriptor();
    switch (conversion) {
      case "BS", "BI", "SI", "CI" -> {}
      case "BJ", "SJ", "CJ", "IJ" -> m.visitInsn(I2L);
      case "BF", "SF", "CF", "IF" -> m.visitInsn(I2F);
      case "BD", "SD", "CD", "ID" -> m.visitInsn(I2D);
      case "JF" -> m.visitInsn(L2F);
      case "JD" -> m.visitInsn(L2D);
      case "FD" -> m.visitInsn(F2D);
      default -> {
        return false;
      }
    }
    return true;
  }

  /* ---------------- What a class beside the host can call ---------------- */

  /** What calls of a class's methods depend on; methods are by name and descriptor. */
  private record Members(
      int access, String nest, List<String> supers, Map<String, Integer> methods) {
    static Members of(byte[] classFile) {
      ClassNode node = new ClassNode();
      new ClassReader(classFile).accept(node, ClassReader.SKIP_CODE);
      Map<String, Integer> methods = new HashMap<>();
      node.methods.forEach(m -> methods.put(m.name + m.desc, m.access));
      List<String> supers = new ArrayList<>(node.interfaces);
      supers.add(0, node.superName);
      return new Members(node.access, nestOf(node), supers, methods);
    }
  }

  /** Returns whether an implementation can be called that a type has or inherits. */
  private boolean canCall(String host, String nest, String type, Handle h) {
    if (type.startsWith(JDK)) {
      return isPublic(type, h);
    }
    Members members = members(type);
    if (members == null || !((members.access & ACC_PUBLIC) != 0 || isBeside(host, type))) {
      return false;
    }
    Integer access = members.methods.get(h.getName() + h.getDesc());
    if (access == null) {
      return h.getTag() != H_NEWINVOKESPECIAL
          && members.supers.stream().anyMatch(s -> canCall(host, nest, s, h));
    }
    if ((access & ACC_PRIVATE) != 0) {
      return type.equals(h.getOwner()) && members.nest.equals(nest);
    }
    return h.getTag() != H_INVOKESPECIAL && ((access & ACC_PUBLIC) != 0 || isBeside(host, type));
  }

  private static boolean isBeside(String host, String type) {
    return host.substring(0, host.lastIndexOf('/'))
        .equals(type.substring(0, type.lastIndexOf('/')));
  }

  private @Nullable Members members(String type) {
    byte[] classFile = type.startsWith(OWN) ? files.get(type + CLASS) : null;
    return classFile == null ? null : known.computeIfAbsent(type, t -> Members.of(classFile));
  }

  private static boolean isPublic(String type, Handle h) {
    try {
      ClassLoader loader = ClassLoader.getPlatformClassLoader();
      Class<?> c = Class.forName(type.replace('/', '.'), false, loader);
      return Modifier.isPublic(c.getModifiers())
          && (h.getTag() == H_NEWINVOKESPECIAL
              ? Stream.of(c.getConstructors())
                  .anyMatch(m -> Type.getConstructorDescriptor(m).equals(h.getDesc()))
              : Stream.of(c.getMethods())
                  .filter(m -> m.getName().equals(h.getName()))
                  .anyMatch(m -> Type.getMethodDescriptor(m).equals(h.getDesc())));
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
