package dev.martlet.internal.dispatch;

import dev.martlet.internal.classpath.ClassWorld;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What client and worker say to each other inside the platform's bytes.
 *
 * <pre>
 * world     = state:bytes flags:byte assertions:bytes parallelism:int systemLoader:int
 *             contextLoader:int pool:string
 * request   = flags:byte wireId:long callId:long attempt:int generation:int sent:long
 *             thread:string [state:bytes] [ahead:bytes] [initialised:bytes] graph
 *           | SHARED:byte number:int graph
 *           | SHARED|KNOWN:byte number:int kind:byte scalars
 * sent      = the client's System.nanoTime()
 * ahead     = (loader:int class:string field:string value:bytes)*
 * initialised = (loader:int class:string)*
 * graph     = kind:byte function first second
 * response  = status:byte runNanos:long (RETURNED | THREW: ended:byte effects:bytes outcome
 *           | else: text:string)
 * effects   = differences statics locals operations
 * message   = OUT | ERR line
 *           | LOG slf4j:byte level:string name:string source:string text:string trace:string
 *           | INTERRUPT [ALL | UNWANTED]
 *           | CANCELLED
 *           | SHUT_DOWN
 *           | NEEDS loader:int class:string field:string
 * question  = CLASSPATH question of the class path
 *           | STATIC wireId:long loader:int class:string field:string
 *           | INITIALISE wireId:long loader:int class:string ""
 *           | FLUSH wireId:long effects
 *           | LOGGER wireId:long slf4j:byte name:string
 *           | PIECES wireId:long object:int (piece:int)*
 * answer    = OK value | FAILED throwable, in a table of its own; of LOGGER: OK level:string; of
 *             PIECES: OK bytes of the pieces
 * </pre>
 */
public final class Protocol {
  /** Bytes of the flags of a request: changes are brought back. */
  public static final int EFFECTS = 1;

  /** A request brings the client's JVM-wide state. */
  public static final int STATE = 2;

  /** The task touches no static state, so that it may run beside others in one realm. */
  public static final int SHARED = 4;

  /** Tasks of the number came to this worker before, and only the captured values follow. */
  public static final int KNOWN = 8;

  /** The pool has been shut down. */
  public static final int REFUSING = 16;

  /** The task runs on a thread of a fork/join pool. */
  public static final int FORKED = 32;

  /**
   * Nobody may be at home when the task runs: the values of static fields come ahead, after the
   * objects of the graph, the outcome is to refer to none of these, and there are to be no effects.
   */
  public static final int DETACHED = 64;

  /**
   * The client is another worker, whose own call has made this one. It answers nothing: the values
   * of static fields come ahead, and so do the names of the classes that are initialised at home.
   * The attempt does not count if it does what another one could not repeat.
   */
  public static final int NESTED = 128;

  /** Stands for the wire id of light calls, which have none. */
  public static final long LIGHT = -1;

  /** In the world: the worker runs on the client's machine. */
  public static final int LOCAL = 1;

  /** In the world: threads have no context class loader. */
  public static final int NO_LOADER = -1;

  /** The task returned. */
  public static final byte RETURNED = 0;

  /** The task threw. */
  public static final byte THREW = 1;

  /** The attempt was dropped without effect: the text says why. */
  public static final byte DROPPED = 2;

  /** The attempt cannot count, and cannot be run again: the text says why. */
  public static final byte SPOILED = 3;

  /** The worker has no memory left for the task. */
  public static final byte OUT_OF_MEMORY = 4;

  /** The request cannot be run by this worker: the text says why. */
  public static final byte REFUSED = 5;

  /** As {@link #RETURNED} and {@link #THREW}, but the outcome cannot travel: a text instead. */
  public static final byte UNTRAVELABLE = 6;

  /** The task needs static state, so it has to be sent again for a realm of its own. */
  public static final byte NOT_SHARED = 7;

  /** The worker does not know the tasks of the number. */
  public static final byte NOT_KNOWN = 8;

  /**
   * A question of the attempt had no answer, and what the task made of that must not count: the
   * text says which.
   */
  public static final byte UNANSWERED = 9;

