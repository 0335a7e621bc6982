package dev.martlet.internal.leaf;

import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.codec.ClassPlan;
import dev.martlet.internal.codec.FieldSlot;
import dev.martlet.internal.codec.LambdaShape;
import dev.martlet.internal.leaf.Sinks.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sinks of a leaf, as {@code AbstractPipeline.wrapSink} has chained them: those of the stages,
 * and what they end in. Stages travel as {@link Layout images}; a sink that is not one of a
 * stateless stage, a slice or a prefix counts as the end.
 *
 * <p>Three kinds of ends are known. A reduction, match or search is shipped and its state comes
 * back: WHOLE. A {@code forEach} is shipped for what it does to others: EFFECTS. Before anything
 * else the elements are collected where the stages run, and given to the end at home: REPLAY.
 *
 * <p>Not thread-safe: sinks belong to one leaf.
 */
public final class Chain {
  /** How a leaf travels. */
  public enum Mode {
    /** With its end, whose state comes back. */
    WHOLE(0),
    /** With its end, which brings nothing back but effects. */
    EFFECTS(1),
    /** Without its end, which is given the elements at home. */
    REPLAY(2);

    private static final Mode[] BY_CODE = values();

    private final int code;

    Mode(int code) {
      this.code = code;
    }

    /** Returns the number that stands for the mode on the wire, from 0 to 2. */
    int code() {
      return code;
    }

    static Mode of(int code) {
      return BY_CODE[code];
    }
  }

  private static final int MOST_STAGES = 100;
  private static final int MOST_CLASSES = 200;

