package dev.martlet.internal.subtree;

import dev.martlet.internal.agent.Trusted;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ForkJoinTask;
import org.jspecify.annotations.Nullable;

/** What only the JDK knows of a fork/join task: how it has ended, past its own methods. */
public final class TaskState {
  private static final MethodHandle AUX;
  private static final MethodHandle FAILURE;
  private static final MethodHandle SET_THROWN;
  private static final MethodHandle SET_CANCELLED;

  /** The descriptor of the method by which a task is made to have thrown, and no more. */
  public static final String SET_THROWN_DESCRIPTOR;

  static {
    MethodHandles.Lookup lookup = Trusted.lookup();
    try {
      Class<?> aux = Class.forName("java.util.concurrent.ForkJoinTask$Aux");
      AUX =
          lookup
              .findGetter(ForkJoinTask.class, "aux", aux)
              .asType(MethodType.methodType(Object.class, ForkJoinTask.class));
      FAILURE =
          lookup
              .findGetter(aux, "ex", Throwable.class)
              .asType(MethodType.methodType(Throwable.class, Object.class));
      MethodHandle thrown =
          lookup.unreflect(ForkJoinTask.class.getDeclaredMethod("trySetThrown", Throwable.class));
      SET_THROWN_DESCRIPTOR = thrown.type().dropParameterTypes(0, 1).toMethodDescriptorString();
      SET_THROWN =
          thrown.asType(MethodType.methodType(void.class, ForkJoinTask.class, Throwable.class));
      SET_CANCELLED =
          lookup
              .unreflect(ForkJoinTask.class.getDeclaredMethod("trySetCancelled"))
              .asType(MethodType.methodType(void.class, ForkJoinTask.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private TaskState() {}

  /** Returns what a task has thrown, as it was thrown, or null if it has thrown nothing. */
  public static @Nullable Throwable thrown(ForkJoinTask<?> task) {
    if (!task.isCompletedAbnormally()) {
      return null;
    }
    try {
      Object aux = (Object) AUX.invokeExact(task);
      return aux == null ? null : (Throwable) FAILURE.invokeExact(aux);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Has a task ended by an exception, if it has not ended, and tells nobody but who joins it. */
  public static void setThrown(ForkJoinTask<?> task, Throwable thrown) {
    try {
      SET_THROWN.invokeExact(task, thrown);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Has a task cancelled, if it has not ended, past what overrides that. */
  public static void setCancelled(ForkJoinTask<?> task) {
    try {
      SET_CANCELLED.invokeExact(task);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
