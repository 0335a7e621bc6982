package dev.martlet.internal.aws.doctor;

import static dev.martlet.internal.aws.AwsClients.await;

import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.Credentials;
import dev.martlet.internal.aws.Said;
import dev.martlet.internal.aws.deploy.Deployer;
import dev.martlet.internal.aws.s3.S3Store;
import dev.martlet.internal.envelope.Names;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamAsyncClient;
import software.amazon.awssdk.services.iam.model.NoSuchEntityException;
import software.amazon.awssdk.services.iam.model.Role;
import software.amazon.awssdk.services.lambda.LambdaAsyncClient;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sts.StsAsyncClient;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityResponse;

/**
 * Looks at everything that calls on Lambda need, in the order in which one thing needs another, and
 * says for each that is missing which command mends it. Changes nothing but an object of its own.
 * Methods block.
 */
public final class Doctor {
  /** New accounts have ten. */
  private static final int FEW_INSTANCES = 100;

  private static final String ROLE_NAME = "martlet-worker";

  private final AwsSettings settings;
  private String account = "*";

  /** Creates a doctor. */
  public Doctor(AwsSettings settings) {
    this.settings = settings;
  }

  /** Looks at everything. */
  public List<Finding> examine() {
    List<Finding> findings = new ArrayList<>();
    findings.add(jdk());
    Region region;
    try {
      region = settings.findRegion();
    } catch (IllegalArgumentException e) {
      findings.add(Finding.bad("region", "none is set", "aws configure set region eu-west-1"));
      return findings;
    }
    findings.add(Finding.good("region", region.id()));
    Finding credentials = credentials();
    findings.add(credentials);
    if (credentials.state() != Finding.State.GOOD) {
      return findings;
    }
    findings.add(role(new Policies(settings, region, account)));
    findings.add(bucket(region));
    if (settings.queue() != null) {
      findings.add(queue(region));
    }
    Finding instances = instances(region);
    findings.add(instances);
    if (settings.role().isPresent() && instances.state() != Finding.State.UNKNOWN) {
      findings.add(function());
    }
    return findings;
  }

  /** Returns the documents for IAM. */
  public Policies policies() {
    return new Policies(settings, settings.findRegion(), account);
  }

  private Finding jdk() {
    int here = Runtime.version().feature();
    return settings.jdk() == here
        ? Finding.good("JDK", here + ", as the function's")
        : Finding.bad(
            "JDK",
            "the function has "
                + settings.jdk()
                + " and this JVM is "
                + here
                + ": take aws.runtime out of martlet.yaml, or run the program on JDK "
                + settings.jdk());
  }

  private Finding credentials() {
    try (StsAsyncClient sts =
        AwsClients.managing(StsAsyncClient.builder(), settings, settings.endpoint()).build()) {
      GetCallerIdentityResponse who = await(sts.getCallerIdentity());
      account = who.account();
      return Finding.good("credentials", who.arn());
    } catch (RuntimeException e) {
      return Credentials.areMissing(e)
          ? Finding.bad("credentials", "none were found", "aws configure", Credentials.FROM_LOGIN)
          : Finding.bad("credentials", Said.by(e), ifRefused(e, "aws configure"));
    }
  }

  private Finding role(Policies policies) {
    if (settings.role().isEmpty()) {
      return Finding.bad(
          "role", "aws.role is not set", createRole(policies, ROLE_NAME).toArray(String[]::new));
    }
    String arn = settings.role().get();
    String name = arn.substring(arn.lastIndexOf('/') + 1);
    try (IamAsyncClient iam =
        AwsClients.managing(IamAsyncClient.builder(), settings, settings.endpoint())
            .region(settings.endpoint() == null ? Region.AWS_GLOBAL : settings.findRegion())
            .build()) {
      Role role = await(iam.getRole(b -> b.roleName(name))).role();
      String trust =
          URLDecoder.decode(
              String.valueOf(role.assumeRolePolicyDocument()), StandardCharsets.UTF_8);
      if (!trust.contains("lambda.amazonaws.com")) {
        return Finding.bad(
            "role",
            arn + " cannot be taken by Lambda",
            "aws iam update-assume-role-policy --role-name "
                + name
                + " --policy-document "
                + quoted(policies.trust()));
      }
      return Finding.good("role", arn);
    } catch (NoSuchEntityException e) {
      return Finding.bad(
          "role", arn + " does not exist", createRole(policies, name).toArray(String[]::new));
    } catch (RuntimeException e) {
      return Finding.unknown("role", arn + " could not be looked at: " + Said.by(e));
    }
  }

