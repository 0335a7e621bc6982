package dev.martlet.pool;

import dev.martlet.CloudExecutors;
import dev.martlet.contract.ExecutorContractTest;
import java.util.concurrent.ExecutorService;

/** The contract of the JDK's pools, with workers that are other processes. */
class LocalPoolContractTest extends ExecutorContractTest {
  @Override
  protected ExecutorService newPool(int parallelism) {
    return CloudExecutors.newCloudPool(parallelism);
  }
}
