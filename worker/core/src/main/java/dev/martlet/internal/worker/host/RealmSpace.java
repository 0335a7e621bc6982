package dev.martlet.internal.worker.host;

import dev.martlet.internal.codec.ClassSpace;
import dev.martlet.internal.codec.LambdaShape;
import dev.martlet.internal.worker.loader.Realm;
import dev.martlet.internal.worker.weave.References;
import java.nio.ByteBuffer;
import java.util.Map;

/** The classes of a realm, as the codec names them. */
record RealmSpace(Realm realm) implements ClassSpace {
  @Override
  public int idOf(Class<?> type) {
    return realm.idOf(type);
  }

  @Override
  public Class<?> load(int loaderId, String binaryName) throws ClassNotFoundException {
    return realm.load(loaderId, binaryName);
  }

  @Override
  public Map<ByteBuffer, Object> known() {
    return realm.known();
  }

  @Override
  public LambdaShape original(LambdaShape shape) {
    return References.original(shape);
  }

  @Override
  public boolean isApplication(Class<?> type) {
    return realm.isApplication(type);
  }
}
