package dev.martlet.internal.worker.weave;

import java.util.concurrent.CountedCompleter;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import org.jspecify.annotations.Nullable;

/**
 * Judges what woven code does, on behalf of the call that the current thread belongs to. A method
 * that finds that the attempt has to be dropped throws {@link AttemptDropped}.
 */
public interface CallHooks {
  /** See {@link Hooks#monitor}. */
  void monitor(Object o);

  /** See {@link Hooks#operation}. */
  boolean operation(
      Object receiver,
      String owner,
      String name,
      String descriptor,
      boolean dropped,
      Object[] arguments);

  /** See {@link Hooks#task}. */
  void task(ForkJoinTask<?> task, String method);

  /** See {@link Hooks#quietlyCompleteRoot}. */
  boolean completesRoot(CountedCompleter<?> task);

  /** See {@link Hooks#reads}. */
  void reads(Object argument);

  /** See {@link Hooks#readsAll}. */
  void readsAll(Object o);

  /** See {@link Hooks#touches}. */
  void touches(Object o);

  /** See {@link Hooks#volatileRead}. */
  void volatileRead(Object o, String field);

  /** See {@link Hooks#volatileWrite}. */
  boolean volatileWrite(Object o, Class<?> declaring, String field, @Nullable Object value);

  /** See {@link Hooks#nullField}. */
  void nullField(Object o, String owner, String field);

  /** See {@link Hooks#staticField}. */
  void staticField(Class<?> declaring, int index, boolean write);

  /** See {@link Hooks#initialise}. */
  void initialise(Class<?> type);

  /** See {@link Hooks#enumConstants(Object)}. */
  void enumConstants(Object of);

  /** See {@link Hooks#external}. */
  void external(String what);

  /** See {@link Hooks#homeOnly}. */
  void homeOnly(String what);

  /** See {@link Hooks#surroundings}. */
  void surroundings(String what);

  /** See {@link Hooks#reflect}. */
  void reflect(@Nullable Object accessor, @Nullable Object target);

  /** See {@link Hooks#startThread}. */
  void startThread(Thread thread);

  /** See {@link Hooks#started}. */
  void started(Object what);

  /** See {@link Hooks#commonPool}. */
  ForkJoinPool commonPool();

  /** See {@link Hooks#delayed}. */
  Executor delayed(Executor executor);

  /** See {@link Hooks#pause}. */
  void pause();

  /** See {@link Hooks#properties}. */
  void properties();

  /** See {@link Hooks#identity}. */
  void identity(Object o);

  /** See {@link Hooks#systemLoader}. */
  ClassLoader systemLoader();

  /** See {@link Hooks#logger}. */
  Object logger(String name, boolean slf4j, Class<?> caller);

  /** See {@link Hooks#exit}. */
  void exit(int status);
}
