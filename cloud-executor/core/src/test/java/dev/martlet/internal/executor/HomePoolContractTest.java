package dev.martlet.internal.executor;

import dev.martlet.internal.dispatch.Remote;

/** The contract, with every task at home. */
class HomePoolContractTest extends CloudPoolContract {
  @Override
  protected Remote remote() {
    return new StayHome("for the test");
  }
}
