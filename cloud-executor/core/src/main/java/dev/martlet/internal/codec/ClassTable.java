package dev.martlet.internal.codec;

/**
 * The numbers of classes, in the order in which they are met. A line whose messages are read in the
 * order in which they were written, and in one direction, may keep one for its whole life; then
 * each class and each lambda shape is described once a line. Not thread-safe.
 */
public final class ClassTable {
  private final IdentityList types = new IdentityList();
  private final IdentityList infos = new IdentityList();

  int size() {
    return types.size();
  }

  int indexOf(Class<?> type) {
    return types.indexOf(type);
  }

  ClassInfo get(int index) {
    Object info = index < 0 || index >= infos.size() ? null : infos.get(index);
    if (info == null) {
      throw new CodecException("no class " + index);
    }
    return (ClassInfo) info;
  }

  int add(ClassInfo info) {
    infos.add(info);
    return types.add(info.type);
  }

  void truncate(int size) {
    types.truncate(size);
    infos.truncate(size);
  }
}
