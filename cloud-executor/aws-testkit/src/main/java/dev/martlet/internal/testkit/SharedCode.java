package dev.martlet.internal.testkit;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.net.URLClassLoader;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/**
 * A function's classes, and handlers of instances that have ended, which new ones go on with: to an
 * instance of light mode a start is the time that it is told to take. Thread-safe.
 */
final class SharedCode {
  final URLClassLoader loader;
  private final ConcurrentLinkedDeque<RequestStreamHandler> resting = new ConcurrentLinkedDeque<>();

  SharedCode(URLClassLoader loader) {
    this.loader = loader;
  }

  @Nullable RequestStreamHandler take() {
    return resting.pollFirst();
  }

  void give(RequestStreamHandler handler) {
    resting.addFirst(handler);
  }
}
