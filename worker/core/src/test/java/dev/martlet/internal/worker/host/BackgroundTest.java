package dev.martlet.internal.worker.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.TimeUnit;
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

  @Test
  @DisplayName("a thread of the pool of subtrees computes while it runs a task, not while it rests")
  void subtrees() throws Exception {
    SubtreePool pool =
        background.subtrees(
            () -> new SubtreePool("subtrees", 2, true, BackgroundTest.class.getClassLoader()));
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    ForkJoinTask<Boolean> task =
        pool.submit(
            () -> {
              begun.countDown();
              return go.await(1, TimeUnit.MINUTES);
            });
    begun.await();
    assertThat(pool.isComputing()).isTrue();
    assertThat(background.awaitRest()).isEqualTo("work in the fork/join pool");
    go.countDown();
    assertThat(task.get()).isTrue();
    assertThat(background.awaitRest()).isNull();
    assertThat(pool.isComputing()).isFalse();
    pool.discard();
  }

  private CommonPool pool() {
    return background.pool(BackgroundTest.class.getClassLoader());
  }
}
