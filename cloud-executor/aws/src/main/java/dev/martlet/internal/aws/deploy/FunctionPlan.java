package dev.martlet.internal.aws.deploy;

import dev.martlet.internal.agent.Trusted;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.Version;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.services.lambda.model.FunctionConfiguration;
import software.amazon.awssdk.services.lambda.model.GetFunctionResponse;

/**
 * What the function is to be. Its name holds Martlet's version, the JDK and a sum of its code and
 * settings: programs of other versions or with other settings have functions of their own, and none
 * changes another's.
 *
 * @param name the function's name
 * @param settings what it is made of
 * @param zip its code
 * @param environment its variables
 */
record FunctionPlan(
    String name, AwsSettings settings, WorkerZip zip, Map<String, String> environment) {
  static final String HANDLER = "dev.martlet.internal.worker.lambda.LambdaWorker::handleRequest";

  private static final String CODE = "martlet:code";
  private static final String ZIP = "martlet:zip";
  private static final String OPTIONS = "JAVA_TOOL_OPTIONS";
  private static final String WRAPPER = "AWS_LAMBDA_EXEC_WRAPPER";
  private static final String SCRIPT = "/var/task/" + WorkerZip.SCRIPT;

  /** A tag for each zip with an archive, since several clients may give it one at once. */
  private static final String ARCHIVED = "martlet:archived:";

  private static final int SUM_DIGITS = 12;

  /** The memory in MB with which a function has two. */
  private static final int TWO_PROCESSORS = 3_538;

  static FunctionPlan of(AwsSettings settings, WorkerZip zip) {
    Map<String, String> environment = new TreeMap<>(settings.environment());
    environment.merge(OPTIONS, jvmOptions(settings), (users, own) -> own + " " + users);
    environment.putIfAbsent(WRAPPER, SCRIPT);
    return new FunctionPlan(name(settings, zip, environment), settings, zip, environment);
  }

  private static String jvmOptions(AwsSettings settings) {
    List<String> options = new ArrayList<>();
    // Lambda's Java stops at C1, which is too slow for work that is worth sending away.
    options.add("-XX:+TieredCompilation");
    options.add("-XX:TieredStopAtLevel=4");
    if (settings.memory() < TWO_PROCESSORS) {
      // Five times the JDK's: what a new instance begins with runs little more often than they say,
      // and to compile it takes the only processor longer than it is worth. Loops do not count.
      options.add("-XX:Tier3InvocationThreshold=1000");
      options.add("-XX:Tier3MinInvocationThreshold=500");
      options.add("-XX:Tier3CompileThreshold=10000");
    }
    // Else the JVM compiles these while it starts, for its own order of sets: to take the first
    // client's it would have to compile all anew.
    options.add("-XX:CompileCommand=quiet");
    for (String type : List.of("SetN$SetNIterator", "MapN$MapNIterator")) {
      options.add(
          "-XX:CompileCommand=CompileThresholdScaling,java.util.ImmutableCollections$"
              + type
              + "::*,20.0");
    }
    // Else the JVM relocates its archives of classes, pointer by pointer, to an address that is
    // hard to guess: of use where somebody else's code may run, which an instance never does.
    options.add("-XX:+UnlockDiagnosticVMOptions");
    options.add("-XX:ArchiveRelocationMode=0");
    // Nobody looks, and writing them takes a new JVM a while.
    options.add("-XX:-UsePerfData");
    // Tasks write and read text as the client does.
    options.add("-Dfile.encoding=" + Charset.defaultCharset().name());
    options.addAll(Trusted.jvmOptions(settings.jdk()));
    return String.join(" ", options);
  }

  private static String name(AwsSettings settings, WorkerZip zip, Map<String, String> environment) {
    String all =
        String.join(
            "\n",
            zip.codeSum(),
            HANDLER,
            settings.needRole(),
            settings.runtime(),
            settings.architecture(),
            String.valueOf(settings.memory()),
            String.valueOf(settings.timeout()),
            String.valueOf(settings.ephemeralStorage()),
            String.valueOf(settings.subnets()),
            String.valueOf(settings.securityGroups()),
            String.valueOf(environment));
    byte[] sum = WorkerZip.sha256().digest(all.getBytes(StandardCharsets.UTF_8));
    String version = Version.text().replaceAll("[^A-Za-z0-9]+", "-");
    return String.join(
        "-",
        settings.functionPrefix(),
        version.substring(0, Math.min(16, version.length())),
        settings.runtime(),
        HexFormat.of().formatHex(sum).substring(0, SUM_DIGITS));
  }

  String description() {
    return "Martlet's worker "
        + Version.text()
        + ", code "
        + zip.codeSum().substring(0, SUM_DIGITS);
  }

  Map<String, String> tags() {
    Map<String, String> tags = new LinkedHashMap<>(settings.tags());
    tags.put("martlet:version", Version.text());
    tags.put(CODE, zip.codeSum());
    tags.put(ZIP, zip.zipSum());
    return tags;
  }

  int timeoutSeconds() {
    return (int) settings.timeout().toSeconds();
  }

  /** Returns the tags that tell of a zip with an archive. */
  static Map<String, String> archiveTags(WorkerZip archived) {
    return Map.of(ARCHIVED + archived.zipSum(), "true");
  }

  /** Returns whether its code is this very zip, which an archive can be added to. */
  boolean lacksArchive(GetFunctionResponse found) {
    return SCRIPT.equals(environment.get(WRAPPER))
        && hasCode(found)
        && !isArchived(found)
        && zip.zipSum().equals(found.configuration().codeSha256());
  }

  private static boolean isArchived(GetFunctionResponse found) {
    return found.tags().containsKey(ARCHIVED + found.configuration().codeSha256());
  }

  /** Returns whether it has this code, and what it has is what was given to it with its tags. */
  boolean hasCode(GetFunctionResponse found) {
    FunctionConfiguration configuration = found.configuration();
    return zip.codeSum().equals(found.tags().get(CODE))
        && (String.valueOf(configuration.codeSha256()).equals(found.tags().get(ZIP))
            || isArchived(found))
        && List.of(settings.architecture()).equals(configuration.architecturesAsStrings());
  }

  boolean hasConfiguration(FunctionConfiguration found) {
    return HANDLER.equals(found.handler())
        && settings.needRole().equals(found.role())
        && settings.runtime().equals(found.runtimeAsString())
        && found.memorySize() == settings.memory()
        && found.timeout() == timeoutSeconds()
        && (found.ephemeralStorage() == null
            || found.ephemeralStorage().size() == settings.ephemeralStorage())
        && found.environment() != null
        && environment.equals(found.environment().variables())
        && isIn(found);
  }

  private boolean isIn(FunctionConfiguration found) {
    List<String> subnets = found.vpcConfig() == null ? List.of() : found.vpcConfig().subnetIds();
    return new HashSet<>(subnets).equals(new HashSet<>(settings.subnets()));
  }
}
