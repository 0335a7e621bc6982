package dev.martlet.internal.aws.deploy;

import static dev.martlet.internal.aws.AwsClients.await;

import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.Credentials;
import dev.martlet.internal.aws.Said;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaAsyncClient;
import software.amazon.awssdk.services.lambda.model.Architecture;
import software.amazon.awssdk.services.lambda.model.FunctionConfiguration;
import software.amazon.awssdk.services.lambda.model.GetFunctionResponse;
import software.amazon.awssdk.services.lambda.model.InvalidParameterValueException;
import software.amazon.awssdk.services.lambda.model.LastUpdateStatus;
import software.amazon.awssdk.services.lambda.model.ListFunctionsResponse;
import software.amazon.awssdk.services.lambda.model.ResourceConflictException;
import software.amazon.awssdk.services.lambda.model.ResourceNotFoundException;
import software.amazon.awssdk.services.lambda.model.State;
import software.amazon.awssdk.services.lambda.model.VpcConfig;

/**
 * Makes the worker a function of the account, and removes it. Any number of clients may do so at
 * once: whoever finds that another was first waits for the other's function. A function counts only
 * when it is tagged as complete, since who made it may have ended half-way.
 *
 * <p>Methods block. Thread-safe.
 */
public final class Deployer implements AutoCloseable {
  private static final String COMPLETE = "martlet:complete";

  /** How long Lambda may keep an event while it has no instance for it: its longest. */
  private static final int EVENT_SECONDS = 21_600;

  private static final Duration PAUSE = Duration.ofMillis(300);
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** A new role is not known everywhere at once. */
  private static final Duration PATIENCE_WITH_ROLES = Duration.ofSeconds(20);

  private final LambdaAsyncClient client;
  private final AwsSettings settings;

  /**
   * Creates a deployer.
   *
   * @param client belongs to this one from now on
   */
  public Deployer(LambdaAsyncClient client, AwsSettings settings) {
    this.client = client;
    this.settings = settings;
  }

  /**
   * What a deployment has done.
   *
   * @param function the function's name
   * @param changed whether it was made or changed, and not there already
   */
  public record Deployed(String function, boolean changed) {}

  /**
   * A function of Martlet's.
   *
   * @param name its name
   * @param description its version and code
   * @param modified when it was last changed, as Lambda writes it
   */
  public record Listed(String name, String description, String modified) {}

  /** Returns the name of the function for the settings, whether it exists or not. */
  public String functionName() {
    return plan().name();
  }

  private FunctionPlan plan() {
    return FunctionPlan.of(settings, WorkerZip.own());
  }

