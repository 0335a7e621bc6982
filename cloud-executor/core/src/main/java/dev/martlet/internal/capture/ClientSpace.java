package dev.martlet.internal.capture;

import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.codec.ClassSpace;

/** The classes of the client JVM, as the codec names them. */
final class ClientSpace implements ClassSpace {
  private final ClassWorld world;

  ClientSpace(ClassWorld world) {
    this.world = world;
  }

  @Override
  public int idOf(Class<?> type) {
    return world.idOf(type);
  }

  @Override
  public Class<?> load(int loaderId, String binaryName) throws ClassNotFoundException {
    return world.load(loaderId, binaryName);
  }

  @Override
  public int hash(Class<?> type) {
    return System.identityHashCode(type);
  }

  @Override
  public boolean isApplication(Class<?> type) {
    return world.isApplication(type);
  }
}
