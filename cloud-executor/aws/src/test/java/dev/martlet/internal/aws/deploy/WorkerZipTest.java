package dev.martlet.internal.aws.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassWriter;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Handle;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Label;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.MethodVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the worker is packed. */
class WorkerZipTest {
  private static final Pattern OWN = Pattern.compile("dev/martlet/.*\\.class");

  @TempDir Path directory;

  private static Map<String, byte[]> jar(WorkerZip zip) throws IOException {
    Map<String, byte[]> files = read(zip.bytes());
    assertThat(files).containsOnlyKeys("lib/martlet.jar", "martlet.sh");
    return read(files.get("lib/martlet.jar"));
  }

  @Test
  @DisplayName("this JVM's own worker is packed with all that its handler needs, and no more")
  void own() throws Exception {
    assertThat(jar(WorkerZip.own()))
        .containsKeys(
            "dev/martlet/CloudExecutors.class",
            "dev/martlet/internal/worker/lambda/LambdaWorker.class",
            "dev/martlet/internal/worker/function/FunctionWorker.class",
            "dev/martlet/internal/shaded/bytebuddy/jar/asm/ClassReader.class",
            "com/amazonaws/services/lambda/runtime/RequestStreamHandler.class",
            "org/slf4j/Logger.class",
            "META-INF/services/dev.martlet.spi.CloudExecutorProvider")
        .allSatisfy(
            (name, content) ->
                assertThat(name).doesNotStartWith("software/").doesNotContain("internal/aws/"));
  }

  @Test
  @DisplayName("all of Martlet's classes can be in an archive of classes: they have frames")
  void archivable() throws Exception {
    assertThat(jar(WorkerZip.own()))
        .containsKey("dev/martlet/internal/shaded/bytebuddy/jar/asm/tree/ClassNode.class")
        .allSatisfy(
            (name, content) ->
                assertThat((int) (OWN.matcher(name).matches() ? content[7] : Opcodes.V1_7))
                    .isGreaterThanOrEqualTo(Opcodes.V1_7));
  }

  @Test
  @DisplayName("Martlet's internal classes have no lambdas to link")
  void lambdas() throws Exception {
    Map<String, byte[]> jar = jar(WorkerZip.own());
    assertThat(jar.keySet()).filteredOn(n -> n.contains("$$Lambda")).hasSizeGreaterThan(400);
    jar.keySet().removeIf(n -> !n.startsWith("dev/martlet/internal/") || !n.endsWith(".class"));
    jar.values().removeIf(content -> content[7] < Opcodes.V11);
    assertThat(jar)
        .allSatisfy(
            (name, content) ->
                new ClassReader(content)
                    .accept(
                        new ClassVisitor(Opcodes.ASM9) {
                          @Override
                          public MethodVisitor visitMethod(
                              int access, String n, String d, String signature, String[] thrown) {
                            return new MethodVisitor(Opcodes.ASM9) {
                              @Override
                              public void visitInvokeDynamicInsn(
                                  String m, String type, Handle bootstrap, Object... arguments) {
                                assertThat(bootstrap.getOwner())
                                    .doesNotContain("LambdaMetafactory");
                              }
                            };
                          }
                        },
                        0));
  }

