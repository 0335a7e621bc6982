package dev.martlet.internal.worker.process;

import dev.martlet.Usage;
import dev.martlet.WorkerLostException.Reason;
import dev.martlet.spi.Platform;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.PlatformProvider;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** What tests of platforms use: a local platform of echo hosts, and a listener that remembers. */
public final class Probe {
  private static final Map<String, String> ENVIRONMENT =
      Map.of("MARTLET_INTERNAL_PROBE", "yes", "MARTLET_INTERNAL_HOST", EchoHost.class.getName());

  static final long LONG_DELAY_SECONDS = 30;

  private Probe() {}

  static Platform open(int workers) {
    return open(workers, Map.of(), List.of());
  }

  static Platform open(int workers, Map<String, Object> settings, List<String> options) {
    return open(workers, settings, options, "world", q -> q);
  }

  /** Opens with options that come behind the class path. */
  static Platform openLast(int workers, List<String> options) {
    return open(workers, Map.of(), List.of(), options, "world", q -> q);
  }

  static Platform open(
      int workers,
      Map<String, Object> settings,
      List<String> options,
      String world,
      UnaryOperator<ByteBuffer> questions) {
    return open(workers, settings, options, List.of(), world, questions);
  }

  private static Platform open(
      int workers,
      Map<String, Object> settings,
      List<String> options,
      List<String> last,
      String world,
      UnaryOperator<ByteBuffer> questions) {
    List<String> jvm = jvmOptions(options);
    jvm.addAll(last);
    PlatformConfig config =
        new PlatformConfig(
            settings,
            1024,
            workers,
            ENVIRONMENT,
            jvm,
            ByteBuffer.wrap(world.getBytes(StandardCharsets.UTF_8)),
            questions::apply);
    return provider().open(config);
  }

  /** Announces a platform with these options, as for {@link #open}. */
  static void expect(List<String> options) {
    provider().expect(Map.of(), ENVIRONMENT, jvmOptions(options));
  }

  private static List<String> jvmOptions(List<String> options) {
    List<String> jvm = new java.util.ArrayList<>(options);
    jvm.add("-cp");
    jvm.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    return jvm;
  }

  private static PlatformProvider provider() {
    return ServiceLoader.load(PlatformProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(p -> p.name().equals("local"))
        .findFirst()
        .orElseThrow();
  }

  public static ByteBuffer payload(byte op, byte... rest) {
    return ByteBuffer.allocate(1 + rest.length).put(op).put(rest).flip();
  }

  public static ByteBuffer number(byte op, int n) {
    return ByteBuffer.allocate(5).put(op).putInt(n).flip();
  }

  public static Heard invoke(Platform platform, int slot, ByteBuffer... payload) {
    Heard heard = new Heard();
    heard.invocation = platform.invoke(slot, List.of(payload), heard);
    return heard;
  }

  /** How an invocation got lost. */
  public static final class Lost extends RuntimeException {
    private static final long serialVersionUID = 1L;
    public final Reason reason;
    public final boolean begun;

    Lost(Reason reason, String detail, boolean begun) {
      super(reason + ": " + detail);
      this.reason = reason;
      this.begun = begun;
    }
  }

  /** A listener that remembers. */
  public static final class Heard implements Platform.InvocationListener {
    public final CompletableFuture<ByteBuffer> end = new CompletableFuture<>();
    public final CompletableFuture<String> sent = new CompletableFuture<>();
    public final List<ByteBuffer> messages = new CopyOnWriteArrayList<>();
    public final AtomicInteger ends = new AtomicInteger();
    public final AtomicInteger late = new AtomicInteger();
    final AtomicInteger sents = new AtomicInteger();
    public final List<Usage> usages = new CopyOnWriteArrayList<>();
    public final List<Duration> lefts = new CopyOnWriteArrayList<>();
    public volatile boolean cold;
    private volatile String ran;
    public Platform.Invocation invocation;

    @Override
    public void sent(String instance, boolean c) {
      cold = c;
      sents.incrementAndGet();
      sent.complete(instance);
    }

    @Override
    public void used(Usage part) {
      usages.add(part);
    }

    @Override
    public void nearsTimeLimit(Duration ran, Duration left, String limit) {
      lefts.add(left);
    }

    @Override
    public void ran(String instance, boolean c) {
      cold = c;
      ran = instance;
    }

    @Override
    public void received(ByteBuffer message) {
      if (ends.get() > 0) {
        late.incrementAndGet();
      }
      messages.add(message);
    }

    @Override
    public void completed(ByteBuffer response) {
      ends.incrementAndGet();
      end.complete(response);
    }

    @Override
    public void lost(Reason reason, String detail, boolean begun) {
      ends.incrementAndGet();
      end.completeExceptionally(new Lost(reason, detail, begun));
    }

    public ByteBuffer response() throws Exception {
      return end.get(LONG_DELAY_SECONDS, TimeUnit.SECONDS);
    }

    public byte[] bytes() throws Exception {
      ByteBuffer b = response();
      byte[] a = new byte[b.remaining()];
      b.get(a);
      return a;
    }

    public Lost lost() throws Exception {
      try {
        end.get(LONG_DELAY_SECONDS, TimeUnit.SECONDS);
      } catch (java.util.concurrent.ExecutionException e) {
        return (Lost) e.getCause();
      }
      throw new AssertionError("the invocation was completed");
    }

    String instance() throws Exception {
      return sent.get(LONG_DELAY_SECONDS, TimeUnit.SECONDS);
    }

    /** Returns the instance that has run the invocation. */
    public String ranOn() throws Exception {
      return ran == null ? instance() : ran;
    }

    ProcessHandle process() throws Exception {
      String name = instance();
      long pid = Long.parseLong(name.replaceAll(".*\\(pid (\\d+)\\)", "$1"));
      return ProcessHandle.of(pid).orElseThrow();
    }
  }
}
