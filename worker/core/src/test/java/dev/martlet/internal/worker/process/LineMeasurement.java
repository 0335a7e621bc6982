package dev.martlet.internal.worker.process;

import dev.martlet.WorkerLostException.Reason;
import dev.martlet.spi.Platform;
import dev.martlet.spi.ReadLeader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Measures lines next to a raw echo over a Unix-domain socket between two JVMs. */
public final class LineMeasurement {
  private static final int ROUNDS = 100_000;

  private LineMeasurement() {}

  /** Runs all, or the echo's other end. */
  public static void main(String[] args) throws Exception {
    if (args.length > 0) {
      echo(Path.of(args[0]));
      return;
    }
    for (int i = 0; i < 2; i++) {
      raw();
      lines();
    }
  }

  private static void echo(Path path) throws IOException {
    try (SocketChannel c = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      ByteBuffer b = ByteBuffer.allocateDirect(1 << 17);
      while (c.read(b.clear()) > 0) {
        b.flip();
        while (b.hasRemaining()) {
          c.write(b);
        }
      }
    }
  }

  private static void raw() throws Exception {
    Path path = Files.createTempDirectory("raw").resolve("s");
    try (ServerSocketChannel s = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      s.bind(UnixDomainSocketAddress.of(path));
      Process p =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  LineMeasurement.class.getName(),
                  path.toString())
              .inheritIO()
              .start();
      try (SocketChannel c = s.accept()) {
        ByteBuffer b = ByteBuffer.allocateDirect(64);
        long[] nanos = new long[ROUNDS];
        for (int i = -ROUNDS / 2; i < ROUNDS; i++) {
          long t = System.nanoTime();
          b.clear().limit(32);
          c.write(b);
          b.clear().limit(32);
          while (b.hasRemaining()) {
            c.read(b);
          }
          if (i >= 0) {
            nanos[i] = System.nanoTime() - t;
          }
        }
        print("raw echo", nanos);
        ByteBuffer big = ByteBuffer.allocateDirect(1 << 20);
        long t = System.nanoTime();
        for (int i = 0; i < 100; i++) {
          ByteBuffer out = big.duplicate().clear();
          int got = 0;
          byte[] fresh = new byte[1 << 20];
          ByteBuffer in = ByteBuffer.allocateDirect(1 << 17);
          while (got < fresh.length) {
            out.limit(Math.min(out.position() + (1 << 16), 1 << 20));
            int from = out.position();
            while (out.hasRemaining()) {
              c.write(out);
            }
            int want = out.position() - from;
            while (want > 0) {
              in.clear().limit(Math.min(want, in.capacity()));
              int n = c.read(in);
              in.flip().get(fresh, got, n);
              got += n;
              want -= n;
            }
          }
        }
        System.out.printf("raw 1 MB there and back   %8.0f us%n", (System.nanoTime() - t) / 1e5);
      }
      p.waitFor();
      Files.delete(path);
      Files.delete(path.getParent());
    }
  }

  private static void lines() throws Exception {
    try (Platform platform = Probe.open(1)) {
      Probe.invoke(platform, 0, Probe.payload(EchoHost.ECHO)).response();
      roundTrips(platform, true);
      roundTrips(platform, false);
      for (int i = 0; i < 6; i++) {
        rate(platform, 500_000);
      }
      megabytes(platform);
    }
  }

  private static final class Waiter implements Platform.InvocationListener {
    final Thread thread = Thread.currentThread();
    volatile boolean isDone;

    @Override
    public void sent(String instance, boolean cold) {}

    @Override
    public void received(ByteBuffer message) {}

    @Override
    public void completed(ByteBuffer response) {
      isDone = true;
      if (Thread.currentThread() != thread) {
        LockSupport.unpark(thread);
      }
    }

    @Override
    public void lost(Reason reason, String detail, boolean begun) {
      throw new AssertionError(reason + detail);
    }
  }

  private static void roundTrips(Platform platform, boolean lead) {
    long[] nanos = new long[ROUNDS];
    ByteBuffer payload = ByteBuffer.allocate(15);
    for (int i = -ROUNDS / 2; i < ROUNDS; i++) {
      long t = System.nanoTime();
      Waiter w = new Waiter();
      platform.invoke(0, List.of(payload.clear()), w);
      if (lead) {
        while (!((ReadLeader) platform).help(1_000_000_000L, () -> w.isDone)) {
          Thread.onSpinWait();
        }
      } else {
        while (!w.isDone) {
          LockSupport.park();
        }
      }
      if (i >= 0) {
        nanos[i] = System.nanoTime() - t;
      }
    }
    print(lead ? "line, leading" : "line, custodian", nanos);
  }

  private static void rate(Platform platform, int n) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    AtomicInteger left = new AtomicInteger(n);
    Platform.InvocationListener counter =
        new Platform.InvocationListener() {
          @Override
          public void sent(String instance, boolean cold) {}

          @Override
          public void received(ByteBuffer message) {}

          @Override
          public void completed(ByteBuffer response) {
            if (left.decrementAndGet() == 0) {
              done.countDown();
            }
          }

          @Override
          public void lost(Reason reason, String detail, boolean begun) {
            throw new AssertionError(reason + detail);
          }
        };
    ByteBuffer payload = ByteBuffer.allocate(15);
    List<ByteBuffer> list = List.of(payload);
    long t = System.nanoTime();
    for (int i = 0; i < n; i++) {
      payload.clear();
      platform.invoke(0, list, counter);
    }
    long submitted = System.nanoTime() - t;
    done.await();
    long all = System.nanoTime() - t;
    System.out.printf(
        "%,d calls: %.2f M/s there and back, submit %d ns%n", n, n * 1e3 / all, submitted / n);
  }

  private static void megabytes(Platform platform) {
    byte[] a = new byte[1 << 20];
    for (int round = 0; round < 3; round++) {
      long t = System.nanoTime();
      for (int i = 0; i < 100; i++) {
        Waiter w = new Waiter();
        platform.invoke(
            0, List.of(ByteBuffer.wrap(new byte[] {EchoHost.ECHO}), ByteBuffer.wrap(a)), w);
        while (!((ReadLeader) platform).help(1_000_000_000L, () -> w.isDone)) {
          Thread.onSpinWait();
        }
      }
      System.out.printf("line 1 MB there and back  %8.0f us%n", (System.nanoTime() - t) / 1e5);
    }
  }

  private static void print(String what, long[] nanos) {
    Arrays.sort(nanos);
    System.out.printf(
        "%-24s p50 %7.1f us   p99 %7.1f us%n",
        what, nanos[nanos.length / 2] / 1e3, nanos[nanos.length * 99 / 100] / 1e3);
  }
}
