package dev.martlet.experiments;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Runs a client against a cloud, each in a process of its own. */
final class Lab {
  private static final String KEY = "AKIATESTKITTESTKIT00";
  private static final String PATH = System.getProperty("java.class.path");
  private static final String SECRET = "test-kit-secret";

  private static final int SECONDS_TO_END = 20;

  /** Stands for the URL of the cloud's queue, in settings. */
  static final String QUEUE = "<queue>";

  private final double scale;
  private final Model model;

  /**
   * Creates a lab.
   *
   * @param scale how many seconds a second of the experiment takes
   */
  Lab(double scale, Model model) {
    this.scale = scale;
    this.model = model;
  }

  /**
   * What was seen, in seconds of the experiment.
   *
   * @param began when calls began to run, in order
   * @param ended when the client had their results, in order
   * @param threads the most threads that the client had, but for the JVM's own
   * @param heap the most MB that the client's heap held, of 200
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Seen(double[] began, double[] ended, int threads, int heap) {
    double running() {
      return began[began.length - 1];
    }

    double over() {
      return ended[ended.length - 1];
    }
  }

  private static ProcessBuilder java(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    // What the SDK reads, in the client as in the cloud.
    builder.environment().put("AWS_ACCESS_KEY_ID", KEY);
    builder.environment().put("AWS_SECRET_ACCESS_KEY", SECRET);
    return builder;
  }

  private static String word(BufferedReader in, String first) throws IOException {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.startsWith(first)) {
        return line.substring(first.length()).strip();
      }
    }
    throw new IOException("a process has ended before it said " + first);
  }

  private String millis(double seconds) {
    return Long.toString(Math.round(seconds * scale * 1_000));
  }

  /** Runs so many calls of so many seconds, with settings of the section {@code aws}. */
  Seen run(int calls, double seconds, Map<String, String> settings)
      throws IOException, InterruptedException {
    return run(List.of(calls), seconds, settings).get(0);
  }

  /** Runs so many calls of so many seconds, time after time, from one client. */
  List<Seen> run(List<Integer> sizes, double seconds, Map<String, String> settings)
      throws IOException, InterruptedException {
    boolean queues = settings.containsValue(QUEUE);
    return run(
        sizes,
        queues,
        cloud -> {
          List<String> arguments = new ArrayList<>();
          arguments.add("-Xmx200m");
          arguments.add("-Dmartlet.platform=aws-lambda");
          arguments.add("-Dmartlet.aws.region=eu-west-1");
          arguments.add("-Dmartlet.aws.role=arn:aws:iam::000000000000:role/martlet-worker");
          arguments.add("-Dmartlet.aws.bucket=" + Cloud.BUCKET);
          arguments.add("-Dmartlet.aws.lambdaEndpoint=" + cloud[0]);
          arguments.add("-Dmartlet.aws.s3Endpoint=" + cloud[1]);
          Map<String, String> all = new LinkedHashMap<>(settings);
          if (queues) {
            all.put("sqsEndpoint", cloud[2]);
            all.replaceAll((key, value) -> value.equals(QUEUE) ? cloud[3] : value);
          }
          all.forEach((key, value) -> arguments.add("-Dmartlet.aws." + key + "=" + value));
          arguments.addAll(List.of("-cp", PATH, Client.class.getName(), millis(seconds)));
          return arguments;
        });
  }

  /** Runs so many calls of so many seconds without Martlet, time after time, from one client. */
  List<Seen> bare(List<Integer> sizes, double seconds) throws IOException, InterruptedException {
    return run(
        sizes,
        false,
        cloud ->
            new ArrayList<>(List.of("-cp", PATH, Bare.class.getName(), cloud[0], millis(seconds))));
  }

  private List<Seen> run(
      List<Integer> sizes, boolean queues, Function<String[], List<String>> client)
      throws IOException, InterruptedException {
    Process cloud =
        java(List.of(
                // The instances share what each would have: connections that are kept.
                "-Dhttp.maxConnections=2000",
                "-cp",
                PATH,
                Cloud.class.getName(),
                millis(model.roundTrip()),
                millis(model.coldStart()),
                Boolean.toString(queues)))
            .start();
    try (BufferedReader fromCloud = cloud.inputReader(StandardCharsets.UTF_8);
        OutputStream toCloud = cloud.getOutputStream()) {
      List<String> arguments = client.apply(word(fromCloud, "cloud ").split(" ", -1));
      sizes.forEach(n -> arguments.add(Integer.toString(n)));
      Process process = java(arguments).start();
      try (BufferedReader fromClient = process.inputReader(StandardCharsets.UTF_8);
          OutputStream toClient = process.getOutputStream()) {
        List<Seen> all = new ArrayList<>();
        for (int n : sizes) {
          String unused = word(fromClient, "warm");
          toCloud.write('c');
          toCloud.flush();
          unused = word(fromCloud, "cold");
          toClient.write('\n');
          toClient.flush();
          all.add(seen(n, fromClient));
        }
        return all;
      } finally {
        end(process);
      }
    } finally {
      end(cloud); // its input has ended
    }
  }

  /** Lets a process clean up, but not for long. */
  private static void end(Process process) throws InterruptedException {
    if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  private Seen seen(int calls, BufferedReader client) throws IOException {
    int threads = Integer.parseInt(word(client, "threads "));
    int heap = Integer.parseInt(word(client, "heap "));
    double[] began = new double[calls];
    double[] ended = new double[calls];
    for (int i = 0; i < calls; i++) {
      String[] times = word(client, "call ").split(" ", -1);
      began[i] = Long.parseLong(times[0]) / 1e3 / scale;
      ended[i] = Long.parseLong(times[1]) / 1e3 / scale;
    }
    Arrays.sort(began);
    Arrays.sort(ended);
    return new Seen(began, ended, threads, heap);
  }
}
