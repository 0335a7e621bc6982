package dev.martlet.internal.worker.weave;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassTooLargeException;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.MethodTooLargeException;
import dev.martlet.internal.worker.loader.ClassWeaver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/** Weaves the classes of one realm, and holds the realm's own copy of {@link Hooks}. */
public final class RealmWeaver implements ClassWeaver {
  private static final byte[] HOOKS = hooksFile();

  private final Class<?> hooks = new HooksLoader().hooks();

  /** Returns the realm's copy of {@link Hooks}. */
  public Class<?> hooks() {
    return hooks;
  }

  @Override
  public @Nullable Class<?> visible(String binaryName) {
    return binaryName.equals(Hooks.class.getName()) ? hooks : null;
  }

  @Override
  public byte[] weave(
      String binaryName,
      byte[] classFile,
      boolean application,
      Function<String, byte @Nullable []> classFileByInternalName,
      Predicate<String> isApplication) {
    try {
      return Weaver.weave(classFile, application, classFileByInternalName, isApplication);
    } catch (MethodTooLargeException | ClassTooLargeException e) {
      // What the attempt would make of it must not count, whoever catches what.
      CallHooks calls = calls();
      if (calls != null) {
        calls.homeOnly("needs " + binaryName + ", which has no room for a worker's checks");
      }
      throw e;
    }
  }

  private @Nullable CallHooks calls() {
    try {
      return (CallHooks)
          MethodHandles.publicLookup().findStaticVarHandle(hooks, "calls", CallHooks.class).get();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads the class file: past the loaders, if possible, which a new JVM takes long to ask. */
  private static byte[] hooksFile() {
    String name = Hooks.class.getSimpleName() + ".class";
    URL place = Hooks.class.getProtectionDomain().getCodeSource().getLocation();
    try {
      Path file = place.getProtocol().equals("file") ? Path.of(place.toURI()) : null;
      if (file == null || !Files.isRegularFile(file)) {
        try (InputStream in = Objects.requireNonNull(Hooks.class.getResourceAsStream(name))) {
          return in.readAllBytes();
        }
      }
      String entry = Hooks.class.getPackageName().replace('.', '/') + '/' + name;
      try (JarFile jar = new JarFile(file.toFile(), /* verify= */ false);
          InputStream in = jar.getInputStream(jar.getJarEntry(entry))) {
        return in.readAllBytes();
      }
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Defines the copy; everything that it refers to is the worker's. */
  private static final class HooksLoader extends ClassLoader {
    HooksLoader() {
      super(Hooks.class.getClassLoader());
    }

    Class<?> hooks() {
      return defineClass(Hooks.class.getName(), HOOKS, 0, HOOKS.length);
    }
  }
}
