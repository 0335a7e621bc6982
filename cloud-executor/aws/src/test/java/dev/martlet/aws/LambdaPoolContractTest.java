package dev.martlet.aws;

import dev.martlet.CloudExecutors;
import dev.martlet.contract.ExecutorContractTest;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.extension.ExtendWith;

/** The contract of the JDK's pools, with workers that are functions. */
@ExtendWith(LambdaHere.class)
class LambdaPoolContractTest extends ExecutorContractTest {
  @Override
  protected ExecutorService newPool(int parallelism) {
    return CloudExecutors.newCloudPool(parallelism);
  }
}
