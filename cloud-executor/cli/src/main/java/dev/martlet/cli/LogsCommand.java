package dev.martlet.cli;

import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.deploy.Deployer;
import dev.martlet.internal.aws.deploy.FunctionLogs;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints what the function has written. */
@Command(
    name = "logs",
    mixinStandardHelpOptions = true,
    description = "Prints what the function's instances have written.")
final class LogsCommand implements Callable<Integer> {
  @Mixin private Configuration configuration = new Configuration();

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "15",
      description = "How far to look back; ${DEFAULT-VALUE} otherwise.")
  private int minutes;

  @Override
  public Integer call() {
    AwsSettings settings = configuration.aws();
    String function;
    try (Deployer deployer = new Deployer(AwsClients.managing(settings), settings)) {
      function = deployer.functionName();
    }
    PrintWriter out = configuration.out();
    try (FunctionLogs logs = new FunctionLogs(settings)) {
      logs.read(function, Instant.now().minus(Duration.ofMinutes(minutes)), out::println);
    }
    out.flush();
    return 0;
  }
}
