package dev.martlet.internal.job;

import dev.martlet.internal.envelope.Vault;
import dev.martlet.spi.Store;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Objects of a store that are sealed with a job's key. Thread-safe; most methods block. */
final class Sealed {
  private static final int MOST_DELETED = 1000;

  private final Store store;
  private final Vault vault;

  Sealed(Store store, byte[] key) {
    this.store = store;
    this.vault = new Vault(key);
  }

  /** Reads an object that there is, without blocking. */
  CompletableFuture<ByteBuffer> get(String name) {
    return store
        .get(name)
        .thenApply(
            box -> {
              if (box == null) {
                throw new IllegalStateException("there is no " + name + ": was the job deleted?");
              }
              return vault.open(name, box);
            });
  }

  /** Reads an object; null if there is none. */
  @Nullable ByteBuffer find(String name) {
    ByteBuffer box = Stores.await(store.get(name));
    return box == null ? null : vault.open(name, box);
  }

  void put(String name, ByteBuffer plain) {
    Stores.await(write(name, plain));
  }

  /** Writes an object, without blocking. */
  CompletableFuture<Void> write(String name, ByteBuffer plain) {
    return write(name, List.of(plain));
  }

  /** Writes an object of several parts, without blocking. */
  CompletableFuture<Void> write(String name, List<ByteBuffer> plain) {
    return store.put(name, List.of(vault.seal(name, plain)));
  }

  boolean putIfAbsent(String name, ByteBuffer plain) {
    return Stores.await(store.putIfAbsent(name, List.of(vault.seal(name, List.of(plain)))));
  }

  /** Lists all objects whose names begin alike. */
  List<Store.Item> list(String prefix) {
    List<Store.Item> items = new ArrayList<>();
    String after = "";
    for (; ; ) {
      Store.Page page = Stores.await(store.list(prefix, after));
      items.addAll(page.items());
      if (!page.more() || page.items().isEmpty()) {
        return items;
      }
      after = page.items().get(page.items().size() - 1).key();
    }
  }

  void delete(List<String> names) {
    for (int from = 0; from < names.size(); from += MOST_DELETED) {
      int to = Math.min(names.size(), from + MOST_DELETED);
      Stores.await(store.delete(names.subList(from, to)));
    }
  }
}
