package dev.martlet.internal.capture;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where an analysis finds the bytes of classes. What is learned of them is kept for as long as the
 * instance is reachable, so use one per loader. Must be safe for use by many threads.
 */
@FunctionalInterface
public interface ClassFiles {
  /** Returns the class file of a class by its internal name, or null if there is none. */
  byte @Nullable [] bytes(String name);

  /** Returns the class files that a loader finds as resources; the loader is held weakly. */
  static ClassFiles of(ClassLoader loader) {
    synchronized (Loaders.FILES) {
      ClassFiles files = Loaders.FILES.get(loader);
      if (files == null) {
        files = new Loaders.Resources(loader);
        Loaders.FILES.put(loader, files);
      }
      return files;
    }
  }

  /** The instances per loader. */
  final class Loaders {
    private static final Map<ClassLoader, ClassFiles> FILES = new WeakHashMap<>();

    private Loaders() {}

    private static final class Resources implements ClassFiles {
      private final WeakReference<ClassLoader> loader;

      Resources(ClassLoader loader) {
        this.loader = new WeakReference<>(loader);
      }

      @Override
      public byte @Nullable [] bytes(String name) {
        ClassLoader l = loader.get();
        if (l == null) {
          return null;
        }
        try (InputStream in = l.getResourceAsStream(name + ".class")) {
          return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }
}
