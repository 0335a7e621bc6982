package dev.martlet.cli;

import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.deploy.Deployer;
import dev.martlet.internal.aws.lambda.LambdaFunctions;
import dev.martlet.internal.aws.s3.S3Store;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.Store;
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
      if (settings.classArchive() && settings.bucket().isPresent()) {
        archive(deployer, settings);
      }
    }
    return 0;
  }

  private void archive(Deployer deployer, AwsSettings settings) {
    try (FunctionClient functions =
            new LambdaFunctions(AwsClients.invoking(settings), deployer.functionName(), settings);
        Store store =
            new S3Store(AwsClients.s3(settings), settings.needBucket(), settings.prefix())) {
      if (deployer.archive(functions, store, settings.place())) {
        configuration.out().println("Its instances begin with an archive of their classes.");
      }
    } catch (RuntimeException e) {
      configuration.out().println("It has no archive of its classes: " + e.getMessage());
    }
  }
}
