package dev.martlet.internal.aws;

import dev.martlet.internal.aws.deploy.Deployer;
import dev.martlet.internal.aws.lambda.DeployedFunctions;
import dev.martlet.internal.aws.lambda.LambdaFunctions;
import dev.martlet.internal.aws.s3.S3Store;
import dev.martlet.internal.aws.sqs.SqsEvents;
import dev.martlet.internal.function.FunctionPlatform;
import dev.martlet.spi.Depot;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.Platform;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.PlatformProvider;
import java.net.URI;
import java.util.Map;
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
    String bucket = settings.needBucket();
    FunctionPlatform platform =
        new FunctionPlatform(
            NAME,
            config,
            functions(settings),
            new S3Store(AwsClients.s3(settings), bucket, settings.prefix()),
            place(settings, bucket));
    String queue = settings.queue();
    if (queue != null) {
      platform.listen(new SqsEvents(AwsClients.sqs(settings), queue, settings.prefix()));
    }
    return platform;
  }

  /** Opens what stays of jobs when their clients have gone; closed by whoever opens it. */
  public static Depot depot(AwsSettings settings) {
    String bucket = settings.needBucket();
    String function;
    try (Deployer deployer = new Deployer(AwsClients.managing(settings), settings)) {
      function = deployer.functionName();
    }
    return new Depot(
        new LambdaFunctions(AwsClients.invoking(settings), function, settings),
        new S3Store(AwsClients.s3(settings), bucket, settings.prefix()),
        place(settings, bucket));
  }

  private static Map<String, String> place(AwsSettings settings, String bucket) {
    return Map.of(
        "base",
        base(settings, bucket).toString(),
        "region",
        settings.findRegion().id(),
        "prefix",
        settings.prefix());
  }

  private static FunctionClient functions(AwsSettings settings) {
    Deployer deployer = new Deployer(AwsClients.managing(settings), settings);
    FunctionClient functions =
        new LambdaFunctions(AwsClients.invoking(settings), deployer.functionName(), settings);
    CompletableFuture<Void> deployment = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try (deployer) {
                Object unused = deployer.deploy();
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

  /** Returns the address of the bucket, for workers. */
  private static URI base(AwsSettings settings, String bucket) {
    URI endpoint = settings.s3Endpoint();
    if (endpoint == null) {
      endpoint = URI.create("https://s3." + settings.findRegion().id() + ".amazonaws.com");
    }
    return settings.pathStyle()
        ? URI.create(endpoint + "/" + bucket)
        : URI.create(endpoint.getScheme() + "://" + bucket + "." + endpoint.getAuthority());
  }
}
