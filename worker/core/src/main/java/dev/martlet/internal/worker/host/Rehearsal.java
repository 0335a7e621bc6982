package dev.martlet.internal.worker.host;

import dev.martlet.internal.agent.IdentityHash;
import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.classpath.Entry;
import dev.martlet.internal.classpath.LoaderImage;
import dev.martlet.internal.classpath.Stamp;
import dev.martlet.internal.classpath.Wire;
import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.ClassSpace;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.codec.UntravelableException;
import dev.martlet.internal.dispatch.AssertionStatus;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.dispatch.JvmState;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.log.Log;
import dev.martlet.internal.worker.loader.Realm;
import dev.martlet.internal.worker.process.InboundCall;
import dev.martlet.internal.worker.process.Line;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.AbstractMap.SimpleEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.helpers.FormattingTuple;

/**
 * Runs calls of nobody, in a host and a realm of its own, so that what they need is loaded and
 * linked when the first call comes: while the client still prepares it, and before that for an
 * archive of classes. The tasks are functions of the JDK; the realm's class path is one library.
 */
final class Rehearsal implements Line {
  private static final int PARALLELISM = 1;

  private final CallHost host = new CallHost();

  /** Does what a first call does. */
  void run() {
    try {
      JvmState state = JvmState.read(ByteBuffer.wrap(JvmState.current(Map.of()).toBytes()));
      host.open(
          new World(
              state,
              true,
              AssertionStatus.current(),
              PARALLELISM,
              Realm.SYSTEM,
              Realm.SYSTEM,
              "rehearsal"),
          this);
      call(true);
      weave();
    } catch (ClassNotFoundException | UntravelableException | RuntimeException | LinkageError e) {
      failed(e);
    }
  }

  /** Does what a first call does, and others, and what comes before. */
  void runAll() {
    Output.install();
    Loggers.install();
    run();
    boolean unused = IdentityHash.canBeGiven();
    try {
      call(false);
    } catch (UntravelableException e) {
      failed(e);
    }
  }

  private static void failed(Throwable e) {
    Log.of(Rehearsal.class).debug("The rehearsal ended early", e);
  }

  /** Has a class of a jar woven. */
  private void weave() throws ClassNotFoundException {
    Object unused = Class.forName(FormattingTuple.class.getName(), false, host.sharedLoader());
  }

  private void call(boolean light) throws UntravelableException {
    host.run(new Call(light ? light() : full()));
  }

  private static ByteBuffer light() throws UntravelableException {
    GraphEncoder out = new GraphEncoder(new Space(), new Nothing(), new ObjectTable());
    out.writeByte(Protocol.SHARED);
    return ByteBuffer.wrap(task(out, "text"));
  }

  private static ByteBuffer full() throws UntravelableException {
    // What has fields, and what has others in it.
    Object argument = new ArrayList<>(List.of(new SimpleEntry<>("text", 1)));
    GraphEncoder out = new GraphEncoder(new Space(), new Nothing(), new ObjectTable());
    byte[] task = task(out, argument);
    byte[] thread = Protocol.utf8("rehearsal");
    ByteBuffer b = ByteBuffer.allocate(1 + 8 + 8 + 4 + 4 + 4 + thread.length + task.length);
    b.put((byte) Protocol.EFFECTS).putLong(1).putLong(1).putInt(1).putInt(0);
    Protocol.putString(b, thread);
    return b.put(task).flip();
  }

  private static byte[] task(GraphEncoder out, Object argument) throws UntravelableException {
    out.writeByte(Body.Kind.APPLY.code());
    out.write(Function.identity().andThen(Function.identity()));
    out.write(argument);
    out.write(null);
    return out.toByteArray();
  }

  /* ---------------- The client ---------------- */

  @Override
  public ByteBuffer ask(ByteBuffer question) {
    if (question.get() != Protocol.CLASSPATH || question.get() != Wire.IMAGE) {
      return new Wire.Writer(Wire.ABSENT).done();
    }
    Wire.Writer out = new Wire.Writer(Wire.OK).integer(0).integer(0);
    image().write(out);
    return out.done();
  }

  private static LoaderImage image() {
    List<Entry> entries = List.of();
    CodeSource source = FormattingTuple.class.getProtectionDomain().getCodeSource();
    try {
      Path jar = Path.of(source.getLocation().toURI());
      if (Files.isRegularFile(jar)) {
        entries =
            List.of(
                new Entry(
                    Entry.Kind.JAR,
                    source.getLocation().toString(),
                    jar.toString(),
                    Stamp.of(jar),
                    "",
                    /* application= */ true,
                    /* own= */ false,
                    null));
      }
    } catch (IOException | URISyntaxException e) {
      failed(e);
    }
    return new LoaderImage(Realm.SYSTEM, "", LoaderImage.NO_PARENT, false, entries);
  }

  @Override
  public void exiting(int status) {}

  private record Call(ByteBuffer payload) implements InboundCall {
    @Override
    public long id() {
      return 1;
    }

    @Override
    public int slot() {
      return 0;
    }

    @Override
    public void onMessage(Consumer<ByteBuffer> sink) {}

    @Override
    public void send(ByteBuffer message) {}

    @Override
    public void release() {}

    @Override
    public void complete(ByteBuffer... response) {}
  }

  /** The classes of the JDK. */
  private static final class Space implements ClassSpace {
    @Override
    public int idOf(Class<?> type) {
      return ClassWorld.JDK;
    }

    @Override
    public Class<?> load(int loaderId, String binaryName) throws ClassNotFoundException {
      return Class.forName(binaryName, false, ClassLoader.getPlatformClassLoader());
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
