package dev.martlet.cli;

import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.deploy.Deployer;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Makes the worker a function. */
@Command(
    name = "deploy",
    mixinStandardHelpOptions = true,
    description = "Makes the worker a function of the account, if it is not there already.")
final class DeployCommand implements Callable<Integer> {
  @Mixin private Configuration configuration = new Configuration();

  @Override
  public Integer call() {
    AwsSettings settings = configuration.aws();
    try (Deployer deployer = new Deployer(AwsClients.managing(settings), settings)) {
      Deployer.Deployed deployed = deployer.deploy();
      configuration
          .out()
          .println(
              deployed.function() + (deployed.changed() ? " is deployed." : " was there already."));
    }
    return 0;
  }
}
