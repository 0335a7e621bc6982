package dev.martlet.internal.effects;

import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.UntravelableException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a task has done to synchronising objects, in program order: operations that only release,
 * and writes of volatile fields. They are not executed away but replayed on the live objects,
 * because a difference of fields would wake no waiter, and because two increments add up while two
 * differences do not. Not thread-safe.
 */
public final class OperationLog {
  static final int END = 0;
  static final int CALL = 1;
  static final int VOLATILE = 2;

  private record Entry(
      int id,
      @Nullable Class<?> declaring,
      String owner,
      String name,
      String descriptor,
      List<@Nullable Object> arguments) {}

  private final List<Entry> entries = new ArrayList<>();
  private long firstNanos;

  /** Logs a call of a JDK method on an object of the table. */
  public void call(
      int id, String owner, String name, String descriptor, @Nullable Object[] arguments) {
    add(new Entry(id, null, owner, name, descriptor, Arrays.asList(arguments)));
  }

  /** Logs a write of a volatile field of an object of the table. */
  public void write(int id, Class<?> declaring, String field, @Nullable Object value) {
    add(new Entry(id, declaring, "", field, "", Collections.singletonList(value)));
  }

  private void add(Entry e) {
    if (entries.isEmpty()) {
      firstNanos = System.nanoTime();
    }
    entries.add(e);
  }

  /** Returns whether nothing is logged. */
  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Returns how long the oldest entry has been waiting, in nanoseconds. */
  public long age() {
    return entries.isEmpty() ? 0 : System.nanoTime() - firstNanos;
  }

  /** Writes all entries and forgets them. */
  public void drain(GraphEncoder out) throws UntravelableException {
    for (Entry e : entries) {
      if (e.declaring == null) {
        out.writeInt(CALL);
        out.writeInt(e.id);
        out.writeString(e.owner);
        out.writeString(e.name);
        out.writeString(e.descriptor);
        out.writeInt(e.arguments.size());
      } else {
        out.writeInt(VOLATILE);
        out.writeInt(e.id);
        out.write(e.declaring);
        out.writeString(e.name);
      }
      for (Object a : e.arguments) {
        out.write(a);
      }
    }
    out.writeInt(END);
    entries.clear();
  }
}