  @Test
  @DisplayName("all of Martlet's classes can be linked, and its lambdas can call what they call")
  void linked() throws Exception {
    Path file = directory.resolve("martlet.jar");
    Files.write(file, read(WorkerZip.own().bytes()).get("lib/martlet.jar"));
    try (URLClassLoader loader =
        new URLClassLoader(
            new URL[] {file.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
      for (Map.Entry<String, byte[]> e : jar(WorkerZip.own()).entrySet()) {
        if (OWN.matcher(e.getKey()).matches()) {
          String name = e.getKey().replace(".class", "").replace('/', '.');
          try {
            Class<?> c = Class.forName(name, false, loader);
            assertThat(c.getDeclaredMethods()).as(name).isNotNull(); // which links, and so verifies
            if (name.contains("$$Lambda")) {
              new ClassReader(e.getValue()).accept(new Calls(c), 0);
            }
          } catch (NoClassDefFoundError optional) {
            assertThat(optional).hasMessageNotContaining("martlet");
          }
        }
      }
    }
  }

  /** Finds the members that a class uses as the class itself would. */
  private static final class Calls extends ClassVisitor {
    private final ClassLoader loader;
    private final MethodHandles.Lookup lookup;

    Calls(Class<?> c) throws IllegalAccessException {
      super(Opcodes.ASM9);
      loader = c.getClassLoader();
      lookup = MethodHandles.privateLookupIn(c, MethodHandles.lookup());
    }

    private Class<?> type(String internalName) throws ReflectiveOperationException {
      String name = internalName.replace('/', '.');
      return lookup.accessClass(Class.forName(name, false, loader));
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String n, String d, String signature, String[] thrown) {
      return new MethodVisitor(Opcodes.ASM9) {
        @Override
        public void visitTypeInsn(int opcode, String type) {
          assertThatCode(() -> type(type)).doesNotThrowAnyException();
        }

        @Override
        public void visitMethodInsn(
            int opcode, String owner, String name, String descriptor, boolean isInterface) {
          assertThatCode(() -> find(opcode, owner, name, descriptor)).doesNotThrowAnyException();
        }
      };
    }

    private void find(int opcode, String owner, String name, String descriptor)
        throws ReflectiveOperationException {
      MethodType type = MethodType.fromMethodDescriptorString(descriptor, loader);
      switch (opcode) {
        case Opcodes.INVOKESTATIC -> lookup.findStatic(type(owner), name, type);
        case Opcodes.INVOKESPECIAL -> lookup.findConstructor(type(owner), type);
        default -> lookup.findVirtual(type(owner), name, type);
      }
    }
  }

  @Test
  @DisplayName("an old library stays as it is, whatever it refers to")
  void oldLibrary() throws Exception {
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    writer.visit(Opcodes.V1_5, Opcodes.ACC_PUBLIC, "org/slf4j/Old", null, "java/lang/Object", null);
    MethodVisitor m =
        writer.visitMethod(Opcodes.ACC_STATIC, "m", "(Z)Ljava/lang/Object;", null, null);
    Label other = new Label();
    Label end = new Label();
    m.visitCode();
    m.visitVarInsn(Opcodes.ILOAD, 0);
    m.visitJumpInsn(Opcodes.IFEQ, other);
    m.visitFieldInsn(Opcodes.GETSTATIC, "missing/A", "A", "Lmissing/A;");
    m.visitJumpInsn(Opcodes.GOTO, end);
    m.visitLabel(other);
    m.visitFieldInsn(Opcodes.GETSTATIC, "missing/B", "B", "Lmissing/B;");
    m.visitLabel(end);
    m.visitInsn(Opcodes.ARETURN);
    m.visitMaxs(0, 0);
    m.visitEnd();
    writer.visitEnd();
    Path old = Files.createDirectories(directory.resolve("library/org/slf4j"));
    Files.write(old.resolve("Old.class"), writer.toByteArray());
    assertThat(jar(WorkerZip.ofParts(Set.of(directory.resolve("library")))))
        .containsEntry("org/slf4j/Old.class", writer.toByteArray());
  }

  @Test
  @DisplayName("the same classes make the same bytes, whatever their order and times")
  void same() throws Exception {
    Path classes =
        directory("classes", Map.of("dev/martlet/A.class", "a", "dev/martlet/B.class", "b"));
    Path others =
        directory("others", Map.of("dev/martlet/B.class", "b", "dev/martlet/A.class", "a"));
    Path jar = jar("some.jar", Map.of("org/slf4j/Logger.class", "l", "META-INF/MANIFEST.MF", ""));
    Files.setLastModifiedTime(
        classes.resolve("dev/martlet/A.class"), FileTime.fromMillis(1_000_000));
    WorkerZip one = WorkerZip.ofParts(parts(classes, jar));
    WorkerZip two = WorkerZip.ofParts(parts(jar, others));
    assertThat(one.bytes()).isEqualTo(two.bytes());
    assertThat(one.codeSum()).isEqualTo(two.codeSum());
    Files.writeString(others.resolve("dev/martlet/A.class"), "changed");
    assertThat(WorkerZip.ofParts(parts(jar, others)).codeSum()).isNotEqualTo(one.codeSum());
  }

  @Test
  @DisplayName("jars for each part and one jar with the program in it are the same code")
  void packedOtherwise() throws Exception {
    String services = "META-INF/services/dev.martlet.spi.PlatformProvider";
    String local = "dev/martlet/internal/local/L.class";
    WorkerZip apart =
        WorkerZip.ofParts(
            parts(
                jar("api.jar", Map.of("dev/martlet/A.class", "a")),
                jar("core.jar", Map.of(local, "l", services, "dev.martlet.internal.local.L\n")),
                jar("slf4j.jar", Map.of("org/slf4j/Logger.class", "one version"))));
    WorkerZip together =
        WorkerZip.ofParts(
            parts(
                jar(
                    "all.jar",
                    Map.of(
                        "dev/martlet/A.class",
                        "a",
                        local,
                        "l",
                        services,
                        "dev.martlet.internal.aws.P\ndev.martlet.internal.local.L",
                        "dev/martlet/internal/aws/P.class",
                        "p",
                        "com/example/Main.class",
                        "m",
                        "org/slf4j/Logger.class",
                        "another"))));
    assertThat(jar(together))
        .containsOnlyKeys("dev/martlet/A.class", local, services, "org/slf4j/Logger.class");
    assertThat(together.codeSum()).isEqualTo(apart.codeSum());
    assertThat(together.zipSum()).isNotEqualTo(apart.zipSum());
  }

  private static Set<Path> parts(Path... parts) {
    return new LinkedHashSet<>(List.of(parts));
  }

  private Path directory(String name, Map<String, String> files) throws IOException {
    for (Map.Entry<String, String> e : files.entrySet()) {
      Path file = directory.resolve(name).resolve(e.getKey());
      Files.createDirectories(file.getParent());
      Files.writeString(file, e.getValue());
    }
    return directory.resolve(name);
  }

  private Path jar(String name, Map<String, String> files) throws IOException {
    Path jar = directory.resolve(name);
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, String> e : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(e.getKey()));
        zip.write(e.getValue().getBytes(UTF_8));
        zip.closeEntry();
      }
    }
    return jar;
  }

  private static Map<String, byte[]> read(byte[] zip) throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      for (ZipEntry e; (e = in.getNextEntry()) != null; ) {
        if (!e.isDirectory()) {
          files.put(e.getName(), in.readAllBytes());
        }
      }
    }
    return files;
  }
}