  private static final ClassValue<Boolean> IS_STAGE =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          String name = type.getName();
          return Layout.isOfStreams(type)
              && (name.contains("Pipeline$")
                  || name.startsWith("java.util.stream.SliceOps$")
                  || name.startsWith("java.util.stream.WhileOps$"));
        }
      };

  /** A sink of a stage, and how its fields travel. */
  private static final class Stage {
    final Object sink;
    final Layout layout;
    final byte[] codes;
    final @Nullable Object[] ghosts;

    Stage(Object sink, Layout layout, byte[] codes, @Nullable Object[] ghosts) {
      this.sink = sink;
      this.layout = layout;
      this.codes = codes;
      this.ghosts = ghosts;
    }
  }

  private final Object head;
  private final List<Stage> stages = new ArrayList<>();
  private final Object end;
  private final Mode mode;
  private final Shape inShape;
  private final Shape outShape;
  private final byte[] endCodes;
  private final boolean carries;

  private Chain(Object head) {
    this.head = head;
    boolean state = false;
    Object at = head;
    for (; ; ) {
      Stage stage = stages.size() < MOST_STAGES ? stage(at) : null;
      if (stage == null) {
        break;
      }
      stages.add(stage);
      String name = at.getClass().getName();
      state |= name.contains(".SliceOps$") || name.contains(".WhileOps$");
      at = next(at);
      if (at == null) {
        throw new IllegalStateException("no sink after " + name);
      }
    }
    end = at;
    carries = state;
    mode = mode(end);
    inShape = Sinks.shape(head);
    outShape = Sinks.shape(end);
    endCodes = new byte[mode == Mode.REPLAY ? 0 : Layout.of(end.getClass()).slots.length];
  }

  /** Looks at the sinks from the first one on. */
  public static Chain of(Object head) {
    return new Chain(head);
  }

  private static Mode mode(Object end) {
    Class<?> type = end.getClass();
    if (!Layout.isOfStreams(type)) {
      return Mode.REPLAY;
    }
    String name = type.getName();
    if (name.startsWith("java.util.stream.ReduceOps$")) {
      return Sinks.accumulates(end) ? Mode.WHOLE : Mode.REPLAY;
    }
    if (name.startsWith("java.util.stream.MatchOps$")
        || name.startsWith("java.util.stream.FindOps$")) {
      return Mode.WHOLE;
    }
    return name.startsWith("java.util.stream.ForEachOps$ForEachOp$Of") ? effects(end) : Mode.REPLAY;
  }

  /** A consumer that is the JDK's does to others what no analysis sees, and little of it. */
  private static Mode effects(Object end) {
    for (FieldSlot s : Layout.of(end.getClass()).slots) {
      if (s.field().getName().equals("ordered") && s.getBits(end) != 0) {
        return Mode.REPLAY;
      }
      Object value = s.isReference() ? s.getReference(end) : null;
      if (value != null && isOfJdk(code(value))) {
        return Mode.REPLAY;
      }
    }
    return Mode.EFFECTS;
  }

  private static @Nullable Object next(Object sink) {
    if (!IS_STAGE.get(sink.getClass())) {
      return null;
    }
    Object next = null;
    for (FieldSlot s : Layout.of(sink.getClass()).slots) {
      Object value = s.isReference() ? s.getReference(sink) : null;
      if (value != null && Sinks.isSink(value) && value != sink) {
        if (next != null && next != value) {
          return null;
        }
        next = value;
      }
    }
    return next;
  }

  /** Returns how a sink travels, or {@code null} if its shape is not known. */
  private static @Nullable Stage stage(Object sink) {
    Object next = next(sink);
    if (next == null) {
      return null;
    }
    Layout layout = Layout.of(sink.getClass());
    byte[] codes = new byte[layout.slots.length];
    @Nullable Object[] ghosts = new Object[layout.slots.length];
    for (int i = 0; i < codes.length; i++) {
      FieldSlot s = layout.slots[i];
      Object value = s.isReference() ? s.getReference(sink) : null;
      if (value == null) {
        codes[i] = Layout.VALUE;
      } else if (value == next || isCallOf(next, value)) {
        if (!takes(s.type(), next)) {
          return null;
        }
        codes[i] = Layout.NEXT;
      } else if (Sinks.isPipeline(value)) {
        ghosts[i] = ghost(value);
        codes[i] = Layout.GHOST;
      } else {
        codes[i] = Layout.VALUE;
      }
    }
    return new Stage(sink, layout, codes, ghosts);
  }

  /** Returns whether a field may hold whatever sink takes the place of the next one. */
  private static boolean takes(Class<?> field, Object next) {
    return !field.getName().startsWith("java.util.function.")
        || field.isAssignableFrom(Sinks.shape(next).consumer());
  }

  /** Returns whether a value is {@code next::accept}. */
  private static boolean isCallOf(Object next, Object value) {
    if (!value.getClass().isHidden() || value.getClass().getClassLoader() != null) {
      return false;
    }
    List<FieldSlot> captured = ClassPlan.of(value.getClass()).slots();
    return captured.size() == 1
        && captured.get(0).isReference()
        && captured.get(0).getReference(value) == next;
  }

  private static @Nullable Object @Nullable [] ghost(Object stage) {
    if (!Layout.isOfStreams(stage.getClass())) {
      return null;
    }
    Layout layout = Layout.of(stage.getClass());
    byte[] codes = new byte[layout.slots.length];
    @Nullable Object[] values = new Object[layout.slots.length];
    for (int i = 0; i < codes.length; i++) {
      FieldSlot s = layout.slots[i];
      Object value = Layout.get(s, stage);
      if (s.isReference() && (Sinks.isStageBase(s.declaringClass()) || Sinks.isPipeline(value))) {
        codes[i] = Layout.LEFT;
      } else {
        values[i] = value;
      }
    }
    return layout.image(codes, values);
  }

  /** Returns the first sink. */
  public Object head() {
    return head;
  }

  /** Returns the sink that is none of a stage. */
  public Object end() {
    return end;
  }

  /** Returns how the leaf may travel at best. */
  public Mode mode() {
    return mode;
  }

  /** Returns whether the leaf has stages, without which nothing is gained by a REPLAY. */
  public boolean hasStages() {
    return !stages.isEmpty();
  }

  /** Returns whether stages count elements, so that parts of the leaf depend on those before. */
  public boolean carries() {
    return carries;
  }

  /** Returns what the first sink takes. */
  public Shape inShape() {
    return inShape;
  }

  /** Returns what the end takes. */
  public Shape outShape() {
    return outShape;
  }

  /** Makes the images of the sinks that travel, the end's the last. */
  @Nullable Object[] images(Mode as) {
    int n = stages.size();
    @Nullable Object[] images = new Object[n + (as == Mode.REPLAY ? 0 : 1)];
    for (int i = 0; i < n; i++) {
      Stage s = stages.get(i);
      @Nullable Object[] values = new Object[s.codes.length];
      for (int j = 0; j < values.length; j++) {
        switch (s.codes[j]) {
          case Layout.VALUE -> values[j] = Layout.get(s.layout.slots[j], s.sink);
          case Layout.GHOST -> values[j] = s.ghosts[j];
          default -> {}
        }
      }
      images[i] = s.layout.image(s.codes, values);
    }
    if (as != Mode.REPLAY) {
      Layout layout = Layout.of(end.getClass());
      // What a reduction has so far is not the part's, which begins with one of its own.
      boolean anew = Sinks.accumulates(end);
      byte[] codes = endCodes.clone();
      @Nullable Object[] values = new Object[codes.length];
      for (int j = 0; j < codes.length; j++) {
        if (anew && !layout.slots[j].isFinal()) {
          codes[j] = Layout.LEFT;
        } else {
          values[j] = Layout.get(layout.slots[j], end);
        }
      }
      images[n] = layout.image(codes, values);
    }
    return images;
  }

  /** Gives the stages the state that they came back with. */
  public void restoreStages(@Nullable Object[] states) {
    for (int i = 0; i < stages.size(); i++) {
      Stage s = stages.get(i);
      Layout.restore(s.codes, s.sink, (@Nullable Object[]) Objects.requireNonNull(states[i]));
    }
  }

  /**
   * Adds the state of an end that came back.
   *
   * @param first whether the end is as it was when the leaf began
   */
  public void restoreEnd(@Nullable Object[] state, boolean first) {
    if (first || !Sinks.accumulates(end)) {
      Layout.restore(endCodes, end, state);
      return;
    }
    Layout layout = Layout.of(end.getClass());
    Object later = Memory.allocate(layout.type);
    for (FieldSlot s : layout.slots) {
      s.copy(end, later);
    }
    Layout.restore(endCodes, later, state);
    Sinks.combine(end, later);
  }

  /* ---------------- What the leaf is made of ---------------- */

  /**
   * Returns the classes of the sinks and of the functions that they hold, which say what leaf of
   * which program this is.
   */
  public List<Class<?>> classes() {
    List<Class<?>> all = new ArrayList<>();
    for (Stage s : stages) {
      all.add(s.layout.type);
      for (int i = 0; i < s.codes.length; i++) {
        Object value =
            s.layout.slots[i].isReference() ? s.layout.slots[i].getReference(s.sink) : null;
        if (value == null) {
          continue;
        }
        if (s.codes[i] == Layout.GHOST) {
          functions(value, all);
        } else if (s.codes[i] == Layout.VALUE) {
          function(value, all);
        }
      }
    }
    all.add(end.getClass());
    if (mode != Mode.REPLAY) {
      functions(end, all);
    }
    return all;
  }

  private static void functions(Object holder, List<Class<?>> all) {
    for (FieldSlot s : Layout.of(holder.getClass()).slots) {
      if (s.isReference() && s.isFinal() && !Sinks.isStageBase(s.declaringClass())) {
        Object value = s.getReference(holder);
        if (value != null && !Sinks.isPipeline(value)) {
          function(value, all);
        }
      }
    }
  }

  private static void function(Object value, List<Class<?>> all) {
    if (all.size() > MOST_CLASSES) {
      return;
    }
    all.add(value.getClass());
    if (value.getClass().isHidden()) {
      for (FieldSlot s : ClassPlan.of(value.getClass()).slots()) {
        Object captured = s.isReference() ? s.getReference(value) : null;
        if (captured != null && captured.getClass().isHidden()) {
          function(captured, all);
        }
      }
    }
  }

  /** Returns the class whose code a function is. */
  static Class<?> code(Object function) {
    return code(function.getClass());
  }

  /** Returns the class whose code the functions of a class are. */
  public static Class<?> code(Class<?> type) {
    if (!type.isHidden()) {
      return type;
    }
    LambdaShape shape = ClassPlan.of(type).shape();
    return shape == null ? type : shape.isBody() ? shape.host() : shape.owner();
  }

  /** Returns whether a class is the JDK's own. */
  public static boolean isOfJdk(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    return loader == null || loader == ClassLoader.getPlatformClassLoader();
  }
}
