package dev.martlet.internal.worker.weave;

import dev.martlet.internal.agent.Trusted;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Stack traces as user code would see them at home: without bridges, and without the worker. */
public final class Frames {
  private static final String INTERNAL = "dev.martlet.internal.";
  private static final Set<String> HOSTS =
      Set.of(
          INTERNAL + "worker.host.CallHost",
          INTERNAL + "worker.host.LightCalls",
          INTERNAL + "worker.host.Subtree$Computation");
  private static final byte BUILT_IN_LOADER = 1;
  private static final VarHandle FORMAT = format();

  private Frames() {}

  private static VarHandle format() {
    try {
      return Trusted.lookup().findVarHandle(StackTraceElement.class, "format", byte.class);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Cleans the traces of an exception, its causes and what it has suppressed. */
  public static void clean(@Nullable Throwable thrown) {
    if (thrown != null) {
      clean(thrown, Collections.newSetFromMap(new IdentityHashMap<>()));
    }
  }

  private static void clean(Throwable thrown, Set<Throwable> seen) {
    for (Throwable t = thrown; t != null && seen.add(t); t = t.getCause()) {
      StackTraceElement[] frames = t.getStackTrace();
      StackTraceElement[] cleaned = clean(frames);
      if (cleaned.length < frames.length) {
        if (t instanceof NullPointerException) {
          String unused = t.getMessage(); // which is computed from the frames
        }
        t.setStackTrace(cleaned);
      }
      for (Throwable s : t.getSuppressed()) {
        clean(s, seen);
      }
    }
  }

  /** Returns the frames of a trace that are left at home. */
  public static StackTraceElement[] clean(StackTraceElement[] frames) {
    List<StackTraceElement> cleaned = new ArrayList<>();
    for (StackTraceElement f : frames) {
      if (HOSTS.contains(f.getClassName())) {
        break;
      }
      if (isShown(f.getClassName(), f.getMethodName())) {
        if ("app".equals(f.getClassLoaderName())) {
          FORMAT.set(f, (byte) ((byte) FORMAT.get(f) | BUILT_IN_LOADER));
        }
        cleaned.add(f);
      }
    }
    return cleaned.size() == frames.length ? frames : cleaned.toArray(new StackTraceElement[0]);
  }

  /** Walks the current stack as {@link StackWalker#walk} does. */
  public static <T> T walk(
      StackWalker walker, Function<? super Stream<StackWalker.StackFrame>, T> f) {
    return walker.walk(
        frames ->
            f.apply(
                frames
                    .takeWhile(s -> !HOSTS.contains(s.getClassName()))
                    .filter(s -> isShown(s.getClassName(), s.getMethodName()))));
  }

  /** Looks at the current stack as {@link StackWalker#forEach} does. */
  public static void forEach(StackWalker walker, Consumer<? super StackWalker.StackFrame> action) {
    Object unused =
        walk(
            walker,
            frames -> {
              frames.forEach(action);
              return action;
            });
  }

  private static boolean isShown(String className, String method) {
    return !className.startsWith(INTERNAL) && !method.startsWith(WovenMembers.PREFIX);
  }
}
