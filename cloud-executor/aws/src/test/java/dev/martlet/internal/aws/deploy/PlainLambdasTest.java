package dev.martlet.internal.aws.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassWriter;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Handle;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.MethodVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Type;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.AbstractInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.ClassNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.InvokeDynamicInsnNode;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.tree.MethodNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Lambdas as ordinary classes. */
class PlainLambdasTest {
  private static final String INTERNAL = "dev/martlet/internal/";
  private static final String HOST = INTERNAL + "Host";

  /** A loader of its own classes, which takes them from files, and of nothing else. */
  private static final class Loader extends ClassLoader {
    private final Map<String, byte[]> files;

    Loader(Map<String, byte[]> files) {
      super(PlainLambdasTest.class.getClassLoader());
      this.files = files;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        byte[] file = files.get(name.replace('.', '/') + ".class");
        if (file == null) {
          return super.loadClass(name, resolve);
        }
        Class<?> c = findLoadedClass(name);
        return c == null ? defineClass(name, file, 0, file.length) : c;
      }
    }
  }

  private static SortedMap<String, byte[]> examples() throws Exception {
    String name = LambdaExamples.class.getName().replace('.', '/');
    Path root =
        Path.of(LambdaExamples.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    SortedMap<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(root.resolve(name).getParent())) {
      for (Path file : (Iterable<Path>) all::iterator) {
        String path = root.relativize(file).toString().replace('\\', '/');
        if (path.startsWith(name)) {
          files.put(path, Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  private static Object answers(Map<String, byte[]> files) throws Exception {
    Class<?> c = new Loader(files).loadClass(LambdaExamples.class.getName());
    return c.getMethod("answers").invoke(null);
  }

  /** Returns the bootstrap methods of the lambdas in class files. */
  private static List<String> sites(Map<String, byte[]> files) {
    List<String> sites = new ArrayList<>();
    for (byte[] file : files.values()) {
      ClassNode node = new ClassNode();
      new ClassReader(file).accept(node, 0);
      for (MethodNode m : node.methods) {
        for (AbstractInsnNode i : m.instructions) {
          if (i instanceof InvokeDynamicInsnNode site
              && site.bsm.getOwner().equals("java/lang/invoke/LambdaMetafactory")) {
            sites.add(site.bsm.getName());
          }
        }
      }
    }
    return sites;
  }

  @Test
  @DisplayName("lambdas and method references of all kinds answer as before, without being linked")
  void examplesAnswer() throws Exception {
    SortedMap<String, byte[]> before = examples();
    SortedMap<String, byte[]> after = PlainLambdas.in(before);
    assertThat(answers(after)).isEqualTo(answers(before)).isEqualTo(LambdaExamples.answers());
    assertThat(sites(before)).hasSizeGreaterThan(50).contains("metafactory");
    // A bridge, an intersection, and a serializable one that is also made when it is read.
    assertThat(sites(after)).hasSize(4).containsOnly("altMetafactory");
    assertThat(sites(before)).hasSize(sites(after).size() + after.size() - before.size());
  }

  @Test
  @DisplayName("a lambda's class is in its host's nest and package, and nobody else's")
  void nest() throws Exception {
    SortedMap<String, byte[]> before = examples();
    SortedMap<String, byte[]> after = PlainLambdas.in(before);
    Loader loader = new Loader(after);
    Class<?> host = loader.loadClass(LambdaExamples.class.getName());
    Set<String> made = new TreeSet<>(after.keySet());
    made.removeAll(before.keySet());
    assertThat(made).isNotEmpty();
    for (String file : made) {
      Class<?> c = loader.loadClass(file.replace(".class", "").replace('/', '.'));
      assertThat(c.getNestHost()).isEqualTo(host);
      assertThat(c.getModifiers()).isEqualTo(Opcodes.ACC_FINAL | Opcodes.ACC_SYNTHETIC);
    }
  }

  @Test
  @DisplayName("the same classes make the same bytes")
  void same() throws Exception {
    Map<String, byte[]> once = PlainLambdas.in(examples());
    assertThat(once)
        .containsKey(LambdaExamples.class.getName().replace('.', '/') + "$$Lambda1.class");
    assertThat(PlainLambdas.in(examples())).containsExactlyEntriesOf(once);
  }

  /** Returns a class whose method makes a lambda without captures. */
  private static byte[] host(int version, String factory, String type, Handle implementation) {
    ClassWriter c = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    c.visit(version, Opcodes.ACC_PUBLIC, HOST, null, INTERNAL + "other/Base", null);
    MethodVisitor m = c.visitMethod(Opcodes.ACC_STATIC, "m", "()Ljava/lang/Object;", null, null);
    m.visitCode();
    m.visitInvokeDynamicInsn(
        "apply",
        "()Ljava/util/function/Function;",
        new Handle(
            Opcodes.H_INVOKESTATIC,
            "java/lang/invoke/LambdaMetafactory",
            factory,
            "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/invoke/MethodType;"
                + "Ljava/lang/invoke/MethodType;Ljava/lang/invoke/MethodHandle;"
                + "Ljava/lang/invoke/MethodType;)Ljava/lang/invoke/CallSite;",
            false),
        Type.getType("(Ljava/lang/Object;)Ljava/lang/Object;"),
        implementation,
        Type.getType(type));
    m.visitInsn(Opcodes.ARETURN);
    m.visitMaxs(0, 0);
    m.visitEnd();
    c.visitEnd();
    return c.toByteArray();
  }

  private static byte[] base() {
    ClassWriter c = new ClassWriter(0);
    c.visit(
        Opcodes.V17, Opcodes.ACC_PUBLIC, INTERNAL + "other/Base", null, "java/lang/Object", null);
    method(c, Opcodes.ACC_PUBLIC, "forAll");
    method(c, Opcodes.ACC_PROTECTED, "forSubclasses");
    method(c, 0, "forThePackage");
    method(c, Opcodes.ACC_PRIVATE, "forItself");
    c.visitEnd();
    return c.toByteArray();
  }

  private static void method(ClassWriter c, int access, String name) {
    c.visitMethod(access | Opcodes.ACC_ABSTRACT, name, "()Ljava/lang/Object;", null, null)
        .visitEnd();
  }

  private static Handle inherited(String name) {
    return new Handle(Opcodes.H_INVOKEVIRTUAL, HOST, name, "()Ljava/lang/Object;", false);
  }

  private static boolean isPlain(
      int version, String type, Handle implementation, @Nullable String without) {
    return isPlain(host(version, "metafactory", type, implementation), without);
  }

  private static boolean isPlain(byte[] host, @Nullable String without) {
    SortedMap<String, byte[]> files = new TreeMap<>();
    files.put(HOST + ".class", host);
    files.put(INTERNAL + "other/Base.class", base());
    if (without != null) {
      files.remove(without);
    }
    SortedMap<String, byte[]> plain = PlainLambdas.in(files);
    boolean same = plain.equals(files); // the very arrays
    assertThat(plain.containsKey(HOST + "$$Lambda1.class")).isEqualTo(!same);
    return !same;
  }

  @Test
  @DisplayName("what a class beside the host cannot call, or is unusual, stays")
  void leftAlone() {
    String type = "(L" + HOST + ";)Ljava/lang/Object;";
    int version = Opcodes.V17;
    assertThat(isPlain(version, type, inherited("forAll"), null)).isTrue();
    assertThat(isPlain(version, type, inherited("forSubclasses"), null)).isFalse();
    assertThat(isPlain(version, type, inherited("forThePackage"), null)).isFalse();
    assertThat(isPlain(version, type, inherited("forItself"), null)).isFalse();
    assertThat(isPlain(version, type, inherited("missing"), null)).isFalse();
    assertThat(isPlain(version, type, inherited("forAll"), INTERNAL + "other/Base.class"))
        .isFalse();
    assertThat(isPlain(Opcodes.V10, type, inherited("forAll"), null)).isFalse();
    assertThat(isPlain(Opcodes.V11, type, inherited("forAll"), null)).isTrue();
    assertThat(isPlain(host(version, "altMetafactory", type, inherited("forAll")), null)).isFalse();
    Handle above =
        new Handle(Opcodes.H_INVOKESPECIAL, HOST, "forAll", "()Ljava/lang/Object;", false);
    assertThat(isPlain(version, type, above, null)).isFalse();
    String ofStrings = "(Ljava/lang/String;)Ljava/lang/Object;";
    assertThat(isPlain(version, ofStrings, ofLibrary("java/lang/String", "trim"), null)).isTrue();
    assertThat(isPlain(version, ofStrings, ofLibrary("org/slf4j/Logger", "trim"), null)).isFalse();
  }

  private static Handle ofLibrary(String owner, String name) {
    return new Handle(Opcodes.H_INVOKEVIRTUAL, owner, name, "()Ljava/lang/String;", false);
  }

  @Test
  @DisplayName("conversions that the Java language does not have stay")
  void conversions() {
    Handle parse =
        new Handle(
            Opcodes.H_INVOKESTATIC,
            "java/lang/Integer",
            "toString",
            "(I)Ljava/lang/String;",
            false);
    assertThat(isPlain(Opcodes.V17, "(Ljava/lang/Integer;)Ljava/lang/String;", parse, null))
        .isTrue();
    assertThat(isPlain(Opcodes.V17, "(Ljava/lang/Short;)Ljava/lang/String;", parse, null)).isTrue();
    assertThat(isPlain(Opcodes.V17, "(Ljava/lang/Long;)Ljava/lang/String;", parse, null)).isFalse();
    assertThat(isPlain(Opcodes.V17, "(Ljava/lang/Object;)Ljava/lang/String;", parse, null))
        .isFalse();
    assertThat(isPlain(Opcodes.V17, "(Ljava/lang/Number;)Ljava/lang/String;", parse, null))
        .isFalse();
  }
}
