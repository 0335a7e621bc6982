package dev.martlet.cli;

import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.deploy.Deployer;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Removes the worker's functions. */
@Command(
    name = "undeploy",
    mixinStandardHelpOptions = true,
    description = "Removes the functions of all versions and settings, with aws.functionPrefix.")
final class UndeployCommand implements Callable<Integer> {
  @Mixin private Configuration configuration = new Configuration();

  @Option(names = "--dry-run", description = "Lists them only.")
  private boolean dryRun;

  @Override
  public Integer call() {
    AwsSettings settings = configuration.aws();
    PrintWriter out = configuration.out();
    try (Deployer deployer = new Deployer(AwsClients.managing(settings), settings)) {
      if (dryRun) {
        List<Deployer.Listed> functions = deployer.list();
        functions.forEach(
            f -> out.println(f.name() + "  " + f.modified() + "  " + f.description()));
        out.println(functions.size() + " functions would be removed.");
      } else {
        List<String> removed = deployer.undeploy();
        removed.forEach(out::println);
        out.println(removed.size() + " functions are removed; their logs are not.");
      }
    }
    return 0;
  }
}