  private static List<String> createRole(Policies policies, String name) {
    return List.of(
        "aws iam create-role --role-name "
            + name
            + " --assume-role-policy-document "
            + quoted(policies.trust()),
        "aws iam put-role-policy --role-name "
            + name
            + " --policy-name "
            + name
            + " --policy-document "
            + quoted(policies.worker()));
  }

  private Finding bucket(Region region) {
    if (settings.bucket().isEmpty()) {
      return Finding.bad(
          "bucket", "aws.bucket is not set", "aws s3 mb s3://NAME --region " + region.id());
    }
    String bucket = settings.bucket().get();
    try (S3AsyncClient s3 = AwsClients.s3(settings)) {
      String place = await(s3.headBucket(b -> b.bucket(bucket))).bucketRegion();
      if (place != null && !place.equals(region.id())) {
        return elsewhere(bucket, place, region);
      }
    } catch (RuntimeException e) {
      return e instanceof AwsServiceException s
          ? noBucket(bucket, region, s)
          : badBucket(bucket, e);
    }
    try (S3Store store = new S3Store(AwsClients.s3(settings), bucket, settings.prefix())) {
      String key = "doctor/" + UUID.randomUUID();
      await(store.put(key, List.of(ByteBuffer.allocate(1))));
      await(store.get(key));
      boolean replaced = await(store.putIfAbsent(key, List.of(ByteBuffer.allocate(1))));
      await(store.delete(List.of(key)));
      if (replaced) {
        return Finding.bad(
            "bucket",
            bucket + ": its server ignores If-None-Match, so calls that are queued may run twice");
      }
      return Finding.good("bucket", bucket + ", readable and writable");
    } catch (RuntimeException e) {
      return badBucket(bucket, e);
    }
  }

  private Finding noBucket(String bucket, Region region, AwsServiceException e) {
    return switch (e.statusCode()) {
      case 404 ->
          Finding.bad(
              "bucket",
              bucket + " does not exist",
              "aws s3 mb s3://" + bucket + " --region " + region.id());
      case 301 ->
          elsewhere(
              bucket,
              e.awsErrorDetails()
                  .sdkHttpResponse()
                  .firstMatchingHeader("x-amz-bucket-region")
                  .orElse("another region"),
              region);
      default -> badBucket(bucket, e);
    };
  }

  private static Finding elsewhere(String bucket, String place, Region region) {
    return Finding.bad(
        "bucket",
        bucket
            + " is in "
            + place
            + " and not in "
            + region.id()
            + ": set aws.region to its region, or take a bucket in this one",
        "aws s3 mb s3://NAME --region " + region.id());
  }

  private Finding badBucket(String bucket, Throwable e) {
    return Finding.bad("bucket", bucket + ": " + Said.by(e), ifRefused(e, allowClient()));
  }

  private String allowClient() {
    return "aws iam put-user-policy --user-name NAME --policy-name martlet --policy-document "
        + quoted(policies().client());
  }

  /** Returns a command if a server has refused something, and none if nobody has answered. */
  private static String[] ifRefused(Throwable e, String command) {
    return e instanceof AwsServiceException ? new String[] {command} : new String[0];
  }

