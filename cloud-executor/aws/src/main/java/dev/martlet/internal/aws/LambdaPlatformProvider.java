package dev.martlet.internal.aws;

import dev.martlet.internal.aws.deploy.Deployer;
import dev.martlet.internal.aws.lambda.DeployedFunctions;
import dev.martlet.internal.aws.lambda.LambdaFunctions;
import dev.martlet.internal.aws.s3.S3Store;
import dev.martlet.internal.aws.sqs.SqsEvents;
import dev.martlet.internal.function.FunctionPlatform;
import dev.martlet.internal.log.Log;
import dev.martlet.spi.Depot;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.Platform;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.PlatformProvider;
import dev.martlet.spi.Store;
import java.util.concurrent.CompletableFuture;

/**
 * Opens AWS Lambda as a platform, with S3 as its store. The worker is deployed by whoever uses it
 * first, while the program gets to its first task.
 */
public final class LambdaPlatformProvider implements PlatformProvider {
  /** The platform's name. */
  public static final String NAME = "aws-lambda";

  /** Creates the provider; for the service loader. */
  public LambdaPlatformProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String section() {
    return AwsSettings.SECTION;
  }

  @Override
  public Platform open(PlatformConfig config) {
    AwsSettings settings = AwsSettings.read(config.settings());
    Store store = store(settings);
    FunctionPlatform platform =
        new FunctionPlatform(NAME, config, functions(settings, store), store, settings.place());
    String queue = settings.queue();
    if (queue != null) {
      platform.listen(new SqsEvents(AwsClients.sqs(settings), queue, settings.prefix()));
    }
    return platform;
  }

  /** Opens what stays of jobs when their clients have gone; closed by whoever opens it. */
  public static Depot depot(AwsSettings settings) {
    String function;
    try (Deployer deployer = new Deployer(AwsClients.managing(settings), settings)) {
      function = deployer.functionName();
    }
    return new Depot(
        new LambdaFunctions(AwsClients.invoking(settings), function, settings),
        store(settings),
        settings.place());
  }

  private static Store store(AwsSettings settings) {
    return new S3Store(AwsClients.s3(settings), settings.needBucket(), settings.prefix());
  }

  private static FunctionClient functions(AwsSettings settings, Store store) {
    Deployer deployer = new Deployer(AwsClients.managing(settings), settings);
    FunctionClient functions =
        new LambdaFunctions(AwsClients.invoking(settings), deployer.functionName(), settings);
    CompletableFuture<Void> deployment = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try (deployer) {
                boolean fresh = deployer.deploy().changed();
                if (fresh && settings.classArchive()) {
                  archive(deployer, functions, store, settings);
                }
                deployment.complete(null);
              } catch (RuntimeException | Error e) {
                deployment.completeExceptionally(e);
              }
            },
            "martlet-aws-deployment");
    thread.setDaemon(true);
    thread.start();
    return new DeployedFunctions(functions, deployment);
  }

  /** Before the first call, whose instance would be none of the new code's. */
  private static void archive(
      Deployer deployer, FunctionClient functions, Store store, AwsSettings settings) {
    try {
      boolean unused = deployer.archive(functions, store, settings.place());
    } catch (RuntimeException e) {
      Log.of(LambdaPlatformProvider.class).debug("Instances start without an archive", e);
    }
  }
}
