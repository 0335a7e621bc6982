package dev.martlet.internal.effects;

import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.ClassSpace;
import dev.martlet.internal.codec.GraphDecoder;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.codec.Trust;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** A call in one JVM: its objects at home, their copies away, and what comes back. */
final class RoundTrip<T> {
  static final ClassSpace SPACE =
      new ClassSpace() {
        @Override
        public int idOf(Class<?> type) {
          return isApplication(type) ? 1 : 0;
        }

        @Override
        public Class<?> load(int loaderId, String name) throws ClassNotFoundException {
          return Class.forName(
              name,
              false,
              loaderId == 0
                  ? ClassLoader.getPlatformClassLoader()
                  : RoundTrip.class.getClassLoader());
        }

        @Override
        public boolean isApplication(Class<?> type) {
          ClassLoader l = type.getClassLoader();
          return l != null && l != ClassLoader.getPlatformClassLoader();
        }
      };

  final ObjectTable home = new ObjectTable();
  final ObjectTable away = new ObjectTable();
  final OperationLog log = new OperationLog();
  final T copy;
  private final Twins twins = new Twins(away);

  @SuppressWarnings("unchecked")
  RoundTrip(T root) {
    try {
      GraphEncoder encoder = new GraphEncoder(SPACE, Border.OPEN, home);
      encoder.write(root);
      copy = (T) decoder(encoder.toByteArray(), away, Trust.FULL).read();
      twins.cover();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  static GraphDecoder decoder(byte[] bytes, ObjectTable table, Trust trust) {
    return new GraphDecoder(SPACE, Border.OPEN, table, ByteBuffer.wrap(bytes), trust);
  }

  /** Changes the copy. */
  RoundTrip<T> run(Consumer<T> task) {
    task.accept(copy);
    return this;
  }

  /** Returns the effects since the last time. */
  byte[] effects() {
    try {
      GraphEncoder out = new GraphEncoder(SPACE, Border.OPEN, away);
      twins.writeChanges(out);
      out.writeInt(0); // statics
      out.writeInt(0); // thread-locals
      log.drain(out);
      twins.cover();
      return out.toByteArray();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  Commit read(byte[] effects) {
    return Commit.read(decoder(effects, home, Trust.INBOUND), home, null);
  }

  /** Brings the effects home. */
  void commit() {
    commit(effects());
  }

  void commit(byte[] effects) {
    try {
      read(effects).apply();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