  /** Looks whether the queue is there, and whether the bucket sends what clients await to it. */
  private Finding queue(Region region) {
    String url = String.valueOf(settings.queue());
    String name = url.substring(url.lastIndexOf('/') + 1);
    String arn;
    try (SqsAsyncClient sqs = AwsClients.sqs(settings)) {
      arn =
          await(
                  sqs.getQueueAttributes(
                      b -> b.queueUrl(url).attributeNames(QueueAttributeName.QUEUE_ARN)))
              .attributes()
              .getOrDefault(QueueAttributeName.QUEUE_ARN, "");
    } catch (QueueDoesNotExistException e) {
      return Finding.bad(
          "queue",
          url + " does not exist",
          "aws sqs create-queue --queue-name " + name + " --region " + region.id());
    } catch (RuntimeException e) {
      return Finding.unknown("queue", url + ": " + Said.by(e));
    }
    String bucket = settings.bucket().orElse("NAME");
    String inbox = settings.prefix() + Names.SESSIONS;
    try (S3AsyncClient s3 = AwsClients.s3(settings)) {
      boolean sends =
          await(s3.getBucketNotificationConfiguration(b -> b.bucket(bucket)))
              .queueConfigurations()
              .stream()
              .anyMatch(c -> c.queueArn().equals(arn));
      return sends ? Finding.good("queue", name) : silent(url, arn, bucket, inbox);
    } catch (RuntimeException e) {
      return Finding.unknown(
          "queue", "what " + bucket + " sends to it could not be looked at: " + Said.by(e));
    }
  }

  private static Finding silent(String url, String arn, String bucket, String inbox) {
    return Finding.weak(
        "queue",
        bucket
            + " sends nothing to it, so that results are looked for; these commands replace the"
            + " queue's policy and all notifications of the bucket, so add to them what is to stay",
        "aws sqs set-queue-attributes --queue-url "
            + url
            + " --attributes "
            + quoted(
                "{\"Policy\": \"{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Allow\\\","
                    + " \\\"Principal\\\": {\\\"Service\\\": \\\"s3.amazonaws.com\\\"},"
                    + " \\\"Action\\\": \\\"sqs:SendMessage\\\", \\\"Resource\\\": \\\""
                    + arn
                    + "\\\", \\\"Condition\\\": {\\\"ArnEquals\\\": {\\\"aws:SourceArn\\\":"
                    + " \\\"arn:aws:s3:::"
                    + bucket
                    + "\\\"}}}]}\"}"),
        "aws s3api put-bucket-notification-configuration --bucket "
            + bucket
            + " --notification-configuration "
            + quoted(
                "{\"QueueConfigurations\": [{\"QueueArn\": \""
                    + arn
                    + "\", \"Events\": [\"s3:ObjectCreated:*\"], \"Filter\": {\"Key\":"
                    + " {\"FilterRules\": [{\"Name\": \"prefix\", \"Value\": \""
                    + inbox
                    + "\"}]}}}]}"));
  }

  private Finding instances(Region region) {
    try (LambdaAsyncClient lambda = AwsClients.managing(settings)) {
      int most = await(lambda.getAccountSettings()).accountLimit().concurrentExecutions();
      String detail = most + " instances at a time";
      return most >= FEW_INSTANCES
          ? Finding.good("Lambda", detail)
          : Finding.weak(
              "Lambda",
              detail,
              "aws service-quotas request-service-quota-increase --region "
                  + region.id()
                  + " --service-code lambda --quota-code L-B99A9384 --desired-value 1000");
    } catch (RuntimeException e) {
      return Finding.unknown("Lambda", Said.by(e), ifRefused(e, allowClient()));
    }
  }

  private Finding function() {
    try (Deployer deployer = new Deployer(AwsClients.managing(settings), settings)) {
      String name = deployer.functionName();
      boolean there = deployer.list().stream().anyMatch(f -> f.name().equals(name));
      return there
          ? Finding.good("function", name)
          : Finding.weak("function", name + " is made with the first call", "martlet deploy");
    } catch (RuntimeException e) {
      return Finding.unknown("function", Said.by(e));
    }
  }

  /** Returns a document as an argument for a shell. */
  private static String quoted(String document) {
    return "'" + document.replaceAll("\\s*\n\\s*", " ").strip() + "'";
  }
}
