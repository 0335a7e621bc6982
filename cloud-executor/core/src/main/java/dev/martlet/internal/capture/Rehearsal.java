package dev.martlet.internal.capture;

import dev.martlet.internal.agent.Trusted;
import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.codec.UntravelableException;
import dev.martlet.internal.log.Log;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Does what the first capture of a JVM does, to nobody's task and beside what else there is to do
 * for a new pool: it finds the trusted lookup, loads and links what analyses and encodes, and lists
 * the class path. Whoever comes before it has ended waits for no more than is left.
 */
public final class Rehearsal {
  private static final AtomicBoolean BEGUN = new AtomicBoolean();

  private final ClassWorld world;
  private final boolean first;

  private Rehearsal(ClassWorld world, boolean first) {
    this.world = world;
    this.first = first;
  }

  /**
   * Begins, on a thread of its own, with what mostly waits; only a JVM's first pool has something
   * to rehearse.
   */
  public static Rehearsal begin(ClassWorld world) {
    Rehearsal r = new Rehearsal(world, BEGUN.compareAndSet(false, true));
    return r;
  }

  /** Goes on with what needs a processor. */
  public void goOn() {
    if (first) {
      start(this::encode, "martlet-rehearsal-1");
      start(this::analyse, "martlet-rehearsal-2");
    }
  }

  private static void start(Runnable part, String name) {
    Thread t = new Thread(null, part, name, 0, false);
    t.setDaemon(true);
    t.start();
  }

  private void encode() {
    try {
      Object unused = Trusted.lookup();
      GraphEncoder out =
          new GraphEncoder(
              new ClientSpace(world), new ClientBorder(() -> null, () -> null), new ObjectTable());
      out.write(Function.identity().andThen(Function.identity()));
      out.write("text");
    } catch (UntravelableException | RuntimeException | LinkageError e) {
      failed(e);
    }
  }

  private void analyse() {
    try {
      String name = Rehearsal.class.getName().replace('.', '/');
      EntryPoint entry = new EntryPoint(name, "task", "(I)Ljava/lang/Integer;", null);
      ClassFiles files = ClassFiles.of(Rehearsal.class.getClassLoader());
      Findings findings = Reach.analyse(List.of(entry), Set.of(), files, type -> false);
      Object unused = TaskClassifier.classify(findings, Set.of(), true);
    } catch (RuntimeException | LinkageError e) {
      failed(e);
    }
    world.prepare(false);
  }

  /** Stands for a task, in the analysis. */
  static Integer task(int number) {
    return number;
  }

  private static void failed(Throwable e) {
    // The first task will tell.
    Log.of(Rehearsal.class).debug("The rehearsal ended early", e);
  }
}
