package dev.martlet.benchmarks;

import com.hazelcast.config.Config;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.TcpIpConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** A member of a cluster of two; as a program, the one that runs the tasks. */
final class HazelcastMember {
  static final String EXECUTOR = "benchmark";

  private HazelcastMember() {}

  public static void main(String[] args) throws IOException {
    HazelcastInstance member = startFirst(Integer.parseInt(args[0]));
    System.in.transferTo(OutputStream.nullOutputStream());
    member.getLifecycleService().terminate();
    System.exit(0);
  }

  /**
   * What Hazelcast's manual recommends for JDK 9 and later, and a common pool: on two cores the JDK
   * has none, and Hazelcast would start a thread for each result, at a tenth of the rate.
   */
  static List<String> jvmOptions() {
    return List.of(
        "-Djava.util.concurrent.ForkJoinPool.common.parallelism="
            + Math.max(2, Runtime.getRuntime().availableProcessors()),
        "--add-modules=java.se",
        "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
        "--add-opens=java.base/java.lang=ALL-UNNAMED",
        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
        "--add-opens=java.management/sun.management=ALL-UNNAMED",
        "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED");
  }

  /** Starts the member that makes the cluster, without waiting for others to vote. */
  private static HazelcastInstance startFirst(int port) {
    return start(port, new TcpIpConfig().addMember("127.0.0.1:" + port));
  }

  /** Starts the member that joins the other one, as soon as that one is up. */
  static HazelcastInstance join(int port, int firstPort) {
    return start(port, new TcpIpConfig().setRequiredMember("127.0.0.1:" + firstPort));
  }

  private static HazelcastInstance start(int port, TcpIpConfig members) {
    Config config = new Config();
    config
        .setProperty("hazelcast.logging.type", "none")
        .setProperty("hazelcast.phone.home.enabled", "false")
        .setProperty("hazelcast.wait.seconds.before.join", "0")
        .setProperty("hazelcast.shutdownhook.enabled", "false")
        .setProperty("hazelcast.socket.bind.any", "false");
    NetworkConfig network = config.getNetworkConfig();
    network.setPort(port).setPortAutoIncrement(false);
    network.getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    network.getJoin().getAutoDetectionConfig().setEnabled(false);
    network.getJoin().getMulticastConfig().setEnabled(false);
    network.getJoin().setTcpIpConfig(members.setEnabled(true));
    config.getExecutorConfig(EXECUTOR).setPoolSize(Runtime.getRuntime().availableProcessors());
    return Hazelcast.newHazelcastInstance(config);
  }
}
