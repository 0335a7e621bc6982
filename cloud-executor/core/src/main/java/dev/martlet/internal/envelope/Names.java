package dev.martlet.internal.envelope;

import java.util.HexFormat;

/**
 * How objects of a session are called in a store. All of a session's are under one prefix, so that
 * they can be listed and deleted together; code is shared by all sessions.
 *
 * <pre>
 * s/SESSION/in/q/INVOCATION/RUN/N   what a run says and asks, in order
 * s/SESSION/in/r/INVOCATION/RUN     the answer of a run that was submitted
 * s/SESSION/out/a/INVOCATION/RUN/N  the answers to what it asked
 * s/SESSION/out/m/INVOCATION/N      messages to its calls, in order
 * s/SESSION/data/p/INVOCATION/I     requests that are too long
 * s/SESSION/data/o/INVOCATION/RUN/I outcomes that are too long, in boxes
 * s/SESSION/data/a/NAME             attachments, which calls share
 * s/SESSION/data/archive            an archive of a worker's classes
 * live/SESSION                      whose it is, and that its client lives
 * run/SESSION/INVOCATION            which run has a submitted invocation, and that it goes on
 * code/HASH                         answers about code
 * code/content/NAME                 a piece of content
 * jobs/NAME/…                       a job that outlives its client: {@link JobNames}
 * </pre>
 */
public final class Names {
  /** How the names of all that belongs to sessions begin. */
  public static final String SESSIONS = "s/";

  /** How the names of signs of life begin. */
  public static final String LIVE = "live/";

  /** How the names of signs of life of runs begin. Nobody is to be told of each. */
  public static final String RUNS = "run/";

  /** How the names of all that belongs to jobs begin; a job's name and a slash follow. */
  public static final String JOBS = "jobs/";

  /** How the names of code begin. */
  public static final String CODE = "code/";

  private static final String INBOX = "in/";
  private static final String MESSAGES = "out/m/";

  private final String live;
  private final String lives;
  private final String session;

  /** Creates the names of a session. */
  public Names(byte[] session) {
    String hex = HexFormat.of().formatHex(session);
    this.session = SESSIONS + hex + "/";
    this.live = LIVE + hex;
    this.lives = RUNS + hex + "/";
  }

  /** Returns how all names of the session begin. */
  public String session() {
    return session;
  }

  /** Returns the name of the session's sign of life. */
  public String live() {
    return live;
  }

  /** Returns how the names of the signs of life of runs begin. */
  public String lives() {
    return lives;
  }

  /** Returns the name of the sign of life of an invocation that was submitted. */
  public String life(long invocation) {
    return lives() + hex(invocation);
  }

  /**
   * Returns the invocation that a sign of life is of.
   *
   * @throws MalformedException if it is none
   */
  public long living(String name) {
    Fields.require(name.startsWith(lives), name);
    try {
      return Long.parseUnsignedLong(name.substring(lives.length()), 16);
    } catch (NumberFormatException e) {
      throw new MalformedException(name, e);
    }
  }

  /** Returns how the names of all that comes to the client begin. */
  public String inbox() {
    return session + INBOX;
  }

  /** What a name of the inbox tells. */
  public record Incoming(boolean answer, long invocation, long run, int number) {}

  /**
   * Reads a name of the inbox.
   *
   * @throws MalformedException if it is none
   */
  public Incoming incoming(String name) {
    String inbox = inbox();
    Fields.require(name.startsWith(inbox), name);
    String[] parts = name.substring(inbox.length()).split("/", -1);
    boolean answer = parts[0].equals("r");
    Fields.require(parts.length == (answer ? 3 : 4), name);
    try {
      return new Incoming(
          answer,
          Long.parseUnsignedLong(parts[1], 16),
          Long.parseUnsignedLong(parts[2], 16),
          answer ? 0 : Integer.parseInt(parts[3]));
    } catch (NumberFormatException e) {
      throw new MalformedException(name, e);
    }
  }

  /** Returns the name of the n-th letter of a run. */
  public String letter(long invocation, long run, int n) {
    // In the order of the names.
    String number = Integer.toString(n);
    String zeros = "00000000".substring(Math.min(8, number.length()));
    return inbox() + "q/" + hex(invocation) + "/" + hex(run) + "/" + zeros + number;
  }

  /** Returns the name of the answer of a run that was submitted. */
  public String answer(long invocation, long run) {
    return inbox() + "r/" + hex(invocation) + "/" + hex(run);
  }

  /** Returns whether a name is that of an answer of a run that was submitted. */
  public boolean isAnswer(String name) {
    return name.startsWith(inbox() + "r/");
  }

  /** Returns the name of the answers to the n-th letter. */
  public String reply(long invocation, long run, int n) {
    return session + "out/a/" + hex(invocation) + "/" + hex(run) + "/" + n;
  }

  /** Returns the name of the n-th message to an invocation. */
  public String message(long invocation, int n) {
    return session + MESSAGES + hex(invocation) + "/" + n;
  }

  /** Returns whether a name is that of a message to an invocation. */
  public boolean isMessage(String name) {
    return name.startsWith(session + MESSAGES);
  }

  /** Returns the name of the i-th call's request. */
  public String payload(long invocation, int i) {
    return session + "data/p/" + hex(invocation) + "/" + i;
  }

  /** Returns the name of the i-th call's outcome. */
  public String outcome(long invocation, long run, int i) {
    return session + "data/o/" + hex(invocation) + "/" + hex(run) + "/" + i;
  }

  /** Returns the name of an attachment. */
  public String attachment(String name) {
    return session + "data/a/" + name;
  }

  /** Returns the name of an archive of a worker's classes. */
  public String archive() {
    return session + "data/archive";
  }

  /** Returns the name of answers about code with a SHA-256. */
  public static String code(byte[] hash) {
    return CODE + HexFormat.of().formatHex(hash);
  }

  /** Returns the name of a piece of content. */
  public static String content(String name) {
    return CODE + "content/" + name;
  }

  private static String hex(long id) {
    return Long.toHexString(id);
  }
}
