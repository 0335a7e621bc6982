package dev.martlet.internal.envelope;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How objects of a job are called in a store: a job outlives the sessions of its clients.
 *
 * <pre>
 * jobs/NAME/job              what it is
 * jobs/NAME/ID/maker         a sign of life of its maker, which may add tasks
 * jobs/NAME/ID/end           its maker adds no more tasks
 * jobs/NAME/ID/g/GROUP-COUNT tasks that an instance runs one after the other
 * jobs/NAME/ID/a/NAME         attachments, which tasks share
 * jobs/NAME/ID/n/GROUP       a number of a group whose tasks are run again is taken
 * jobs/NAME/ID/b/GROUP       a sign of life of whoever runs them
 * jobs/NAME/ID/o/GROUP/FROM  outcomes of the group's tasks from the FROM-th on; the first ones count
 * jobs/NAME/ID/d/RUN/I       an outcome that is long
 * jobs/NAME/ID/c/all-N       all that had not begun at a time are cancelled
 * jobs/NAME/ID/c/GROUP-N     tasks of the group that are cancelled
 * </pre>
 *
 * <p>Marks of what is cancelled have versions N, from 0 on. No version is written over another, and
 * each has what is in those before it, so that of clients that cancel at once none undoes what
 * another one did; the latest version counts.
 *
 * <p>The ID comes of the job's key: what a late run leaves of a job that was deleted is not taken
 * for that of another one of its name. A group is called by the job's index of its first task, of
 * ten digits, or, if its tasks are run again, by {@code r} and a number.
 */
public final class JobNames {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");
  private static final Pattern GROUP = Pattern.compile("g/(\\d{10}|r\\d{6})-(\\d{1,9})");
  private static final Pattern LIFE = Pattern.compile("b/(\\d{10}|r\\d{6})");
  private static final Pattern MARK = Pattern.compile("c/(all|\\d{10}|r\\d{6})-(\\d{6})");
  private static final Pattern PART = Pattern.compile("o/(\\d{10}|r\\d{6})/(\\d{6})");

  /** Stands for all groups. */
  public static final String ALL = "all";

  private final String job;

  /**
   * Creates the names of a job.
   *
   * @param key the job's key
   * @throws IllegalArgumentException if it cannot be called so
   */
  public JobNames(String name, byte[] key) {
    this.job = all(name) + id(key) + "/";
  }

  private static String id(byte[] key) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(key);
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Returns how all names of a job begin.
   *
   * @throws IllegalArgumentException if it cannot be called so
   */
  public static String all(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "\"" + name + "\" is no name of a job: letters, digits, - _ . and at most 64 of them");
    }
    return Names.JOBS + name + "/";
  }

  /** Returns the name of what a job is. */
  public static String record(String name) {
    return all(name) + "job";
  }

  /** Returns a name behind all of a job's. */
  public static String last(String name) {
    return all(name) + "z";
  }

  /** Returns how the names of all begin that the job's tasks have. */
  public String tasks() {
    return job;
  }

  /** Returns the job's name from that of one of its objects; null if it is no job's. */
  public static @Nullable String ofAny(String key) {
    int slash = key.startsWith(Names.JOBS) ? key.indexOf('/', Names.JOBS.length()) : -1;
    return slash < 0 ? null : key.substring(Names.JOBS.length(), slash);
  }

  /** Returns the name of the sign of life of the job's maker. */
  public String maker() {
    return job + "maker";
  }

  /** Returns the name of the mark that all tasks are there. */
  public String end() {
    return job + "end";
  }

  /** Returns what a group is called whose first task has an index. */
  public static String group(int first) {
    return padded(first, 10);
  }

  /** Returns what a group is called whose tasks are run again. */
  public static String again(int number) {
    return "r" + padded(number, 6);
  }

  /** Returns the name of a group of so many tasks. */
  public String group(String group, int count) {
    return job + "g/" + group + "-" + count;
  }

  /** Returns the name of an attachment. */
  public String attachment(String name) {
    return job + "a/" + name;
  }

  /** Returns the name of the mark that what a group is called is taken. */
  public String taken(String group) {
    return job + "n/" + group;
  }

  /** Returns the name of the sign of life of a group's run. */
  public String life(String group) {
    return job + "b/" + group;
  }

  /** Returns the name of outcomes. */
  public String part(String group, int from) {
    return job + "o/" + group + "/" + padded(from, 6);
  }

  /** Returns the name of a long outcome. */
  public String outcome(long run, int i) {
    return job + "d/" + Long.toHexString(run) + "/" + i;
  }

  /** Returns the name of a version of the mark that what has not begun is cancelled. */
  public String flushed(int version) {
    return cancelled(ALL, version);
  }

  /** Returns the name of a version of the list of a group's cancelled tasks. */
  public String cancelled(String group, int version) {
    return job + "c/" + group + "-" + padded(version, 6);
  }

  /** A version of a mark as its name tells. */
  public record Mark(String group, int version) {}

  /**
   * Reads the name of a mark of what is cancelled: the group is {@link #ALL}, or one; null if it is
   * another object's.
   */
  public @Nullable Mark ofMark(String key) {
    Matcher m = match(MARK, key);
    return m == null ? null : new Mark(m.group(1), Integer.parseInt(m.group(2)));
  }

  /** A group as its name tells. */
  public record Group(String group, int count) {
    /** Returns whether its tasks are run again. */
    public boolean isAgain() {
      return group.startsWith("r");
    }
  }

  /** Reads the name of a group; null if it is another object's. */
  public @Nullable Group ofGroup(String key) {
    Matcher m = match(GROUP, key);
    return m == null ? null : new Group(m.group(1), Integer.parseInt(m.group(2)));
  }

  /** Outcomes as their name tells. */
  public record Part(String group, int from) {}

  /** Reads the name of outcomes; null if it is another object's. */
  public @Nullable Part ofPart(String key) {
    Matcher m = match(PART, key);
    return m == null ? null : new Part(m.group(1), Integer.parseInt(m.group(2)));
  }

  /** Reads the name of a sign of life: its group; null if it is another object's. */
  public @Nullable String ofLife(String key) {
    Matcher m = match(LIFE, key);
    return m == null ? null : m.group(1);
  }

  /** Returns a number in the order of the names. */
  private static String padded(int number, int digits) {
    String n = Integer.toString(number);
    return "0".repeat(Math.max(0, digits - n.length())) + n;
  }

  private @Nullable Matcher match(Pattern pattern, String key) {
    if (!key.startsWith(job)) {
      return null;
    }
    Matcher m = pattern.matcher(key).region(job.length(), key.length());
    return m.matches() ? m : null;
  }
}
