package dev.martlet.internal.worker.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.CloudExecutors;
import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.classpath.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.CRC32;
import jdk.jshell.JShell;
import jdk.jshell.execution.LocalExecutionControlProvider;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client's world and a worker's realm, joined by a function. */
class RealmTest {

  @TempDir Path temp;
  private Code code;
  private ClassWorld world;
  private CodeCache cache;
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    code = new Code(temp);
    world = new ClassWorld(Set.of(), temp.resolve("client"));
    cache = cache();
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable c : open) {
      c.close();
    }
  }

  private CodeCache cache() throws IOException {
    CodeCache c = new CodeCache(temp.resolve("worker"), 1 << 26, 1 << 22);
    open.add(c);
    return c;
  }

  private Realm realm(boolean local) {
    return new Realm(world::answer, cache, ClassWeaver.NONE, local);
  }

  private URLClassLoader home(Path... path) throws IOException {
    URL[] urls = new URL[path.length];
    for (int i = 0; i < path.length; i++) {
      urls[i] = path[i].toUri().toURL();
    }
    URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    open.add(loader);
    return loader;
  }

  private Class<?> away(Realm realm, ClassLoader home, String name) throws Exception {
    Class<?> c = realm.load(world.idOf(home), name);
    assertThat(c.getName()).isEqualTo(name);
    assertThat(realm.idOf(c)).isEqualTo(world.idOf(home.loadClass(name)));
    return c;
  }

  private static Object get(Class<?> c) throws Exception {
    return ((Supplier<?>) c.getConstructor().newInstance()).get();
  }

  /** A class p.name whose get() returns an expression. */
  private static String supplier(String name, String expression) {
    return supplier(name, expression, "");
  }

  private static String supplier(String name, String expression, String more) {
    return "package p; public class %s implements java.util.function.Supplier<Object> {"
            .formatted(name)
        + " public Object get() { try { return "
        + expression
        + "; } catch (Exception e) { throw new IllegalStateException(e); } } "
        + more
        + "}";
  }

  private static String text(URL url) throws IOException {
    try (InputStream in = url.openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_class_of_a_directory_and_one_of_a_jar_see_each_other(boolean local) throws Exception {
    Path library =
        code.directory("package q; public class Lib { public static int n() { return 42; } }");
    Path jar = code.jar(library);
    Path directory = code.directory(List.of(jar), supplier("App", "q.Lib.n()"));
    ClassLoader home = home(directory, jar);
    Realm realm = realm(local);
    Class<?> app = away(realm, home, "p.App");
    assertThat(get(app)).isEqualTo(42);
    Class<?> lib = away(realm, home, "q.Lib");
    assertThat(lib.getClassLoader()).isSameAs(app.getClassLoader()).isNotSameAs(home);
    assertThat(lib.getProtectionDomain().getCodeSource().getLocation())
        .isEqualTo(home.loadClass("q.Lib").getProtectionDomain().getCodeSource().getLocation());
    assertThat(realm.isApplication(app)).isTrue();
    assertThat(realm.isApplication(lib)).isFalse();
    assertThat(world.isApplication(home.loadClass("p.App"))).isTrue();
    assertThat(world.isApplication(home.loadClass("q.Lib"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void of_a_class_in_two_jars_the_first_wins(boolean local) throws Exception {
    Path one = code.jar(code.directory(supplier("A", "1")));
    Path two = code.jar(code.directory(supplier("A", "2"), supplier("B", "new A().get()")));
    assertThat(get(away(realm(local), home(one, two), "p.B"))).isEqualTo(1);
    assertThat(get(away(realm(local), home(two, one), "p.B"))).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void services_of_three_jars_and_a_directory_are_found_in_order(boolean local) throws Exception {
    List<Path> path = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Path d = code.directory(supplier("S" + i, "" + i));
      Code.with(d, "META-INF/services/java.util.function.Supplier", "p.S" + i + "\n");
      path.add(i == 2 ? d : code.jar(d));
    }
    ClassLoader home = home(path.toArray(Path[]::new));
    ClassLoader away = realm(local).loader(world.idOf(home));
    List<Object> values = new ArrayList<>();
    ServiceLoader.load(Supplier.class, away).forEach(s -> values.add(s.get()));
    assertThat(values).containsExactly(0, 1, 2, 3);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void resources_are_those_of_home_in_the_same_order(boolean local) throws Exception {
    Path one = code.jar(code.resources("a/x y.txt", "one"));
    Path two = code.resources("a/x y.txt", "two");
    Path three = code.jar(code.resources("a/x y.txt", "three"));
    ClassLoader home = home(one, two, three);
    ClassLoader away = realm(local).loader(world.idOf(home));
    assertThat(text(away.getResource("a/x y.txt"))).isEqualTo("one");
    List<String> all = new ArrayList<>();
    for (URL url : Collections.list(away.getResources("a/x y.txt"))) {
      all.add(text(url));
    }
    assertThat(all).containsExactly("one", "two", "three");
    try (InputStream in = away.getResourceAsStream("a/x y.txt")) {
      assertThat(in.readAllBytes()).asString().isEqualTo("one");
    }
    assertThat(away.getResource("a/none.txt")).isNull();
    assertThat(away.getResource("../a/x y.txt")).isNull();
    if (local) {
      assertThat(Collections.list(away.getResources("a/x y.txt")).toString())
          .isEqualTo(Collections.list(home.getResources("a/x y.txt")).toString());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_large_resource_of_a_directory_arrives_whole(boolean local) throws Exception {
    String large = "0123456789".repeat(Wire.CHUNK / 4);
    ClassLoader home = home(code.resources("large.txt", large));
    ClassLoader away = realm(local).loader(world.idOf(home));
    assertThat(text(away.getResource("large.txt"))).isEqualTo(large);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_resource_that_was_made_after_the_start_is_seen(boolean local) throws Exception {
    Path d = code.directory(supplier("A", "1"));
    ClassLoader home = home(d);
    ClassLoader away = realm(local).loader(world.idOf(home));
    assertThat(away.getResource("new/x.txt")).isNull();
    Code.with(d, "new/x.txt", "x");
    assertThat(text(away.getResource("new/x.txt"))).isEqualTo("x");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void class_forName_finds_what_it_finds_at_home(boolean local) throws Exception {
    Path lib =
        code.jar(
            code.directory(
                supplier(
                    "Reflect",
                    "Class.forName(\"p.App\").getName() + Class.forName(\"p.App\").getClassLoader().equals(getClass().getClassLoader())")));
    Path app = code.directory(supplier("App", "1"));
    assertThat(get(away(realm(local), home(app, lib), "p.Reflect"))).isEqualTo("p.Apptrue");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nested_sealed_enum_record_and_package_private_classes_work(boolean local) throws Exception {
    Path d =
        code.directory(
            supplier(
                "Kinds",
                "new Nested().n() + E.B.twice() + new R(3).x() + ((S) new S1()).s() + Helper.h()"
                    + " + new Object() { int a() { return 100000; } }.a()",
                """
                private static class Nested { private int n() { return 1; } }
                enum E { A { int twice() { return 0; } }, B { int twice() { return 20; } };
                  abstract int twice(); }
                record R(int x) {}
                sealed interface S permits S1 { int s(); }
                static final class S1 implements S { public int s() { return 400; } }
                """),
            "package p; class Helper { static int h() { return 5000; } }");
    Path jar = code.jar(d);
    assertThat(get(away(realm(local), home(d), "p.Kinds"))).isEqualTo(105424);
    assertThat(get(away(realm(local), home(jar), "p.Kinds"))).isEqualTo(105424);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_missing_optional_dependency_is_the_same_error(boolean local) throws Exception {
    Path optional = code.directory("package o; public class Optional { public void x() {} }");
    Path d =
        code.directory(
            List.of(optional),
            "package p; public class Sub extends o.Optional {}",
            supplier("User", "use()", "static Object use() { new o.Optional().x(); return 1; }"));
    ClassLoader home = home(code.jar(d));
    ClassLoader away = realm(local).loader(world.idOf(home));
    for (String name : List.of("p.User", "p.Sub")) {
      Throwable expected = failure(home, name);
      Throwable actual = failure(away, name);
      assertThat(actual).hasSameClassAs(expected).hasMessage(expected.getMessage());
      assertThat(actual.getCause()).hasSameClassAs(expected.getCause());
    }
    assertThatThrownBy(() -> away.loadClass("o.Optional"))
        .isInstanceOf(ClassNotFoundException.class)
        .hasMessage("o.Optional");
  }

  private static Throwable failure(ClassLoader loader, String name) {
    try {
      get(loader.loadClass(name));
    } catch (Throwable e) {
      return e;
    }
    throw new AssertionError("no failure");
  }

  @Test
  void jars_and_directories_within_a_boot_jar_are_a_class_path() throws Exception {
    Path lib =
        code.jar(
            code.directory("package q; public class Lib { public static int n() { return 7; } }"));
    Path app = code.directory(List.of(lib), supplier("App", "q.Lib.n()"));
    Code.with(app, "application.properties", "a=b");
    Path boot = temp.resolve("boot.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(boot))) {
      Code.add(out, app, "BOOT-INF/classes/");
      byte[] inner = Files.readAllBytes(lib);
      JarEntry e = new JarEntry("BOOT-INF/lib/lib.jar");
      CRC32 crc = new CRC32();
      crc.update(inner);
      e.setMethod(JarEntry.STORED);
      e.setSize(inner.length);
      e.setCrc(crc.getValue());
      out.putNextEntry(e);
      out.write(inner);
      out.closeEntry();
    }
    URL classes = BootUrls.url("jar:nested:" + boot + "/!BOOT-INF/classes/!/", app);
    URL nested = BootUrls.url("jar:nested:" + boot + "/!BOOT-INF/lib/lib.jar!/", lib);
    try (URLClassLoader home = new URLClassLoader(new URL[] {classes, nested}, null)) {
      Realm realm = realm(true);
      int id = world.idOf(home);
      Class<?> c = realm.load(id, "p.App");
      assertThat(get(c)).isEqualTo(7);
      assertThat(realm.isApplication(c)).isTrue();
      assertThat(realm.isApplication(realm.load(id, "q.Lib"))).isFalse();
      assertThat(text(realm.loader(id).getResource("application.properties"))).isEqualTo("a=b");
      assertThat(c.getProtectionDomain().getCodeSource().getLocation().toString())
          .isEqualTo(classes.toString());
    }
  }

  @Test
  void a_loader_of_ones_own_is_asked_for_its_classes_and_resources() throws Exception {
    Path d = code.directory(supplier("Gen", "new Helper().get()"), supplier("Helper", "9"));
    byte[] gen = Files.readAllBytes(d.resolve("p/Gen.class"));
    byte[] helper = Files.readAllBytes(d.resolve("p/Helper.class"));
    ClassLoader home =
        new ClassLoader(ClassLoader.getPlatformClassLoader()) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            return switch (name) {
              case "p.Gen" -> defineClass(name, gen, 0, gen.length);
              case "p.Helper" -> defineClass(name, helper, 0, helper.length);
              default -> throw new ClassNotFoundException(name);
            };
          }

          @Override
          protected URL findResource(String name) {
            try {
              return name.equals("r.txt")
                  ? code.resources("r.txt", "r").resolve(name).toUri().toURL()
                  : null;
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    Realm realm = realm(false);
    Class<?> c = away(realm, home, "p.Gen");
    assertThat(get(c)).isEqualTo(9);
    assertThat(realm.isApplication(c)).isTrue();
    assertThat(text(c.getResource("/r.txt"))).isEqualTo("r");
    assertThat(c.getResource("/s.txt")).isNull();
    assertThatThrownBy(() -> c.getClassLoader().loadClass("p.None"))
        .isInstanceOf(ClassNotFoundException.class);
  }

  @Test
  void a_class_that_its_loader_changed_arrives_as_the_jvm_has_it() throws Exception {
    Path before = code.directory(supplier("T", "1"));
    byte[] after = Files.readAllBytes(code.directory(supplier("T", "2")).resolve("p/T.class"));
    try (URLClassLoader home =
        new URLClassLoader(new URL[] {before.toUri().toURL()}, null) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            return name.equals("p.T")
                ? defineClass(name, after, 0, after.length)
                : super.findClass(name);
          }
        }) {
      assertThat(get(home.loadClass("p.T"))).isEqualTo(2);
      assertThat(get(away(realm(false), home, "p.T"))).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_class_file_written_over_is_not_what_the_jvm_has(boolean local) throws Exception {
    Path d = code.directory(supplier("T", "1"));
    URLClassLoader home = home(d);
    assertThat(get(home.loadClass("p.T"))).isEqualTo(1);
    Path newer = code.directory(supplier("T", "2")).resolve("p/T.class");
    Files.write(d.resolve("p/T.class"), Files.readAllBytes(newer));
    assertThat(get(away(realm(local), home, "p.T"))).isEqualTo(1);
  }

  @Test
  void a_class_served_from_a_file_is_the_one_the_client_gets_later() throws Exception {
    Path d = code.directory(supplier("T", "1"));
    URLClassLoader home = home(d);
    assertThat(get(away(realm(false), home, "p.T"))).isEqualTo(1);
    Path newer = code.directory(supplier("T", "2")).resolve("p/T.class");
    Files.write(d.resolve("p/T.class"), Files.readAllBytes(newer));
    assertThat(get(home.loadClass("p.T"))).isEqualTo(1);
  }

  @Test
  void a_jar_written_over_is_refused() throws Exception {
    Path jar = code.jar(code.directory(supplier("T", "1")));
    ClassLoader home = home(jar);
    assertThat(get(home.loadClass("p.T"))).isEqualTo(1);
    Realm realm = realm(false);
    int id = world.idOf(home);
    realm.loader(id);
    Path other = code.jar(code.directory(supplier("T", "2"), supplier("U", "3")));
    Files.move(other, jar, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> realm.load(id, "p.T")).hasStackTraceContaining("was changed");
  }

  @Test
  void what_jshell_made_is_found() throws Exception {
    try (JShell shell =
        JShell.builder()
            .executionEngine(new LocalExecutionControlProvider(), java.util.Map.of())
            .build()) {
      shell.eval(
          "System.getProperties().put(\"martlet.internal.test\", new java.util.function.Supplier<Object>() {"
              + " record P(int x) {} public Object get() { return new P(11).x(); } });");
      Object made = System.getProperties().remove("martlet.internal.test");
      assertThat(made).isNotNull();
      Realm realm = realm(false);
      Class<?> c = realm.load(world.idOf(made.getClass()), made.getClass().getName());
      assertThat(c).isNotSameAs(made.getClass());
      assertThat(realm.isApplication(c)).isTrue();
      var constructor = c.getDeclaredConstructors()[0];
      constructor.setAccessible(true);
      assertThat(
              ((Supplier<?>) constructor.newInstance(new Object[constructor.getParameterCount()]))
                  .get())
          .isEqualTo(11);
    }
  }

  @Test
  void two_versions_of_a_jar_in_two_loaders_do_not_mix() throws Exception {
    ClassLoader one = home(code.jar(code.directory(supplier("V", "1"))));
    ClassLoader two = home(code.jar(code.directory(supplier("V", "2"))));
    Realm realm = realm(false);
    assertThat(get(away(realm, one, "p.V"))).isEqualTo(1);
    assertThat(get(away(realm, two, "p.V"))).isEqualTo(2);
  }

  @Test
  void a_child_loader_sees_its_parent_first() throws Exception {
    ClassLoader parent = home(code.jar(code.directory(supplier("V", "1"))));
    URL child =
        code.jar(code.directory(supplier("V", "2"), supplier("W", "new V().get()")))
            .toUri()
            .toURL();
    try (URLClassLoader home = new URLClassLoader("plugins", new URL[] {child}, parent)) {
      Realm realm = realm(false);
      Class<?> w = away(realm, home, "p.W");
      assertThat(get(w)).isEqualTo(1);
      assertThat(w.getClassLoader().getName()).isEqualTo("plugins");
      assertThat(w.getClassLoader().getParent()).isSameAs(realm.loader(world.idOf(parent)));
    }
  }

  @Test
  void code_with_another_hash_is_refused() throws Exception {
    Path jar = code.jar(code.directory(supplier("T", "1")));
    ClassLoader home = home(jar);
    Function<ByteBuffer, ByteBuffer> tampering =
        question -> {
          byte type = question.get(question.position());
          ByteBuffer answer = world.answer(question);
          if (type == Wire.BLOB) {
            int last = answer.limit() - 1;
            answer.put(last, (byte) (answer.get(last) ^ 1));
          }
          return answer;
        };
    Realm realm = new Realm(tampering, cache, ClassWeaver.NONE, false);
    assertThatThrownBy(() -> realm.load(world.idOf(home), "p.T"))
        .isInstanceOf(CodeUnavailableError.class)
        .hasMessageContaining("refused");
    assertThat(get(away(realm(false), home, "p.T"))).isEqualTo(1);
  }

  @Test
  void code_that_came_with_the_call_is_not_kept_for_others() throws Exception {
    ClassLoader home = home(code.directory(supplier("T", "1")));
    AtomicInteger blobs = new AtomicInteger();
    AtomicBoolean given = new AtomicBoolean(true);
    Function<ByteBuffer, ByteBuffer> client =
        question -> {
          byte type = question.get(question.position());
          ByteBuffer answer = world.answer(question);
          if (type != Wire.BLOB) {
            return answer;
          }
          blobs.incrementAndGet();
          return given.get() ? ClassWorld.given(answer) : answer;
        };
    for (int loads = 1; loads <= 2; loads++) {
      Realm realm = new Realm(client, cache, ClassWeaver.NONE, false);
      assertThat(get(realm.load(world.idOf(home), "p.T"))).isEqualTo(1);
      assertThat(blobs).hasValue(loads);
    }
    given.set(false);
    for (int loads = 1; loads <= 2; loads++) {
      Realm realm = new Realm(client, cache, ClassWeaver.NONE, false);
      assertThat(get(realm.load(world.idOf(home), "p.T"))).isEqualTo(1);
      assertThat(blobs).hasValue(3);
    }
  }

  @Test
  void what_was_foreseen_for_a_class_is_all_that_is_asked_for() throws Exception {
    Path library =
        code.directory(
            "package q; public class Base { int n() { return Helper.N; } }",
            "package q; public class Helper { static int N = Integer.parseInt(\"42\"); }",
            "package q; public class Lib extends Base { public static int m() {"
                + " return new Lib().n(); } }");
    Path jar = code.jar(library);
    Path directory =
        code.directory(
            List.of(jar),
            supplier("App", "new Inner().m()", "class Inner { int m() { return q.Lib.m(); } }"));
    for (Path[] path : new Path[][] {{directory, jar}, {directory, library}}) {
      ClassLoader home = home(path);
      Map<ByteBuffer, ByteBuffer> ahead = new HashMap<>();
      Deque<ByteBuffer> todo = new ArrayDeque<>();
      todo.addAll(world.expected(world.idOf(home), "p/App"));
      while (!todo.isEmpty()) {
        ByteBuffer q = todo.remove();
        if (ahead.putIfAbsent(q, world.answer(q.duplicate())) == null) {
          todo.addAll(world.next(q));
        }
      }
      List<ByteBuffer> asked = new ArrayList<>();
      Function<ByteBuffer, ByteBuffer> ask =
          question -> {
            ByteBuffer answer = ahead.get(question);
            if (answer == null) {
              asked.add(question.duplicate());
              return world.answer(question);
            }
            return answer.duplicate();
          };
      Path fresh = Files.createTempDirectory(temp, "fresh");
      CodeCache empty = new CodeCache(fresh, 1 << 26, 1 << 22);
      open.add(empty);
      Realm realm = new Realm(ask, empty, ClassWeaver.NONE, false);
      assertThat(get(away(realm, home, "p.App"))).isEqualTo(42);
      assertThat(asked).isEmpty();
    }
  }

  @Test
  void a_long_jar_is_foreseen_for_a_class_in_it_but_not_for_one_that_is_only_named()
      throws Exception {
    Path library = code.directory("package q; public class Lib { public static int N = 42; }");
    byte[] random = new byte[20 << 20];
    new Random(1).nextBytes(random);
    Files.write(library.resolve("random"), random);
    Path jar = code.jar(library);
    Path directory = code.directory(List.of(jar), supplier("App", "q.Lib.N"));
    ClassLoader home = home(directory, jar);
    int id = world.idOf(home);
    assertThat(world.expected(id, "q/Lib").stream().filter(RealmTest::isBlob))
        .hasSizeGreaterThanOrEqualTo(20);
    Set<ByteBuffer> named = new HashSet<>();
    for (ByteBuffer question : world.expected(id, "p/App")) {
      named.addAll(world.next(question));
    }
    assertThat(named.stream().filter(RealmTest::isBlob)).hasSize(1); // p/App itself
  }

  @Test
  void a_long_file_does_not_follow_from_the_question_for_it() throws Exception {
    Path directory = code.directory(supplier("App", "1"));
    Files.write(directory.resolve("short"), new byte[3 << 20]);
    Files.write(directory.resolve("long"), new byte[40 << 20]);
    int id = world.idOf(home(directory));
    for (String name : List.of("short", "long")) {
      ByteBuffer question = new Wire.Writer(Wire.FILES).integer(id).string(name).done();
      assertThat(world.next(question).stream().filter(RealmTest::isBlob))
          .hasSize(name.equals("short") ? 3 : 0);
    }
  }

  private static boolean isBlob(ByteBuffer question) {
    return question.get(question.position()) == Wire.BLOB;
  }

  @Test
  void a_class_that_was_not_there_when_it_was_asked_for_is_found_once_it_is_named()
      throws Exception {
    Path directory = code.directory(supplier("Other", "1"));
    ClassLoader home = home(directory);
    Map<ByteBuffer, ByteBuffer> kept = new HashMap<>();
    Function<ByteBuffer, ByteBuffer> ask =
        question ->
            world.isRepeatable(question)
                ? kept.computeIfAbsent(question.duplicate(), q -> world.answer(q.duplicate()))
                    .duplicate()
                : world.answer(question);
    Realm realm = new Realm(ask, cache, ClassWeaver.NONE, false);
    assertThatThrownBy(() -> realm.loader(world.idOf(home)).loadClass("p.Late"))
        .isInstanceOf(ClassNotFoundException.class);
    Files.copy(
        code.directory(supplier("Late", "7")).resolve("p/Late.class"),
        directory.resolve("p/Late.class"));
    assertThat(get(away(realm, home, "p.Late"))).isEqualTo(7);
  }

  @Test
  void a_file_of_the_cache_that_was_changed_is_fetched_again_or_refused() throws Exception {
    ClassLoader home = home(code.jar(code.directory(supplier("T", "1"))));
    assertThat(get(away(realm(false), home, "p.T"))).isEqualTo(1);
    try (var files = Files.newDirectoryStream(temp.resolve("worker/blobs"))) {
      for (Path f : files) {
        Files.write(f, new byte[] {1, 2, 3});
      }
    }
    cache = cache();
    assertThatThrownBy(() -> realm(false).load(world.idOf(home), "p.T"))
        .isInstanceOf(CodeUnavailableError.class);
    assertThat(get(away(realm(false), home, "p.T"))).isEqualTo(1);
  }

  @Test
  void a_second_realm_and_a_second_run_fetch_nothing() throws Exception {
    Path jar = code.jar(code.directory(supplier("Lib", "5")));
    Path d = code.directory(List.of(jar), supplier("App", "new Lib().get()"));
    ClassLoader home = home(d, jar);
    assertThat(get(away(realm(false), home, "p.App"))).isEqualTo(5);
    long sent = world.bytesSent();
    assertThat(sent).isPositive();
    assertThat(get(away(realm(false), home, "p.App"))).isEqualTo(5);
    assertThat(world.bytesSent()).isEqualTo(sent);
    cache = cache();
    assertThat(get(away(realm(false), home, "p.App"))).isEqualTo(5);
    assertThat(world.bytesSent()).isEqualTo(sent);
  }

  @Test
  void of_a_class_made_at_run_time_a_second_run_is_sent_nothing() throws Exception {
    Path d = code.directory(supplier("A", "5"));
    byte[] file = Files.readAllBytes(d.resolve("p/A.class"));
    ClassLoader home =
        new ClassLoader(ClassLoader.getPlatformClassLoader()) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (!name.equals("p.A")) {
              throw new ClassNotFoundException(name);
            }
            return defineClass(name, file, 0, file.length);
          }
        };
    assertThat(get(away(realm(false), home, "p.A"))).isEqualTo(5);
    long sent = world.bytesSent();
    assertThat(sent).isPositive();
    cache = cache();
    assertThat(get(away(realm(false), home, "p.A"))).isEqualTo(5);
    assertThat(world.bytesSent()).isEqualTo(sent);
  }

  @Test
  void notes_of_what_was_asked_for_do_not_pile_up() throws Exception {
    Path notes = Files.createDirectories(temp.resolve("worker/notes"));
    for (int i = 0; i < CodeCache.MOST_NOTES + 10; i++) {
      Files.createFile(notes.resolve("n" + i));
    }
    ClassLoader home = home(code.directory(supplier("A", "1")));
    assertThat(get(away(realm(false), home, "p.A"))).isEqualTo(1);
    try (var all = Files.list(notes)) {
      assertThat(all.count()).isBetween(1L, CodeCache.MOST_NOTES + 5L);
    }
  }

  @Test
  void a_jar_on_the_same_machine_is_not_sent() throws Exception {
    ClassLoader home = home(code.jar(code.directory(supplier("T", "1"))));
    assertThat(get(away(realm(true), home, "p.T"))).isEqualTo(1);
    assertThat(world.bytesSent()).isZero();
  }

  @Test
  void a_jar_that_has_nothing_of_what_is_asked_for_is_not_sent() throws Exception {
    Path one = code.jar(code.directory(supplier("One", "1")));
    Path two = code.jar(code.directory(supplier("Two", "2")));
    assertThat(get(away(realm(false), home(one, two), "p.Two"))).isEqualTo(2);
    assertThat(world.bytesSent()).isEqualTo(Files.size(two));
  }

  @Test
  void realms_have_statics_of_their_own() throws Exception {
    ClassLoader home = home(code.directory(supplier("Count", "++n", "public static int n;")));
    Realm one = realm(false);
    Realm two = realm(false);
    Class<?> c1 = away(one, home, "p.Count");
    Class<?> c2 = away(two, home, "p.Count");
    assertThat(c1).isNotSameAs(c2).isSameAs(away(one, home, "p.Count"));
    assertThat(get(c1)).isEqualTo(1);
    assertThat(get(c1)).isEqualTo(2);
    assertThat(get(c2)).isEqualTo(1);
    assertThatThrownBy(() -> one.idOf(c2)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void the_users_kryo_is_the_one_seen_and_martlet_is_not(boolean local) throws Exception {
    Path jar =
        code.jar(
            code.directory(
                "package com.esotericsoftware.kryo; public class Kryo {"
                    + " public String toString() { return \"the user's\"; } }"));
    Path d =
        code.directory(
            List.of(jar),
            supplier("App", "new com.esotericsoftware.kryo.Kryo().toString()"),
            supplier("Look", "Class.forName(name)", "public static String name;"));
    Path own =
        Path.of(ClassWorld.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ClassLoader home = home(d, jar, own);
    Realm realm = realm(local);
    assertThat(get(away(realm, home, "p.App"))).isEqualTo("the user's");
    Class<?> look = away(realm, home, "p.Look");
    for (String hidden :
        List.of(
            "dev.martlet.internal.classpath.ClassWorld",
            "dev.martlet.internal.worker.loader.Realm",
            "dev.martlet.internal.shaded.snakeyaml.engine.v2.api.Load")) {
      look.getField("name").set(null, hidden);
      assertThatThrownBy(() -> get(look)).hasRootCauseInstanceOf(ClassNotFoundException.class);
    }
    look.getField("name").set(null, "dev.martlet.CloudExecutors");
    assertThat(get(look)).isSameAs(CloudExecutors.class);
    assertThat(look.getResource("/dev/martlet/internal/classpath/ClassWorld.class")).isNull();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void the_class_path_of_this_jvm_is_mirrored(boolean local) throws Exception {
    Realm realm = realm(local);
    Class<?> c = realm.load(ClassWorld.SYSTEM, Counter.class.getName());
    assertThat(c).isNotSameAs(Counter.class);
    assertThat(realm.idOf(c)).isEqualTo(world.idOf(Counter.class)).isEqualTo(ClassWorld.SYSTEM);
    Counter.n = 5;
    var supplier = c.getDeclaredConstructor();
    supplier.setAccessible(true);
    assertThat(((Supplier<?>) supplier.newInstance()).get()).isEqualTo("1 org.slf4j.Logger");
    assertThat(realm.isApplication(c)).isTrue();
    assertThatThrownBy(() -> realm.load(ClassWorld.SYSTEM, ClassWorld.class.getName()))
        .isInstanceOf(ClassNotFoundException.class);
    Class<?> slf4j = realm.load(ClassWorld.SYSTEM, "org.slf4j.Logger");
    assertThat(slf4j.getPackage().getImplementationVersion())
        .isNotNull()
        .isEqualTo(org.slf4j.Logger.class.getPackage().getImplementationVersion());
  }

  static class Counter implements Supplier<Object> {
    static int n;

    @Override
    public Object get() {
      return ++n + " " + org.slf4j.Logger.class.getName();
    }
  }

  @Test
  void classes_of_the_jdk_are_the_jdks_whoever_loads_them() throws Exception {
    Realm realm = realm(false);
    for (Class<?> c :
        List.of(int.class, int[][].class, String[].class, java.sql.Date.class, JShell.class)) {
      assertThat(world.idOf(c)).isEqualTo(ClassWorld.JDK);
      assertThat(world.load(ClassWorld.JDK, c.getName())).isSameAs(c);
      assertThat(realm.load(ClassWorld.JDK, c.getName())).isSameAs(c);
      assertThat(realm.idOf(c)).isEqualTo(ClassWorld.JDK);
      assertThat(realm.isApplication(c)).isFalse();
    }
    assertThat(realm.loader(ClassWorld.SYSTEM).loadClass("jdk.jshell.JShell"))
        .isSameAs(JShell.class);
  }

  @Test
  void a_class_defined_after_it_was_looked_for_is_found_when_an_object_of_it_arrives()
      throws Exception {
    Path d = code.directory(supplier("A", "1"));
    ClassLoader home = home(d);
    Realm realm = realm(false);
    ClassLoader away = realm.loader(world.idOf(home));
    assertThatThrownBy(() -> away.loadClass("late.B")).isInstanceOf(ClassNotFoundException.class);
    Path late = code.directory("package late; public class B {}");
    Code.with(d, "late/x", "");
    Files.copy(late.resolve("late/B.class"), d.resolve("late/B.class"));
    home.loadClass("late.B");
    assertThat(away(realm, home, "late.B")).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_jar_for_several_versions_of_java_gives_the_right_one(boolean local) throws Exception {
    Path base = code.directory(supplier("M", "8"));
    byte[] newer = Files.readAllBytes(code.directory(supplier("M", "11")).resolve("p/M.class"));
    Files.createDirectories(base.resolve("META-INF/versions/11/p"));
    Files.write(base.resolve("META-INF/versions/11/p/M.class"), newer);
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MULTI_RELEASE, "true");
    assertThat(get(away(realm(local), home(code.jar(manifest, base)), "p.M"))).isEqualTo(11);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_package_says_of_itself_what_its_jar_says(boolean local) throws Exception {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.SEALED, "true");
    manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_TITLE, "title");
    Attributes open = new Attributes();
    open.put(Attributes.Name.SEALED, "false");
    manifest.getEntries().put("q/", open);
    Path d = code.directory(supplier("A", "1"), "package q; public class B {}");
    ClassLoader home = home(code.jar(manifest, d));
    Realm realm = realm(local);
    for (String name : List.of("p.A", "q.B")) {
      Package here = home.loadClass(name).getPackage();
      Package there = away(realm, home, name).getPackage();
      assertThat(there.isSealed()).isEqualTo(here.isSealed()).isEqualTo(name.equals("p.A"));
      assertThat(there.getImplementationTitle())
          .isEqualTo(here.getImplementationTitle())
          .isEqualTo("title");
    }
  }

  @Test
  void code_is_loaded_though_it_cannot_be_kept() throws Exception {
    ClassLoader home = home(code.directory(supplier("A", "new B().get()"), supplier("B", "7")));
    Path root = temp.resolve("gone");
    cache = new CodeCache(root, 1 << 20, 1 << 20);
    open.add(cache);
    for (String directory : List.of("blobs", "notes")) {
      Files.delete(root.resolve(directory));
    }
    assertThat(get(away(realm(false), home, "p.A"))).isEqualTo(7);
  }

  @Test
  void packages_and_places_can_be_made_the_applications() throws Exception {
    world = new ClassWorld(Set.of("q"), temp.resolve("client"));
    ClassLoader one = home(code.jar(code.directory("package q.r; public class A {}")));
    ClassLoader two = home(code.jar(code.directory(supplier("B", "1"))));
    assertThat(world.isApplication(one.loadClass("q.r.A"))).isTrue();
    assertThat(world.isApplication(two.loadClass("p.B"))).isFalse();
    Realm before = realm(false);
    assertThat(before.isApplication(away(before, one, "q.r.A"))).isTrue();
    assertThat(before.isApplication(away(before, two, "p.B"))).isFalse();
    world.markApplication(two.loadClass("p.B"));
    assertThat(world.isApplication(two.loadClass("p.B"))).isTrue();
    assertThat(before.generation()).isLessThan(world.generation());
    Realm after = realm(false);
    assertThat(after.isApplication(away(after, two, "p.B"))).isTrue();
    assertThat(after.generation()).isEqualTo(world.generation());
  }

  @Test
  void every_class_passes_the_weaver_which_sees_its_neighbours_and_the_jdk() throws Exception {
    Path lib = code.jar(code.directory("package q; public class Base {}"));
    Path d = code.directory(List.of(lib), "package p; public class Sub extends q.Base {}");
    ClassLoader home = home(d, lib);
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    ClassWeaver weaver =
        (name, file, application, others, isApplication) -> {
          seen.add(name + " " + application);
          for (String s : List.of("q/Base", "p/Sub", "java/util/List", "dev/martlet/Effects")) {
            assertThat(others.apply(s)).as(s).startsWith(0xCA, 0xFE, 0xBA, 0xBE);
          }
          assertThat(others.apply("p/None")).isNull();
          assertThat(others.apply("dev/martlet/internal/classpath/ClassWorld")).isNull();
          return file;
        };
    new Realm(world::answer, cache, weaver, false).load(world.idOf(home), "p.Sub");
    assertThat(seen).containsExactly("p.Sub true", "q.Base false");
  }

  /** What workers of one client have woven. */
  private static final class Woven implements WovenClasses {
    final Map<ByteBuffer, ByteBuffer> all = new ConcurrentHashMap<>();

    @Override
    public ByteBuffer get(ByteBuffer question) {
      ByteBuffer found = all.get(question);
      return found == null ? null : found.duplicate();
    }

    @Override
    public void put(ByteBuffer question, ByteBuffer answer) {
      all.put(question, answer);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_class_that_another_worker_has_woven_is_neither_looked_for_nor_woven(boolean jar)
      throws Exception {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.SEALED, "true");
    manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_TITLE, "title");
    manifest.getMainAttributes().put(Attributes.Name.SPECIFICATION_VENDOR, "");
    Path d = code.directory(supplier("A", "new B().get()"), supplier("B", "7"));
    ClassLoader home = home(jar ? code.jar(manifest, d) : d);
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    ClassWeaver weaver =
        (name, file, application, others, isApplication) -> {
          seen.add(name);
          return file;
        };
    Woven shared = new Woven();
    Realm first = new Realm(world::answer, cache, weaver, false);
    first.shares(shared);
    Class<?> here = away(first, home, "p.A");
    assertThat(get(here)).isEqualTo(7);
    assertThat(seen).containsExactly("p.A", "p.B");

    Set<Byte> asked = ConcurrentHashMap.newKeySet();
    CodeCache empty = new CodeCache(temp.resolve("other"), 1 << 26, 1 << 22);
    open.add(empty);
    Function<ByteBuffer, ByteBuffer> ask =
        q -> {
          asked.add(q.get(q.position()));
          return world.answer(q);
        };
    Realm second = new Realm(ask, empty, weaver, false);
    second.shares(shared);
    Class<?> there = away(second, home, "p.A");
    assertThat(get(there)).isEqualTo(7);
    assertThat(seen).hasSize(2);
    assertThat(asked).containsOnly(Wire.IMAGE);
    assertThat(there).isNotSameAs(here);
    assertThat(second.isApplication(there)).isEqualTo(first.isApplication(here));
    assertThat(there.getProtectionDomain().getCodeSource().getLocation())
        .isEqualTo(here.getProtectionDomain().getCodeSource().getLocation());
    assertThat(there.getPackage().toString()).isEqualTo(here.getPackage().toString());
    assertThat(there.getPackage().isSealed())
        .isEqualTo(here.getPackage().isSealed())
        .isEqualTo(jar);
    assertThat(there.getPackage().getImplementationTitle()).isEqualTo(jar ? "title" : null);
    assertThat(there.getPackage().getSpecificationVendor())
        .isEqualTo(here.getPackage().getSpecificationVendor());
    assertThat(there.getPackage().getImplementationVendor()).isNull();
    assertThat(Realm.woven(there)).isEqualTo(Files.readAllBytes(d.resolve("p/A.class")));
  }

  @Test
  void what_another_worker_has_woven_is_woven_here_if_it_is_garbage() throws Exception {
    ClassLoader home = home(code.directory(supplier("A", "7")));
    for (byte[] garbage : List.of(new byte[0], new byte[] {Wire.OK}, new byte[] {9, 9, 9, 9, 9})) {
      Realm realm = realm(false);
      realm.shares(
          new WovenClasses() {
            @Override
            public ByteBuffer get(ByteBuffer question) {
              return ByteBuffer.wrap(garbage);
            }

            @Override
            public void put(ByteBuffer question, ByteBuffer answer) {}
          });
      assertThat(get(away(realm, home, "p.A"))).isEqualTo(7);
    }
  }

  @Test
  void a_worker_that_is_a_client_passes_on_what_it_was_given() throws Exception {
    ClassLoader home =
        home(code.jar(code.directory(supplier("A", "new B().get()"), supplier("B", "1"))));
    byte[] woven = Files.readAllBytes(code.directory(supplier("B", "2")).resolve("p/B.class"));
    ClassWeaver weaver =
        (name, file, application, others, isApplication) -> name.equals("p.B") ? woven : file;
    Realm first = new Realm(world::answer, cache, weaver, false);
    Class<?> a = away(first, home, "p.A");
    assertThat(get(a)).isEqualTo(2);
    ClassWorld between = new ClassWorld(Set.of(), temp.resolve("between"));
    Realm second = new Realm(between::answer, cache, ClassWeaver.NONE, false);
    Class<?> there = second.load(between.idOf(a), "p.A");
    assertThat(there).isNotSameAs(a);
    assertThat(get(there)).isEqualTo(1);
    assertThat(between.isApplication(a)).isEqualTo(second.isApplication(there)).isFalse();
  }

  @Test
  void threads_that_load_the_same_classes_get_the_same_classes() throws Exception {
    String[] sources = new String[40];
    for (int i = 0; i < sources.length; i++) {
      sources[i] =
          i == 0
              ? "package p; public class C0 {}"
              : "package p; public class C" + i + " extends C" + i / 2 + " {}";
    }
    Path d = code.directory(sources);
    ClassLoader home = home(d, code.jar(d));
    Realm realm = realm(false);
    int id = world.idOf(home);
    ExecutorService pool = Executors.newFixedThreadPool(8);
    open.add(pool::shutdownNow);
    List<Future<List<Class<?>>>> results = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      int start = t * 5;
      results.add(
          pool.submit(
              () -> {
                List<Class<?>> loaded = new ArrayList<>(Collections.nCopies(40, null));
                for (int i = 0; i < 40; i++) {
                  int n = (start + i) % 40;
                  loaded.set(n, realm.load(id, "p.C" + n));
                }
                return loaded;
              }));
    }
    for (Future<List<Class<?>>> r : results) {
      assertThat(r.get()).isEqualTo(results.get(0).get()).doesNotContainNull();
    }
  }

  @Test
  void an_interrupted_thread_loads_classes_all_the_same() throws Exception {
    Path jar = code.jar(code.directory(supplier("Lib", "5")));
    Path d = code.directory(List.of(jar), supplier("App", "new Lib().get()"));
    ClassLoader home = home(d, jar);
    Thread.currentThread().interrupt();
    try {
      assertThat(get(away(realm(false), home, "p.App"))).isEqualTo(5);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void a_client_that_does_not_answer_is_no_missing_class() throws Exception {
    Path jar = code.jar(code.directory(supplier("Lib", "5")));
    Path d = code.directory(List.of(jar), supplier("App", "new Lib().get()"));
    ClassLoader home = home(d, jar);
    AtomicBoolean broken = new AtomicBoolean();
    Realm realm =
        new Realm(
            question -> {
              if (broken.get()) {
                throw new UncheckedIOException(new IOException("the line is cut"));
              }
              return world.answer(question);
            },
            cache,
            ClassWeaver.NONE,
            false);
    Class<?> app = away(realm, home, "p.App");
    Object object = app.getConstructor().newInstance();
    broken.set(true);
    assertThatThrownBy(() -> ((Supplier<?>) object).get())
        .isInstanceOf(CodeUnavailableError.class)
        .hasRootCauseMessage("the line is cut");
    broken.set(false);
    assertThat(((Supplier<?>) object).get()).isEqualTo(5);
  }

  @Test
  void a_realm_that_nobody_refers_to_is_collected() throws Exception {
    ClassLoader home = home(code.directory(supplier("A", "1")));
    WeakReference<Class<?>> weak = new WeakReference<>(away(realm(false), home, "p.A"));
    Awaitility.await()
        .until(
            () -> {
              System.gc();
              return weak.get() == null;
            });
  }

  @Test
  void a_directory_can_be_listed_through_its_url() throws Exception {
    Path d = code.resources("conf/a.txt", "a");
    Code.with(d, "conf/b.txt", "b");
    ClassLoader home = home(d);
    for (boolean local : new boolean[] {true, false}) {
      URL url = realm(local).loader(world.idOf(home)).getResource("conf/");
      assertThat(url).hasToString(home.getResource("conf/").toString());
      assertThat(text(url)).isEqualTo(text(home.getResource("conf/")));
    }
  }

  @Test
  void the_disk_cache_stays_within_its_bounds() throws Exception {
    Path[] jars = new Path[6];
    for (int i = 0; i < jars.length; i++) {
      jars[i] = code.jar(code.directory(supplier("T" + i, "" + i)));
    }
    for (int i = 0; i < jars.length; i++) {
      cache = new CodeCache(temp.resolve("small"), 3000, 1000);
      open.add(cache);
      assertThat(get(away(realm(false), home(jars[i]), "p.T" + i))).isEqualTo(i);
    }
    long used = 0;
    try (var files = Files.newDirectoryStream(temp.resolve("small/blobs"))) {
      for (Path f : files) {
        used += Files.size(f);
      }
    }
    assertThat(used).isPositive().isLessThanOrEqualTo(3000);
  }
}
