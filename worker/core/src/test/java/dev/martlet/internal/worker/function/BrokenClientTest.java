package dev.martlet.internal.worker.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.WorkerLostException.Reason;
import dev.martlet.contract.MemoryStore;
import dev.martlet.internal.worker.process.EchoHost;
import dev.martlet.internal.worker.process.Probe;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.Platform;
import dev.martlet.spi.Platform.Attachment;
import dev.martlet.spi.Platform.InvocationListener;
import dev.martlet.spi.Store;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client that has no memory for a moment, whatever it is about to do then. */
@Timeout(300)
class BrokenClientTest {
  private final MemoryStore store = new MemoryStore();
  private final MemoryFunctions functions =
      new MemoryFunctions(store, Weather.fine(), Clouds.LONGEST_RUN, Integer.MAX_VALUE);

  /** How many things there are to be done yet before there is no memory for one. */
  private final AtomicInteger left = new AtomicInteger();

  @AfterEach
  void close() {
    functions.close();
  }

  private static OutOfMemoryError none() {
    return new OutOfMemoryError("on purpose");
  }

  private boolean fails() {
    return left.decrementAndGet() == 0;
  }

  /** Does what another one does, but for what there is no memory for. */
  private <T> T breaking(Class<T> type, T of, boolean atOnce) {
    InvocationHandler handler =
        (proxy, method, args) -> {
          if (method.getName().equals("close")) {
            return null;
          }
          if (method.getReturnType() == CompletableFuture.class && fails()) {
            if (atOnce) {
              throw none();
            }
            return CompletableFuture.failedFuture(none());
          }
          try {
            return method.invoke(of, args);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** Hears how a call ends. */
  private static final class Ended implements InvocationListener {
    final CompletableFuture<Object> end = new CompletableFuture<>();

    @Override
    public void sent(String instance, boolean cold) {}

    @Override
    public void received(ByteBuffer message) {}

    @Override
    public void completed(ByteBuffer response) {
      end.complete(response);
    }

    @Override
    public void failed(Throwable cause) {
      end.complete(cause);
    }

    @Override
    public void lost(Reason reason, String detail, boolean begun) {
      end.complete(reason);
    }
  }

  private Ended invoke(Platform p, int slot, ByteBuffer... payload) {
    Ended ended = new Ended();
    Platform.Invocation unused = p.invoke(slot, List.of(payload), ended);
    return ended;
  }

  private static ByteBuffer noise() {
    byte[] b = new byte[300_000];
    new Random(1).nextBytes(b);
    return ByteBuffer.wrap(b);
  }

  /** Has calls of all kinds run while something fails; returns how they ended. */
  private List<Object> round(Map<String, Object> settings, boolean atOnce, int failing)
      throws Exception {
    List<Object> ends = new ArrayList<>();
    left.set(failing);
    try (Platform p =
        Clouds.open(
            breaking(FunctionClient.class, functions, atOnce),
            breaking(Store.class, store, atOnce),
            settings,
            Duration.ofSeconds(1),
            Duration.ofSeconds(20),
            q -> {
              if (fails()) {
                throw none();
              }
              return q;
            })) {
      List<Ended> all = new ArrayList<>();
      all.add(invoke(p, 0, Probe.payload(EchoHost.ECHO, (byte) 1)));
      all.add(invoke(p, 1, Probe.payload(EchoHost.ECHO), noise()));
      all.add(invoke(p, 2, Probe.number(EchoHost.MAKE_NOISE, 300_000)));
      ByteBuffer work = ByteBuffer.allocate(13).put(EchoHost.WORK).putInt(3).putInt(1).putInt(7);
      all.add(invoke(p, 3, work.flip()));
      Ended attached = new Ended();
      Attachment a =
          new Attachment(
              "a",
              1,
              () -> {
                if (fails()) {
                  throw none();
                }
                return List.of(ByteBuffer.allocate(1));
              });
      Platform.Invocation unused =
          p.invoke(4, List.of(Probe.payload(EchoHost.ATTACHED, (byte) 'a')), List.of(a), attached);
      all.add(attached);
      for (Ended e : all) {
        ends.add(e.end.get(60, TimeUnit.SECONDS));
      }
      // The slots are free again.
      for (int slot = 0; slot < all.size(); slot++) {
        Ended next = invoke(p, slot, Probe.payload(EchoHost.ECHO, (byte) 2));
        assertThat(next.end.get(60, TimeUnit.SECONDS)).isNotNull();
      }
    }
    return ends;
  }

  @ParameterizedTest
  @CsvSource({"response, true", "response, false", "event, true", "event, false"})
  @DisplayName("whatever there is no memory for, all calls end, and their slots are free then")
  void noMemory(String mode, boolean atOnce) throws Exception {
    Map<String, Object> settings = Map.of("mode", mode, "invokers", "never");
    int failed = 0;
    int n = 0;
    do {
      n++;
      for (Object end : round(settings, atOnce, n)) {
        if (end instanceof OutOfMemoryError e) {
          failed++;
          assertThat(e).hasMessageContaining("no memory for").hasCauseInstanceOf(Error.class);
        }
      }
    } while (left.get() <= 0 && n < 40);
    assertThat(failed).isGreaterThan(2);
  }
}
