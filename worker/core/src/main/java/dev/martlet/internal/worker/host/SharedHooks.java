package dev.martlet.internal.worker.host;

import dev.martlet.internal.worker.weave.AttemptDropped;
import dev.martlet.internal.worker.weave.CallHooks;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import org.jspecify.annotations.Nullable;

/** The hooks of a realm in which several calls run: each thread's own call judges. */
final class SharedHooks implements CallHooks {
  private static CallRun run() {
    CallRun run = CallRun.ofThread();
    if (run == null || !run.isShared()) {
      throw new AttemptDropped("runs on a thread that is not known");
    }
    return run;
  }

  @Override
  public void monitor(Object o) {
    run().monitor(o);
  }

  @Override
  public boolean operation(
      Object receiver,
      String owner,
      String name,
      String descriptor,
      boolean dropped,
      Object[] arguments) {
    return run().operation(receiver, owner, name, descriptor, dropped, arguments);
  }

  @Override
  public void task(ForkJoinTask<?> task, String method) {
    run().task(task, method);
  }

  @Override
  public boolean completesRoot(CountedCompleter<?> task) {
    return run().completesRoot(task);
  }

  @Override
  public void reads(Object argument) {
    run().reads(argument);
  }

  @Override
  public void volatileRead(Object o, String field) {
    run().volatileRead(o, field);
  }

  @Override
  public boolean volatileWrite(Object o, Class<?> declaring, String field, @Nullable Object value) {
    return run().volatileWrite(o, declaring, field, value);
  }

  @Override
  public void nullField(Object o, String owner, String field) {
    run().nullField(o, owner, field);
  }

  @Override
  public void readsAll(Object o) {
    run().readsAll(o);
  }

  @Override
  public void properties() {
    run().properties();
  }

  @Override
  public void staticField(Class<?> declaring, int index, boolean write) {
    run().staticField(declaring, index, write);
  }

  @Override
  public void initialise(Class<?> type) {
    run().initialise(type);
  }

  @Override
  public void enumConstants(Object of) {
    run().enumConstants(of);
  }

  @Override
  public void external(String what) {
    run().external(what);
  }

  @Override
  public void homeOnly(String what) {
    run().homeOnly(what);
  }

  @Override
  public void surroundings(String what) {
    run().surroundings(what);
  }

  @Override
  public void reflect(@Nullable Object accessor, @Nullable Object target) {
    run().reflect(accessor, target);
  }

  @Override
  public void startThread(Thread thread) {
    run().startThread(thread);
  }

  @Override
  public void started(Object what) {
    run().started(what);
  }

  @Override
  public ForkJoinPool commonPool() {
    return run().commonPool();
  }

  @Override
  public Executor delayed(Executor executor) {
    return run().delayed(executor);
  }

  @Override
  public void touches(Object o) {
    run().touches(o);
  }

  @Override
  public void pause() {
    run().pause();
  }

  @Override
  public void identity(Object o) {
    run().identity(o);
  }

  @Override
  public ClassLoader systemLoader() {
    return run().systemLoader();
  }

  @Override
  public Object logger(String name, boolean slf4j, Class<?> caller) {
    return run().logger(name, slf4j, caller);
  }

  @Override
  public void exit(int status) {
    run().exit(status);
  }
}
