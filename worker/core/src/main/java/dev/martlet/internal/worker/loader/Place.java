package dev.martlet.internal.worker.loader;

import dev.martlet.internal.classpath.Entry;
import java.io.IOException;
import java.net.URL;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/** An entry of a loader, as the worker looks into it. */
interface Place {
  /** Returns what the index says of it. */
  Entry entry();

  /** Returns a class file by its resource name. */
  byte @Nullable [] classFile(String name) throws IOException;

  /** Returns where a resource is. */
  @Nullable URL resource(String name) throws IOException;

  /** Returns the manifest for its packages. */
  @Nullable Manifest manifest() throws IOException;
}
