package dev.martlet.internal.codec;

import java.nio.ByteBuffer;

/** One JVM on both sides: classes of the application loader, and round trips. */
final class TestSpace implements ClassSpace {
  static final TestSpace SPACE = new TestSpace();

  @Override
  public int idOf(Class<?> type) {
    return isApplication(type) ? 1 : 0;
  }

  @Override
  public Class<?> load(int loaderId, String name) throws ClassNotFoundException {
    ClassLoader loader =
        loaderId == 0 ? ClassLoader.getPlatformClassLoader() : TestSpace.class.getClassLoader();
    return Class.forName(name, false, loader);
  }

  @Override
  public boolean isApplication(Class<?> type) {
    ClassLoader l = type.getClassLoader();
    return l != null && l != ClassLoader.getPlatformClassLoader();
  }

  static byte[] encode(Object o) throws UntravelableException {
    GraphEncoder encoder = new GraphEncoder(SPACE, Border.OPEN, new ObjectTable());
    encoder.write(o);
    return encoder.toByteArray();
  }

  static Object decode(byte[] bytes, Trust trust) {
    return new GraphDecoder(SPACE, Border.OPEN, new ObjectTable(), ByteBuffer.wrap(bytes), trust)
        .read();
  }

  @SuppressWarnings("unchecked")
  static <T> T copy(T o) {
    try {
      byte[] bytes = encode(o);
      GraphDecoder decoder =
          new GraphDecoder(
              SPACE, Border.OPEN, new ObjectTable(), ByteBuffer.wrap(bytes), Trust.INBOUND);
      Object c = decoder.read();
      if (decoder.remaining() != 0) {
        throw new AssertionError(decoder.remaining() + " bytes left");
      }
      return (T) c;
    } catch (UntravelableException e) {
      throw new AssertionError(e);
    }
  }
}
