package dev.martlet.benchmarks;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.IExecutorService;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.spi.CloudExecutorProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The columns of the table. */
public enum Contender {
  /** {@link Executors#newFixedThreadPool(int)} in the client JVM. */
  JDK("JDK"),
  /** A raw socket to another JVM, wherever the kernel puts the two. */
  ECHO("echo"),
  /** A raw socket to another JVM, both on one core: no sleeping core has to be woken. */
  ECHO_PINNED("echo1"),
  /** Martlet's pool with its local workers. */
  MARTLET("Martlet"),
  /** {@link IExecutorService} on the other one of two members. */
  HAZELCAST("Hazelcast");

  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private final String title;

  Contender(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  boolean isPool() {
    return this != ECHO && this != ECHO_PINNED;
  }

  /** Tells whether what a task writes to an array comes home. */
  boolean sharesMemory() {
    return this == JDK || this == MARTLET;
  }

  /** Tells whether the figure has a meaning for this contender. */
  boolean has(Figure figure) {
    return switch (figure) {
      case SPIN, TINY_TASKS, MEMORY -> isPool();
      case SUM_RANGES, SORT_RANGES -> sharesMemory();
      case COLD_START -> this != ECHO_PINNED;
      default -> true;
    };
  }

  /** Returns what the client's JVM is started with. */
  List<String> jvmOptions() {
    return this == HAZELCAST ? HazelcastMember.jvmOptions() : List.of();
  }

  /** Tells whether this column can be filled on this machine. */
  boolean available() {
    return switch (this) {
      case ECHO_PINNED -> Processor.canPin();
      case MARTLET -> ServiceLoader.load(CloudExecutorProvider.class).findFirst().isPresent();
      default -> true;
    };
  }

  Peer open() throws IOException, InterruptedException {
    return switch (this) {
      case JDK -> jdk();
      case ECHO -> EchoPeer.open();
      case ECHO_PINNED -> {
        Processor.pin();
        yield EchoPeer.open();
      }
      case MARTLET -> martlet();
      case HAZELCAST -> hazelcast();
    };
  }

  private static Peer jdk() {
    ExecutorService pool = Executors.newFixedThreadPool(PROCESSORS);
    return new PoolPeer(pool::submit, new LambdaTasks(), pool::shutdownNow);
  }

  private static Peer martlet() {
    CloudExecutorService pool = CloudExecutors.newCloudPool(PROCESSORS);
    return new PoolPeer(
        pool::submit,
        new LambdaTasks(),
        () -> {
          long home = pool.statistics().home();
          pool.shutdownNow();
          if (home > 0) {
            throw new IOException(home + " calls ran at home, so the figure is not Martlet's");
          }
        });
  }

  private static Peer hazelcast() throws IOException, InterruptedException {
    int port = freePort();
    int otherPort = freePort();
    Process other = Jvm.of(HazelcastMember.jvmOptions(), HazelcastMember.class, otherPort).start();
    HazelcastInstance client = HazelcastMember.join(port, otherPort);
    while (client.getCluster().getMembers().size() < 2) {
      if (!other.isAlive()) {
        throw new IOException("the other member ended with " + other.exitValue());
      }
      Thread.sleep(1);
    }
    Member away =
        client.getCluster().getMembers().stream()
            .filter(member -> !member.localMember())
            .findFirst()
            .orElseThrow();
    IExecutorService executor = client.getExecutorService(HazelcastMember.EXECUTOR);
    return new PoolPeer(
        new PoolPeer.Submitter() {
          @Override
          public <T> Future<T> submit(Callable<T> task) {
            return executor.submitToMember(task, away);
          }
        },
        new SerializableTasks(),
        () -> {
          client.getLifecycleService().terminate();
          Jvm.stop(other);
        });
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
