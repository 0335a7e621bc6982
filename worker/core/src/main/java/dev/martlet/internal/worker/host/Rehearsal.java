package dev.martlet.internal.worker.host;

import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.ClassSpace;
import dev.martlet.internal.codec.GraphDecoder;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.codec.Trust;
import dev.martlet.internal.codec.UntravelableException;
import dev.martlet.internal.dispatch.JvmState;
import dev.martlet.internal.effects.OperationLog;
import dev.martlet.internal.effects.Twins;
import dev.martlet.internal.log.Log;
import dev.martlet.internal.worker.loader.Realm;
import dev.martlet.internal.worker.weave.RealmWeaver;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Does in short what a first call does, so that all its classes are loaded. */
final class Rehearsal {
  private static final String[] LATER = {
    "Background",
    "CallHost",
    "CallRun",
    "Interrupts",
    "LightCalls",
    "NestedPool",
    "RealmHooks",
    "RealmSpace",
    "Realms",
    "SharedHooks",
    "WorkerBorder",
    "WorkerContext",
    "World"
  };

  void run() {
    try {
      weave();
      travel();
      String room = Rehearsal.class.getPackageName() + ".";
      for (String name : LATER) {
        Class<?> unused = Class.forName(room + name, false, Rehearsal.class.getClassLoader());
      }
      Object unused = JvmState.read(ByteBuffer.wrap(JvmState.current(Map.of()).toBytes()));
    } catch (IOException | ClassNotFoundException | UntravelableException e) {
      Log.of(Rehearsal.class).debug("The rehearsal ended early", e);
    }
  }

  private static void weave() throws IOException {
    String name = Rehearsal.class.getName();
    try (InputStream in =
        Objects.requireNonNull(Rehearsal.class.getResourceAsStream("Rehearsal.class"))) {
      byte[] unused = new RealmWeaver().weave(name, in.readAllBytes(), true, n -> null, n -> false);
    }
  }

  private static void travel() throws UntravelableException {
    int number = 7;
    Callable<Integer> task = () -> number;
    ObjectTable sent = new ObjectTable();
    GraphEncoder out = new GraphEncoder(new Space(), new Nothing(), sent);
    out.write(task);
    out.write("text");
    out.write(new int[] {number});
    ObjectTable received = new ObjectTable();
    GraphDecoder in =
        new GraphDecoder(
            new Space(), new Nothing(), received, ByteBuffer.wrap(out.toByteArray()), Trust.FULL);
    Object unused = in.read();
    new Twins(received).cover();
    Object log = new OperationLog();
    Objects.requireNonNull(log);
  }

  /** The classes of this JVM. */
  private static final class Space implements ClassSpace {
    @Override
    public int idOf(Class<?> type) {
      return Realm.SYSTEM;
    }

    @Override
    public Class<?> load(int loaderId, String binaryName) throws ClassNotFoundException {
      return Class.forName(binaryName, false, Rehearsal.class.getClassLoader());
    }

    @Override
    public boolean isApplication(Class<?> type) {
      return false;
    }
  }

  /** A border that lets everything pass. */
  private static final class Nothing implements Border {
    @Override
    public @Nullable Object replace(Object o) {
      return null;
    }

    @Override
    public Object resolve(Object token) {
      return token;
    }

    @Override
    public boolean staysHome(Field field) {
      return false;
    }
  }
}
