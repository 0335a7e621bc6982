package dev.martlet.internal.executor;

import dev.martlet.contract.ExecutorContractTest;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The contract's tests hold for the JDK's own pool. */
class JdkPoolContractTest extends ExecutorContractTest {
  @Override
  protected ExecutorService newPool(int parallelism) {
    return Executors.newFixedThreadPool(parallelism);
  }
}