  /** A message: a line for standard output. */
  public static final byte OUT = 0;

  /** A message: a line for standard error. */
  public static final byte ERR = 1;

  /** A message: a log record. */
  public static final byte LOG = 3;

  /** A message to a call: interrupt its thread. */
  public static final byte INTERRUPT = 2;

  /** A message to a call: its pool has been shut down. */
  public static final byte SHUT_DOWN = 4;

  /** Follows an interruption: of all that the task has started, and it begins nothing more. */
  public static final byte ALL = 1;

  /** Follows an interruption of a task that nobody wants any more: it need not begin. */
  public static final byte UNWANTED = 2;

  /** A message to a subtree: its live task has been cancelled, on which it may look. */
  public static final byte CANCELLED = 5;

  /** A message of a nested call: it lacks the value of a static field. */
  public static final byte NEEDS = 6;

  /** Of how a call ended: it touched the world outside. */
  public static final int EXTERNAL = 1;

  /** Of how a call ended: its thread was interrupted on request while it computed. */
  public static final int HEARD = 2;

  /** Of how a call ended: it left its thread interrupted. */
  public static final int INTERRUPTED = 4;

  /** A question for the class path. */
  public static final byte CLASSPATH = 0;

  /** A question for the value of a static field. */
  public static final byte STATIC = 1;

  /** A request to initialise a class at home. */
  public static final byte INITIALISE = 2;

  /** Effects to apply while the task goes on. */
  public static final byte FLUSH = 3;

  /** A question for the level of a logger. */
  public static final byte LOGGER = 4;

  /** A question for pieces of an array that came as an image. */
  public static final byte PIECES = 5;

  /** An answer's first byte. */
  public static final byte OK = 0;

  /** An answer's first byte: a throwable follows. */
  public static final byte FAILED = 1;

  private Protocol() {}

  /** Returns whether a question is about content alone, so that all clients answer the same. */
  public static boolean isOfContent(ByteBuffer question) {
    ByteBuffer rest = question.duplicate();
    return rest.get() == CLASSPATH && ClassWorld.isOfContent(rest);
  }

  /**
   * Returns a name for the piece of content that a question is for, or null if it is another one.
   * Whoever asks checks what comes.
   */
  public static @Nullable String contentName(ByteBuffer question) {
    ByteBuffer rest = question.duplicate();
    return rest.get() == CLASSPATH ? ClassWorld.contentName(rest) : null;
  }

  /** Returns an answer about content as one that whoever asked need not check. */
  public static ByteBuffer given(ByteBuffer answer) {
    return ClassWorld.given(answer);
  }

  /**
   * Returns the message that interrupts a call.
   *
   * @param all whether all that the task has started is to end
   * @param unwanted whether nobody wants the task any more
   */
  public static ByteBuffer interruption(boolean all, boolean unwanted) {
    return ByteBuffer.wrap(
        all
            ? new byte[] {INTERRUPT, ALL}
            : unwanted ? new byte[] {INTERRUPT, UNWANTED} : new byte[] {INTERRUPT});
  }

  /** Returns the bytes of a string. */
  public static byte[] utf8(String s) {
    return s.getBytes(StandardCharsets.UTF_8);
  }

  /** Writes a string with its length. */
  public static void putString(ByteBuffer out, byte[] utf8) {
    out.putInt(utf8.length).put(utf8);
  }

  /**
   * Reads a string with its length.
   *
   * @throws IllegalArgumentException if the length is not that of what is there
   */
  public static String getString(ByteBuffer in) {
    byte[] b = new byte[length(in)];
    in.get(b);
    return new String(b, StandardCharsets.UTF_8);
  }

  /**
   * Reads a length and returns a view of that many bytes, which are skipped.
   *
   * @throws IllegalArgumentException if the length is not that of what is there
   */
  public static ByteBuffer getBytes(ByteBuffer in) {
    int length = length(in);
    ByteBuffer slice = in.slice(in.position(), length);
    in.position(in.position() + length);
    return slice;
  }

  private static int length(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException(
          "a part of " + length + " bytes where " + in.remaining() + " are left");
    }
    return length;
  }
}
