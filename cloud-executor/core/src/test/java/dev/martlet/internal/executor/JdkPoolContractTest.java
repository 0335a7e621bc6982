package dev.martlet.internal.executor;

import dev.martlet.contract.ExecutorContractTest;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * The contract's tests hold for the JDK's own pool, once its threads have started: a task that is
 * queued while shutdown makes the first ones fail to start stays in the queue for ever.
 */
class JdkPoolContractTest extends ExecutorContractTest {
  @Override
  protected ExecutorService newPool(int parallelism) {
    ThreadPoolExecutor pool = (ThreadPoolExecutor) Executors.newFixedThreadPool(parallelism);
    pool.prestartAllCoreThreads();
    return pool;
  }
}
