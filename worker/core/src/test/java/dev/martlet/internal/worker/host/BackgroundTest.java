package dev.martlet.internal.worker.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BackgroundTest {
  private final Background background = new Background();

  @Test
  @DisplayName("a realm whose common pool has come to rest serves the next call")
  void rested() throws Exception {
    CompletableFuture.runAsync(() -> {}, pool()).get();
    assertThat(background.awaitRest()).isNull();
    assertThat(background.isSpent()).isFalse();
  }

  @Test
  @DisplayName("a realm in whose common pool something runs is spent")
  void working() {
    CountDownLatch go = new CountDownLatch(1);
    pool()
        .execute(
            () -> {
              try {
                go.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    assertThat(background.isSpent()).isTrue();
    go.countDown();
    await().until(() -> !background.isSpent());
  }

  @Test
  @DisplayName(
      "a realm whose common pool was ended is spent, also when nothing runs there any more")
  void ended() {
    CommonPool pool = pool();
    background.interrupt();
    await().until(pool::isTerminated);
    assertThat(background.isSpent()).isTrue();
  }

  private CommonPool pool() {
    return background.pool(BackgroundTest.class.getClassLoader());
  }
}
