package dev.martlet.internal.capture;

import dev.martlet.internal.codec.ClassPlan;
import dev.martlet.internal.codec.ClassSpace;
import dev.martlet.internal.codec.FieldSlot;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.codec.ScalarForm;
import dev.martlet.internal.codec.Scalars;
import dev.martlet.internal.codec.UntravelableException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The light tasks of a site: lambdas over nothing but numbers and strings, whose code depends on
 * nothing else. Many may be sent ahead, and run side by side. A worker that has been told of them
 * by one task in full takes others {@linkplain #brief in brief}, under the same number.
 * Thread-safe.
 */
public final class Light {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final int number = NUMBERS.getAndIncrement();
  private final Site site;
  private final Plan plan;
  private final ClassSpace space;
  private final FieldSlot[] references;
  private final @Nullable ScalarForm form;
  private final AtomicReference<@Nullable GraphEncoder> spare = new AtomicReference<>();

  private Light(
      Site site, Plan plan, ClassSpace space, FieldSlot[] references, @Nullable ScalarForm form) {
    this.site = site;
    this.plan = plan;
    this.space = space;
    this.references = references;
    this.form = form;
  }

  /** Returns the light tasks of a site, or null if it has none. */
  static @Nullable Light of(Site site, Plan plan, ClassSpace space, Object function) {
    if (!function.getClass().isHidden()
        || plan.verdict.kind() != Verdict.Kind.PURE
        || !plan.findings.selfContained()) {
      return null;
    }
    ClassPlan classPlan = ClassPlan.of(function.getClass());
    if (classPlan.shape() == null) {
      return null;
    }
    FieldSlot[] references =
        classPlan.slots().stream().filter(FieldSlot::isReference).toArray(FieldSlot[]::new);
    return new Light(site, plan, space, references, ScalarForm.of(function));
  }

  /** Returns the call site. */
  public Site site() {
    return site;
  }

  /** Returns which classes the tasks are likely to need; the same object for all. */
  public Needs needs() {
    return plan.needs;
  }

  /** Returns the number by which workers know these tasks. */
  public int number() {
    return number;
  }

  /** Returns whether this function with these arguments is a light task. */
  boolean fits(Object function, @Nullable Object first, @Nullable Object second) {
    for (FieldSlot s : references) {
      if (!isValue(s.getReference(function))) {
        return false;
      }
    }
    return isValue(first) && isValue(second);
  }

  private static boolean isValue(@Nullable Object o) {
    if (o == null) {
      return true;
    }
    Class<?> c = o.getClass();
    return c == String.class
        || c == Integer.class
        || c == Long.class
        || c == Double.class
        || c == Boolean.class
        || c == Character.class
        || c == Float.class
        || c == Short.class
        || c == Byte.class;
  }

  /**
   * Encodes a task for a worker that knows these tasks.
   *
   * @param flags the byte that comes first; the number follows
   * @return null if the task does not allow it: a string's identity would be lost
   */
  public @Nullable ByteBuffer brief(
      int flags, int kind, Object function, @Nullable Object first, @Nullable Object second) {
    if (form == null) {
      return null;
    }
    ByteBuffer to = ByteBuffer.allocate(6 + form.most() + 2 * Scalars.MOST);
    to.put((byte) flags).putInt(number).put((byte) kind);
    return form.write(function, to) && Scalars.write(first, to) && Scalars.write(second, to)
        ? to.flip()
        : null;
  }

  /**
   * Encodes a task.
   *
   * @param flags the byte that comes first; the number follows
   */
  public byte[] encode(
      int flags, int kind, Object function, @Nullable Object first, @Nullable Object second)
      throws UntravelableException {
    GraphEncoder encoder = spare.getAndSet(null);
    if (encoder == null) {
      encoder = new GraphEncoder(space, plan, new ObjectTable());
    }
    encoder.table().reset();
    encoder.reset(encoder.table());
    encoder.writeByte(flags);
    for (int shift = 24; shift >= 0; shift -= 8) {
      encoder.writeByte(number >> shift);
    }
    write(encoder, kind, function, first, second);
    byte[] bytes = encoder.toByteArray();
    if (bytes.length < 1 << 12) {
      encoder.table().reset();
      spare.set(encoder);
    }
    return bytes;
  }

  private static void write(
      GraphEncoder encoder,
      int kind,
      Object function,
      @Nullable Object first,
      @Nullable Object second)
      throws UntravelableException {
    encoder.writeByte(kind);
    encoder.write(function);
    encoder.write(first);
    encoder.write(second);
  }

  /** Returns a task that was sent in brief: no answer can refer to it. */
  public Captured captured() {
    return new Captured(site, plan, List.of(), 0, new ObjectTable());
  }

  /** Returns a task as if it had been captured otherwise, for an answer that refers to it. */
  public Captured captured(
      int kind, Object function, @Nullable Object first, @Nullable Object second)
      throws UntravelableException {
    GraphEncoder encoder = new GraphEncoder(space, plan, new ObjectTable());
    write(encoder, kind, function, first, second);
    List<ByteBuffer> graph = List.of();
    return new Captured(site, plan, graph, encoder.size(), encoder.table());
  }
}
