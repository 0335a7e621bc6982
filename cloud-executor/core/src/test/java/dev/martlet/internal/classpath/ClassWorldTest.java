package dev.martlet.internal.classpath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.CloudExecutors;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassWorldTest {
  @TempDir Path temp;

  private ClassWorld world() {
    return new ClassWorld(Set.of(), temp.resolve("cache"));
  }

  private static Path jar(Path jar, String classPath, String... entries) throws Exception {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    if (!classPath.isEmpty()) {
      manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath);
    }
    Files.createDirectories(jar.getParent());
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      for (String e : entries) {
        out.putNextEntry(new JarEntry(e));
        out.write(e.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        out.closeEntry();
      }
    }
    return jar;
  }

  private static URLClassLoader loader(Path... path) throws Exception {
    URL[] urls = new URL[path.length];
    for (int i = 0; i < path.length; i++) {
      urls[i] = path[i].toUri().toURL();
    }
    return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
  }

  @Test
  void a_question_that_is_cut_off_is_answered_with_an_error() throws Exception {
    ClassWorld world = world();
    try (URLClassLoader loader = loader(temp)) {
      ByteBuffer whole =
          new Wire.Writer(Wire.FIND)
              .integer(world.idOf(loader))
              .integer(0)
              .string("a/B.class")
              .hash(Hash.NONE)
              .done();
      assertThat(world.answer(whole.duplicate()).get(0)).isEqualTo(Wire.ABSENT);
      for (int n = 0; n < whole.limit(); n++) {
        assertThat(world.answer(whole.duplicate().limit(n)).get(0)).isEqualTo(Wire.ERROR);
      }
    }
  }

  @Test
  void a_directory_gives_nothing_from_outside() throws Exception {
    Files.writeString(temp.resolve("secret"), "s");
    Path d = Files.createDirectories(temp.resolve("d"));
    Files.writeString(d.resolve("open"), "o");
    ClassWorld world = world();
    try (URLClassLoader loader = loader(d)) {
      int id = world.idOf(loader);
      assertThat(find(world, id, "open")).isEqualTo(Wire.OK);
      for (String name : List.of("../secret", "/" + temp.resolve("secret"), "x/../../secret")) {
        assertThat(find(world, id, name)).as(name).isEqualTo(Wire.ABSENT);
      }
    }
  }

  private static byte find(ClassWorld world, int id, String name) {
    return world
        .answer(
            new Wire.Writer(Wire.FIND).integer(id).integer(0).string(name).hash(Hash.NONE).done())
        .get(0);
  }

  @Test
  void answers_about_resources_are_void_when_one_comes_goes_or_changes() throws Exception {
    Path root = Files.createDirectories(temp.resolve("resources"));
    Path there = Files.writeString(root.resolve("there"), "1");
    ClassWorld world = world();
    try (URLClassLoader loader = loader(root)) {
      int version = world.version();
      for (String name : List.of("there", "sub/not/there")) {
        world.answer(new Wire.Writer(Wire.FILES).integer(world.idOf(loader)).string(name).done());
      }
      assertThat(world.version()).isEqualTo(version);
      Files.writeString(there, "22");
      assertThat(world.version()).isGreaterThan(version);
      version = world.version();
      world.answer(new Wire.Writer(Wire.FILES).integer(world.idOf(loader)).string("sub/no").done());
      assertThat(world.version()).isEqualTo(version);
      Files.createDirectories(root.resolve("sub"));
      assertThat(world.version()).isGreaterThan(version);
    }
  }

  @Test
  void content_is_read_by_the_hash_of_an_entry_only() throws Exception {
    Path file = Files.writeString(temp.resolve("secret"), "s");
    ByteBuffer q = new Wire.Writer(Wire.BLOB).hash(Hash.of(file)).number(0).integer(10).done();
    assertThat(world().answer(q).get(0)).isEqualTo(Wire.ERROR);
  }

  @Test
  void the_jars_of_a_manifest_follow_their_jar() throws Exception {
    Path c = jar(temp.resolve("sub dir/c.jar"), "");
    Path b = jar(temp.resolve("b.jar"), "sub%20dir/c.jar none.jar a.jar");
    Path a = jar(temp.resolve("a.jar"), "b.jar http://example.invalid/x.jar");
    Path last = jar(temp.resolve("last.jar"), "");
    ClassWorld world = world();
    try (URLClassLoader loader = loader(a, last)) {
      assertThat(world.image(world.idOf(loader)).entries())
          .extracting(Entry::path)
          .containsExactly(a.toString(), b.toString(), c.toString(), last.toString());
    }
  }

  @Test
  void a_jar_of_martlets_alone_is_left_out_and_in_a_mixed_one_martlet_is_hidden() throws Exception {
    Path own = jar(temp.resolve("martlet-api-1.jar"), "", "dev/martlet/CloudExecutors.class");
    Path mixed =
        jar(temp.resolve("mixed.jar"), "", "dev/martlet/CloudExecutors.class", "a/B.class");
    ClassWorld world = world();
    try (URLClassLoader loader = loader(own, mixed)) {
      List<Entry> entries = world.image(world.idOf(loader)).entries();
      assertThat(entries).extracting(Entry::path).containsExactly(mixed.toString());
      assertThat(entries.get(0).hides("dev/martlet/CloudExecutors.class")).isTrue();
      assertThat(entries.get(0).hides("dev/martlet/internal/x/Y.class")).isTrue();
      assertThat(entries.get(0).hides("META-INF/services/dev.martlet.spi.X")).isTrue();
      assertThat(entries.get(0).hides("dev/martlet/samples/Main.class")).isFalse();
      assertThat(entries.get(0).hides("a/B.class")).isFalse();
    }
  }

  @Test
  void the_class_path_of_this_jvm_has_the_tests_and_libraries_in_order() throws Exception {
    List<String> paths =
        world().image(ClassWorld.SYSTEM).entries().stream().map(Entry::path).toList();
    Path tests = place(ClassWorldTest.class);
    Path junit = place(Test.class);
    assertThat(paths).contains(tests.toString(), junit.toString()).doesNotHaveDuplicates();
    assertThat(paths.indexOf(tests.toString())).isLessThan(paths.indexOf(junit.toString()));
  }

  private static Path place(Class<?> c) throws Exception {
    return Path.of(URI.create(c.getProtectionDomain().getCodeSource().getLocation().toString()));
  }

  @Test
  void loaders_keep_their_numbers_and_are_held_weakly() throws Exception {
    ClassWorld world = world();
    assertThat(world.idOf((ClassLoader) null)).isEqualTo(ClassWorld.JDK);
    assertThat(world.idOf(ClassLoader.getSystemClassLoader())).isEqualTo(ClassWorld.SYSTEM);
    URLClassLoader one = loader(temp);
    int id = world.idOf(one);
    assertThat(id).isGreaterThan(ClassWorld.SYSTEM).isEqualTo(world.idOf(one));
    assertThat(world.loader(id)).isSameAs(one);
    assertThat(world.image(id).entries()).isNotEmpty();
    WeakReference<ClassLoader> weak = new WeakReference<>(one);
    one.close();
    one = null;
    Awaitility.await()
        .until(
            () -> {
              System.gc();
              return weak.get() == null;
            });
    assertThatThrownBy(() -> world.loader(id)).isInstanceOf(IllegalArgumentException.class);
    try (URLClassLoader two = loader(temp)) {
      assertThat(world.idOf(two)).isNotEqualTo(id);
    }
  }

  @Test
  void martlets_api_is_common_and_its_insides_are_nobodys() throws Exception {
    ClassWorld world = world();
    assertThat(world.idOf(CloudExecutors.class)).isEqualTo(ClassWorld.JDK);
    assertThat(world.load(ClassWorld.JDK, "dev.martlet.CloudExecutors"))
        .isSameAs(CloudExecutors.class);
    assertThat(world.isApplication(CloudExecutors.class)).isFalse();
    for (int id : new int[] {ClassWorld.JDK, ClassWorld.SYSTEM}) {
      assertThatThrownBy(() -> world.load(id, ClassWorld.class.getName()))
          .isInstanceOf(ClassNotFoundException.class);
    }
    assertThat(world.load(ClassWorld.SYSTEM, ClassWorldTest.class.getName()))
        .isSameAs(ClassWorldTest.class);
    assertThat(world.isApplication(ClassWorldTest.class)).isTrue();
    assertThat(world.isApplication(Test.class)).isFalse();
  }

  @Test
  void a_sum_is_kept_for_the_next_run_and_not_taken_for_another_file() throws Exception {
    Path jar = jar(temp.resolve("a.jar"), "", "x");
    FileTime old = FileTime.from(Instant.now().minusSeconds(100));
    Files.setLastModifiedTime(jar, old);
    Hash first = hash(jar);
    assertThat(first).isEqualTo(Hash.of(jar));
    Path sums = temp.resolve("cache/sums");
    try (var files = Files.list(sums)) {
      assertThat(files).hasSize(1);
    }
    assertThat(hash(jar)).isEqualTo(first);
    Files.write(jar, Files.readAllBytes(jar(temp.resolve("b.jar"), "", "y")));
    assertThat(hash(jar)).isEqualTo(Hash.of(jar)).isNotEqualTo(first);
  }

  private Hash hash(Path jar) throws Exception {
    ClassWorld world = world();
    try (URLClassLoader loader = loader(jar)) {
      ByteBuffer answer =
          world.answer(new Wire.Writer(Wire.HASHES).integer(world.idOf(loader)).done());
      Wire.Reader in = new Wire.Reader(answer);
      assertThat(in.get()).isEqualTo(Wire.OK);
      assertThat(in.count()).isEqualTo(1);
      return in.hash();
    }
  }

  @Test
  void a_cache_directory_is_its_owners_alone() throws Exception {
    Path d = Files.createDirectory(temp.resolve("c"));
    Files.setPosixFilePermissions(d, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path own = CacheDirectory.open(d);
    assertThat(own).isEqualTo(d.toAbsolutePath().resolve("martlet"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own)))
        .isEqualTo("rwx------");
    assertThat(CacheDirectory.open(own)).isEqualTo(own);
  }

  @Test
  void a_class_as_the_jvm_has_it_is_told_from_another() throws Exception {
    byte[] file = ClassWorldTest.class.getResourceAsStream("ClassWorldTest.class").readAllBytes();
    byte[] other =
        ClassWorldTest.class
            .getResourceAsStream("/dev/martlet/CloudExecutors.class")
            .readAllBytes();
    assertThat(LiveBytes.of(ClassWorldTest.class, file)).isSameAs(file);
    byte[] live = LiveBytes.of(ClassWorldTest.class, other);
    assertThat(live).isNotSameAs(other);
    assertThat(LiveBytes.same(live, file)).isTrue();
  }
}
