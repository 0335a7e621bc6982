package dev.martlet.internal.aws.doctor;

import dev.martlet.internal.aws.AwsSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import software.amazon.awssdk.regions.Region;

/**
 * What client and worker are allowed to do, and no more, as documents for IAM. A worker in a
 * network of the account's own needs AWS's policy {@code AWSLambdaVPCAccessExecutionRole} besides.
 */
public final class Policies {
  /** Stands for what is not set. */
  private static final String UNKNOWN = "*";

  private final AwsSettings settings;
  private final Region region;
  private final String account;

  /**
   * Creates documents.
   *
   * @param account the number of the account; {@code *} if it is not known
   */
  public Policies(AwsSettings settings, Region region, String account) {
    this.settings = settings;
    this.region = region;
    this.account = account;
  }

  /** Returns what the client may do. */
  public String client() {
    return document("client.json");
  }

  /** Returns what the worker's role may do. */
  public String worker() {
    return document("worker.json");
  }

  /** Returns who may take the worker's role. */
  public String trust() {
    return document("trust.json");
  }

  private String document(String name) {
    String partition = region.metadata() == null ? "aws" : region.metadata().partition().id();
    return read(name)
        .replace("<partition>", partition)
        .replace("<region>", region.id())
        .replace("<account>", account)
        .replace("<functions>", settings.functionPrefix())
        .replace("<bucket>", settings.bucket().orElse(UNKNOWN))
        .replace("<prefix>", settings.prefix())
        .replace("<queue>", queueArn(partition))
        .replace(
            "<role>",
            settings
                .role()
                .orElse("arn:" + partition + ":iam::" + account + ":role/martlet-worker"));
  }

  /** Returns the ARN of the queue whose URL is set: its last parts are account and name. */
  private String queueArn(String partition) {
    String url = settings.queue();
    String name = url == null ? "martlet-events" : url.substring(url.lastIndexOf('/') + 1);
    return "arn:" + partition + ":sqs:" + region.id() + ":" + account + ":" + name;
  }

  static String read(String name) {
    try (InputStream in = Policies.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("there is no " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
