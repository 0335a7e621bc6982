package dev.martlet.internal.worker.host;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FlushTimerTest {
  @Test
  @DisplayName("what is scheduled runs; what is scheduled after the end is refused")
  void ends() throws Exception {
    FlushTimer used = new FlushTimer();
    CountDownLatch ran = new CountDownLatch(2);
    used.schedule(ran::countDown, 1);
    used.schedule(ran::countDown, 1);
    ran.await();
    FlushTimer unused = new FlushTimer();
    for (FlushTimer t : new FlushTimer[] {used, unused}) {
      t.close();
      assertThatThrownBy(() -> t.schedule(ran::countDown, 1))
          .isInstanceOf(RejectedExecutionException.class);
    }
  }
}