  /**
   * Makes the function unless it is there, and waits until it can be invoked.
   *
   * @throws DeploymentException if that fails
   * @throws IllegalArgumentException if a setting that is needed is missing
   */
  public Deployed deploy() {
    FunctionPlan plan = plan();
    boolean changed = false;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        GetFunctionResponse found = find(plan.name());
        if (found == null) {
          create(plan);
          changed = true;
        } else if (isBusy(found.configuration())) {
          pause(plan.name(), deadline);
        } else if (!plan.hasCode(found)) {
          updateCode(plan, found.configuration().functionArn());
          changed = true;
        } else if (!plan.hasConfiguration(found.configuration())) {
          updateConfiguration(plan);
          changed = true;
        } else if (!isComplete(found)) {
          complete(plan, found.configuration().functionArn());
          changed = true;
        } else {
          return new Deployed(plan.name(), changed);
        }
      } catch (ResourceConflictException | ResourceNotFoundException e) {
        // Another client made, changes or removes it.
        pause(plan.name(), deadline);
      } catch (InvalidParameterValueException e) {
        if (!String.valueOf(e.getMessage()).contains("cannot be assumed")
            || deadline - System.nanoTime() < PATIENCE.minus(PATIENCE_WITH_ROLES).toNanos()) {
          throw failure("function " + plan.name(), e);
        }
        pause(plan.name(), deadline);
      } catch (RuntimeException e) {
        throw failure("function " + plan.name(), e);
      }
    }
  }

  /**
   * Gives the function an archive of its classes, with which instances start sooner, unless it has
   * one. A new instance makes it; the function's code is then replaced by the same with the
   * archive.
   *
   * @param functions invokes the function, which is deployed
   * @param store where the instance puts what it has made
   * @param place where that is, for the worker
   * @return whether it has one now that it did not have
   * @throws RuntimeException if that fails; the function is as good as before
   */
  public boolean archive(FunctionClient functions, Store store, Map<String, String> place) {
    FunctionPlan plan = plan();
    GetFunctionResponse found = find(plan.name());
    if (found == null || !plan.lacksArchive(found)) {
      return false;
    }
    byte[] archive = WorkerArchive.make(functions, store, place);
    if (archive == null) {
      return false;
    }
    WorkerZip zip;
    try {
      zip = plan.zip().with(archive);
    } catch (IOException e) {
      throw new DeploymentException("the archive of the worker's classes: " + e.getMessage(), e);
    }
    found = find(plan.name());
    if (found == null || !plan.lacksArchive(found)) {
      return false; // another client was first
    }
    String arn = found.configuration().functionArn();
    // Before the code, so that no other client takes that for a stranger's.
    await(client.tagResource(b -> b.resource(arn).tags(FunctionPlan.archiveTags(zip))));
    SdkBytes bytes = SdkBytes.fromByteArrayUnsafe(zip.bytes());
    await(client.updateFunctionCode(b -> b.functionName(plan.name()).zipFile(bytes)));
    Deployed unused = deploy(); // waits until it can be invoked
    try {
      WorkerArchive.tryOut(functions, place);
    } catch (RuntimeException e) {
      updateCode(plan, arn);
      unused = deploy();
      throw e;
    }
    return true;
  }

  private @Nullable GetFunctionResponse find(String name) {
    try {
      return await(client.getFunction(b -> b.functionName(name)));
    } catch (ResourceNotFoundException e) {
      return null;
    }
  }

  private static boolean isBusy(FunctionConfiguration found) {
    if (found.state() == State.FAILED) {
      throw new DeploymentException(
          "function "
              + found.functionName()
              + " could not be made: "
              + found.stateReason()
              + "; remove it with `martlet undeploy` and deploy again",
          null);
    }
    // Lambda puts what is not invoked for weeks to sleep, and invocations wake it.
    return found.state() == State.PENDING
        || found.lastUpdateStatus() == LastUpdateStatus.IN_PROGRESS;
  }

  private boolean isComplete(GetFunctionResponse found) {
    Integer reserved =
        found.concurrency() == null ? null : found.concurrency().reservedConcurrentExecutions();
    int wanted = settings.reservedConcurrency();
    return found.hasTags()
        && found.tags().containsKey(COMPLETE)
        && (wanted < 0 || (reserved != null && reserved == wanted));
  }

  private void create(FunctionPlan plan) {
    await(
        client.createFunction(
            b ->
                b.functionName(plan.name())
                    .description(plan.description())
                    .runtime(settings.runtime())
                    .architectures(Architecture.fromValue(settings.architecture()))
                    .handler(FunctionPlan.HANDLER)
                    .role(settings.needRole())
                    .memorySize(settings.memory())
                    .timeout(plan.timeoutSeconds())
                    .ephemeralStorage(e -> e.size(settings.ephemeralStorage()))
                    .environment(e -> e.variables(plan.environment()))
                    .vpcConfig(network())
                    .tags(plan.tags())
                    .code(c -> c.zipFile(SdkBytes.fromByteArrayUnsafe(plan.zip().bytes())))));
  }

  private void updateCode(FunctionPlan plan, String arn) {
    await(
        client.updateFunctionCode(
            b ->
                b.functionName(plan.name())
                    .architectures(Architecture.fromValue(settings.architecture()))
                    .zipFile(SdkBytes.fromByteArrayUnsafe(plan.zip().bytes()))));
    await(client.tagResource(b -> b.resource(arn).tags(plan.tags())));
  }

  private void updateConfiguration(FunctionPlan plan) {
    await(
        client.updateFunctionConfiguration(
            b ->
                b.functionName(plan.name())
                    .runtime(settings.runtime())
                    .handler(FunctionPlan.HANDLER)
                    .role(settings.needRole())
                    .memorySize(settings.memory())
                    .timeout(plan.timeoutSeconds())
                    .ephemeralStorage(e -> e.size(settings.ephemeralStorage()))
                    .environment(e -> e.variables(plan.environment()))
                    .vpcConfig(network())));
  }

  private @Nullable VpcConfig network() {
    return settings.subnets().isEmpty()
        ? null
        : VpcConfig.builder()
            .subnetIds(settings.subnets())
            .securityGroupIds(settings.securityGroups())
            .build();
  }

  /** Does what comes after the function itself. Events are run once: who sent them decides more. */
  private void complete(FunctionPlan plan, String arn) {
    await(
        client.putFunctionEventInvokeConfig(
            b ->
                b.functionName(plan.name())
                    .maximumRetryAttempts(0)
                    .maximumEventAgeInSeconds(EVENT_SECONDS)));
    if (settings.reservedConcurrency() >= 0) {
      await(
          client.putFunctionConcurrency(
              b ->
                  b.functionName(plan.name())
                      .reservedConcurrentExecutions(settings.reservedConcurrency())));
    }
    await(client.tagResource(b -> b.resource(arn).tags(Map.of(COMPLETE, "true"))));
  }

  /** Lists Martlet's functions: those with the prefix of the settings and the worker's handler. */
  public List<Listed> list() {
    List<Listed> functions = new ArrayList<>();
    try {
      String marker = null;
      do {
        String from = marker;
        ListFunctionsResponse page = await(client.listFunctions(b -> b.marker(from)));
        for (FunctionConfiguration f : page.functions()) {
          if (f.functionName().startsWith(settings.functionPrefix() + "-")
              && FunctionPlan.HANDLER.equals(f.handler())) {
            functions.add(new Listed(f.functionName(), f.description(), f.lastModified()));
          }
        }
        marker = page.nextMarker();
      } while (marker != null && !marker.isEmpty());
    } catch (RuntimeException e) {
      throw failure("the list of functions", e);
    }
    return functions;
  }

  /**
   * Removes all of Martlet's functions that have the prefix of the settings.
   *
   * @return their names
   */
  public List<String> undeploy() {
    List<String> removed = new ArrayList<>();
    for (Listed f : list()) {
      try {
        await(client.deleteFunction(b -> b.functionName(f.name())));
        removed.add(f.name());
      } catch (ResourceNotFoundException e) {
        // Another client was first.
      } catch (RuntimeException e) {
        throw failure("function " + f.name(), e);
      }
    }
    return removed;
  }

  @Override
  public void close() {
    client.close();
  }

  private static void pause(String name, long deadline) {
    if (System.nanoTime() > deadline) {
      throw new DeploymentException(
          "function "
              + name
              + " is not ready after "
              + PATIENCE.toSeconds()
              + " s: look at it with `aws lambda get-function --function-name "
              + name
              + "`",
          null);
    }
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeploymentException("interrupted while function " + name + " was deployed", e);
    }
  }

  private static RuntimeException failure(String what, RuntimeException e) {
    if (e instanceof DeploymentException || e instanceof IllegalArgumentException) {
      return e;
    }
    if (Credentials.areMissing(e)) {
      return new DeploymentException(Credentials.ADVICE, e);
    }
    boolean refused = e instanceof AwsServiceException s && s.statusCode() == 403;
    return new DeploymentException(
        what
            + (refused ? ": not allowed, `martlet doctor` shows what is missing: " : ": ")
            + Said.by(e),
        e);
  }
}
