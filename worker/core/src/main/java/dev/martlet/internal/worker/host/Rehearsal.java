package dev.martlet.internal.worker.host;

import dev.martlet.internal.agent.IdentityHash;
import dev.martlet.internal.agent.SetOrder;
import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.classpath.Entry;
import dev.martlet.internal.classpath.Hash;
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
import dev.martlet.internal.dispatch.World;
import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.log.Log;
import dev.martlet.internal.worker.loader.Realm;
import dev.martlet.internal.worker.process.InboundCall;
import dev.martlet.internal.worker.process.Line;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.helpers.BasicMDCAdapter;
import org.slf4j.helpers.FormattingTuple;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.Reporter;

/**
 * Runs calls of nobody, in a host and a realm of its own, so that what they need is loaded and
 * linked when the first call comes: while the client still prepares it, and before that for an
 * archive of classes. The tasks are functions of the JDK; the realm's class path is one library.
 */
final class Rehearsal implements Line {
  private static final int PARALLELISM = 1;

  private static final Class<?> WOVEN = FormattingTuple.class;

  // Of the same jar, with more kinds of members and instructions.
  private static final List<Class<?>> OTHERS =
      List.of(BasicMDCAdapter.class, MessageFormatter.class, Reporter.class);

  // A jar that is looked into in vain.
  private static final Entry OTHER =
      new Entry(Entry.Kind.JAR, "file:/other.jar", "/other.jar", null, "", true, false, null);
  private static final byte[] NO_NAMES = {};

  // Of which it has to be found out what all extend it.
  private static final String COMMON_TYPE = "java/util/Map";

  private final CallHost host = new CallHost();
  private final boolean local;
  private @Nullable Throwable problem;

  /**
   * Creates a rehearsal.
   *
   * @param local whether the client is on this machine
   */
  Rehearsal(boolean local) {
    this.local = local;
  }

  /** Does what a first call does. */
  void run() {
    try {
      host.open(world(), this);
      call(true);
      weave(WOVEN);
    } catch (ClassNotFoundException | UntravelableException | RuntimeException | LinkageError e) {
      failed(e);
    }
  }

  /**
   * Does what first calls do for clients here and elsewhere, and what comes before: this JVM is
   * changed by it as by a client.
   */
  static void runAll() {
    Rehearsal first = new Rehearsal(false);
    first.host.open(first.world().toBytes(), first);
    Object unused = Logger.getLogger("").getHandlers();
    unused = new Rehearsal(true).runMore();
    unused = new Rehearsal(false).runMore();
  }

  /** Does that and what else a first call may do; returns why it ended early, or null. */
  @Nullable Throwable runMore() {
    run();
    boolean unused = IdentityHash.canBeGiven() && JdkTable.maySynchronise(COMMON_TYPE);
    try {
      call(false);
      if (local) {
        for (Class<?> other : OTHERS) {
          weave(other);
        }
      }
    } catch (ClassNotFoundException | UntravelableException | RuntimeException | LinkageError e) {
      failed(e);
    }
    return problem;
  }

  private World world() {
    return new World(
        ByteBuffer.wrap(JvmState.current(Map.of(), local).toBytes()),
        local,
        AssertionStatus.current(),
        PARALLELISM,
        Realm.SYSTEM,
        Realm.SYSTEM,
        "rehearsal",
        SetOrder.current());
  }

  private void failed(Throwable e) {
    problem = e;
    Log.of(Rehearsal.class).debug("The rehearsal ended early", e);
  }

  /** Has a class of a jar or, if the client is elsewhere, a directory woven and looked at. */
  private void weave(Class<?> type) throws ClassNotFoundException {
    Class<?> woven = Class.forName(type.getName(), false, host.sharedLoader());
    Object unused = woven.getDeclaredMethods();
  }

  private void call(boolean light) throws UntravelableException {
    Call call = new Call(light ? light() : full());
    host.run(call);
    if (call.status != Protocol.RETURNED) {
      throw new IllegalStateException("a call ended with the status " + call.status);
    }
  }

  private static ByteBuffer light() throws UntravelableException {
    GraphEncoder out = new GraphEncoder(new Space(), new Nothing(), new ObjectTable());
    byte[] task = task(out, "text");
    return ByteBuffer.allocate(1 + 4 + task.length)
        .put((byte) Protocol.SHARED)
        .putInt(1)
        .put(task)
        .flip();
  }

  private static ByteBuffer full() throws UntravelableException {
    // What has fields, and what has others in it.
    Object argument = new ArrayList<>(List.of(new SimpleEntry<>("text", 1)));
    GraphEncoder out = new GraphEncoder(new Space(), new Nothing(), new ObjectTable());
    byte[] task = task(out, argument);
    byte[] thread = Protocol.utf8("rehearsal");
    ByteBuffer b = ByteBuffer.allocate(1 + 8 + 8 + 4 + 4 + 8 + 4 + thread.length + task.length);
    b.put((byte) Protocol.EFFECTS).putLong(1).putLong(1).putInt(1).putInt(0);
    b.putLong(System.nanoTime());
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
    boolean unused = Protocol.isOfContent(question);
    byte type = question.get() == Protocol.CLASSPATH ? question.get() : 0;
    try {
      return switch (type) {
        case Wire.IMAGE -> image();
        case Wire.HASHES -> hashes();
        case Wire.NAMES -> new Wire.Writer(Wire.OK).bytes(NO_NAMES).done();
        case Wire.FILES -> files();
        case Wire.BLOB -> Protocol.given(blob());
        default -> new Wire.Writer(Wire.ABSENT).done();
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ByteBuffer image() {
    Wire.Writer out = new Wire.Writer(Wire.OK).integer(0).integer(0);
    List<Entry> entries = local ? jar() : List.of(OTHER, directory());
    new LoaderImage(Realm.SYSTEM, "", LoaderImage.NO_PARENT, false, entries).write(out);
    return out.done();
  }

  private static ByteBuffer hashes() {
    return new Wire.Writer(Wire.OK).integer(2).hash(Hash.of(NO_NAMES)).hash(Hash.NONE).done();
  }

  private static ByteBuffer files() throws IOException {
    byte[] file = classFile();
    return new Wire.Writer(Wire.OK)
        .integer(1)
        .integer(1)
        .hash(Hash.of(file))
        .number(file.length)
        .bool(false)
        .done();
  }

  private static ByteBuffer blob() throws IOException {
    byte[] file = classFile();
    return new Wire.Writer(Wire.OK).number(file.length).bytes(file).done();
  }

  private static byte[] classFile() throws IOException {
    try (InputStream in = WOVEN.getResourceAsStream(WOVEN.getSimpleName() + ".class")) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }

  private static Entry directory() {
    Set<String> packages = Set.of(WOVEN.getPackageName().replace('.', '/'));
    return new Entry(
        Entry.Kind.DIRECTORY, "file:/rehearsal/", "/rehearsal", null, "", true, false, packages);
  }

  private List<Entry> jar() {
    CodeSource source = WOVEN.getProtectionDomain().getCodeSource();
    try {
      Path jar = Path.of(source.getLocation().toURI());
      if (Files.isRegularFile(jar)) {
        return List.of(
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
    return List.of();
  }

  @Override
  public void exiting(int status) {}

  private static final class Call implements InboundCall {
    private final ByteBuffer payload;
    int status = -1;

    Call(ByteBuffer payload) {
      this.payload = payload;
    }

    @Override
    public ByteBuffer payload() {
      return payload;
    }

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
    public void complete(ByteBuffer... response) {
      status = response[0].get(response[0].position());
    }
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
