package dev.martlet.contract;

import dev.martlet.spi.Store;

class MemoryStoreTest extends StoreContractTest {
  @Override
  protected Store newStore() {
    return new MemoryStore();
  }

  @Override
  protected int bigSize() {
    return 1_000_000;
  }
}
