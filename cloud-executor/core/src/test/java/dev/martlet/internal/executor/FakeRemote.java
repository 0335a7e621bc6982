package dev.martlet.internal.executor;

import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.dispatch.Remote;
import dev.martlet.internal.dispatch.RemoteCall;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs calls on threads of its own after a random delay. Some it refuses, some it drops on the way,
 * some it sends twice. A call whose function is {@link Tiny} may be fed ahead and may complete
 * before {@code send} returns.
 */
class FakeRemote implements Remote {
  /** A function that shares nothing and is short. */
  interface Tiny {}

  private final ClassLoader loader = Thread.currentThread().getContextClassLoader();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          r -> {
            Thread t = new Thread(r, "fake");
            t.setContextClassLoader(loader);
            return t;
          });
  private final Map<RemoteCall, Attempt> attempts = new ConcurrentHashMap<>();
  final AtomicInteger ran = new AtomicInteger();
  volatile boolean closed;

  private static final class Attempt {
    private Thread thread;
    private boolean interrupted;

    synchronized void begin() {
      thread = Thread.currentThread();
      if (interrupted) {
        thread.interrupt();
      }
    }

    synchronized void end() {
      thread = null;
      Thread.interrupted();
    }

    synchronized void interrupt() {
      interrupted = true;
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  @Override
  public String send(RemoteCall call) {
    boolean tiny = call.body().function() instanceof Tiny;
    switch (ThreadLocalRandom.current().nextInt(8)) {
      case 0 -> {
        return "refused by the fake";
      }
      case 1 -> {
        call.goHome("dropped by the fake before it was sent");
        return null;
      }
      case 2 -> {
        if (tiny) {
          run(call);
          return null;
        }
      }
      default -> {}
    }
    attempts.put(call, new Attempt());
    call.sent("fake-1", false, 10);
    threads.execute(
        () -> {
          ThreadLocalRandom random = ThreadLocalRandom.current();
          if (random.nextBoolean()) {
            LockSupport.parkNanos(random.nextInt(500_000));
          }
          if (random.nextInt(6) == 0) {
            attempts.remove(call);
            call.goHome("dropped by the fake");
          } else {
            if (random.nextInt(4) == 0) {
              call.sent("fake-2", true, 10);
            }
            run(call);
          }
        });
    return null;
  }

  private void run(RemoteCall call) {
    Attempt attempt = attempts.getOrDefault(call, new Attempt());
    Object value = null;
    Throwable failure = null;
    ran.incrementAndGet();
    attempt.begin();
    long start = System.nanoTime();
    try {
      value = CloudPool.within(call, call.body()::invoke);
    } catch (Throwable e) {
      failure = e;
    }
    attempt.end();
    attempts.remove(call);
    if (failure != null) {
      call.failed(failure, System.nanoTime() - start, 20);
    } else {
      call.completed(value, System.nanoTime() - start, 20);
    }
    call.failed(new IllegalStateException("late"), 0, 0);
  }

  @Override
  public int ahead(RemoteCall call) {
    return call.body().function() instanceof Tiny ? 3 : 0;
  }

  @Override
  public void check(Body body) {}

  @Override
  public void interrupt(RemoteCall call) {
    Attempt attempt = attempts.get(call);
    if (attempt != null) {
      attempt.interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    threads.shutdown();
  }
}
