package dev.martlet.internal.executor;

import dev.martlet.internal.dispatch.Remote;

/** The contract, with a remote that is late, changes its mind, and answers at any moment. */
class AwayPoolContractTest extends CloudPoolContract {
  @Override
  protected Remote remote() {
    return new FakeRemote();
  }
}
