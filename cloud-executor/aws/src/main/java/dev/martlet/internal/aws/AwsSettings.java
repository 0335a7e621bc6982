package dev.martlet.internal.aws;

import dev.martlet.internal.config.Section;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;

/**
 * The section {@code aws} of the settings. Credentials are not among them: the SDK finds them where
 * all of AWS's tools do.
 *
 * @param region if set; else the SDK's own
 * @param role the ARN of the role that the function runs as; needed to deploy
 * @param bucket where objects are; null if there is none
 * @param prefix how the keys of all objects begin
 * @param functionPrefix how the names of all functions begin
 * @param memory of the function in MB; 1,769 are one processor
 * @param timeout how long one invocation may run
 * @param ephemeralStorage of the function in MB
 * @param architecture {@code x86_64} or {@code arm64}
 * @param runtime Lambda's name of the JDK
 * @param reservedConcurrency how many instances the function may have, and which others may not
 *     take; -1 if it shares the account's
 * @param connections how many requests this client has open at most
 * @param reports whether answers bring the cloud's report of duration and memory
 * @param classArchive whether the function is given an archive of its classes
 * @param queue the URL of a queue that the bucket's event notifications go to; null if there is
 *     none
 * @param subnets of the network that the function is in; none for none of the account's own
 * @param securityGroups of that network
 * @param tags of the function
 * @param environment variables of the function
 * @param lambdaEndpoint of a server that speaks Lambda's interface; null for AWS's
 * @param s3Endpoint of a server that speaks S3's interface; null for AWS's
 * @param sqsEndpoint of a server that speaks SQS's interface; null for AWS's
 * @param endpoint of a server that speaks those of all others; null for AWS's
 * @param pathStyle whether the bucket is in the path of URLs and not in the host
 */
public record AwsSettings(
    Optional<String> region,
    Optional<String> role,
    Optional<String> bucket,
    String prefix,
    String functionPrefix,
    int memory,
    Duration timeout,
    int ephemeralStorage,
    String architecture,
    String runtime,
    int reservedConcurrency,
    int connections,
    boolean reports,
    boolean classArchive,
    @Nullable String queue,
    List<String> subnets,
    List<String> securityGroups,
    Map<String, String> tags,
    Map<String, String> environment,
    @Nullable URI lambdaEndpoint,
    @Nullable URI s3Endpoint,
    @Nullable URI sqsEndpoint,
    @Nullable URI endpoint,
    boolean pathStyle) {
  /** The section's name. */
  public static final String SECTION = "aws";

  /** Lambda's longest time-out. */
  public static final Duration LONGEST = Duration.ofMinutes(15);

  /** The names of Lambda's runtimes by JDK. */
  private static final Map<Integer, String> RUNTIMES =
      Map.of(17, "java17", 21, "java21", 25, "java25");

  private static final Pattern REGION = Pattern.compile("[a-z]{2,}(-[a-z]+)+-\\d+");
  private static final Pattern ROLE = Pattern.compile("arn:aws[a-z-]*:iam::\\d{12}:role/.+");
  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Pattern QUEUE = Pattern.compile("https?://[^/\\s]+/.+");
  private static final Pattern PREFIX = Pattern.compile("([A-Za-z0-9._=-]+/)+");
  private static final Pattern FUNCTION = Pattern.compile("[A-Za-z0-9_-]{1,24}");

  /** Creates settings with unmodifiable copies. */
  public AwsSettings {
    subnets = List.copyOf(subnets);
    securityGroups = List.copyOf(securityGroups);
    tags = Map.copyOf(tags);
    environment = Map.copyOf(environment);
  }

  /**
   * Reads the section.
   *
   * @param values by keys in camel case, as {@code PlatformConfig.settings()} has them
   * @throws IllegalArgumentException if a key is unknown or a value not valid
   */
  public static AwsSettings read(Map<String, Object> values) {
    Map<String, Object> own = new LinkedHashMap<>(values);
    for (String general : List.of("idleTimeout", "leaseTimeout", "cache", "retries")) {
      if (own.get(general) instanceof String == false) {
        own.remove(general); // every platform is told these
      }
    }
    // Of every platform of functions.
    own.keySet().removeAll(List.of("mode", "invokers", "nested", "nestedDepth"));
    Section s = new Section(SECTION, own);
    AwsSettings settings =
        new AwsSettings(
            Optional.ofNullable(s.text("region", REGION, "a region, such as eu-west-1")),
            Optional.ofNullable(
                s.text("role", ROLE, "the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME")),
            Optional.ofNullable(
                s.text("bucket", BUCKET, "the name of a bucket, such as my-bucket")),
            or(s.text("prefix", PREFIX, "names with a / after each, such as martlet/"), "martlet/"),
            or(
                s.text("functionPrefix", FUNCTION, "at most 24 letters, digits, - and _"),
                "martlet"),
            s.number("memory", 1769, 128, 10_240),
            s.duration("timeout", LONGEST, Duration.ofSeconds(1), LONGEST),
            s.number("ephemeralStorage", 512, 512, 10_240),
            or(
                s.text("architecture", Pattern.compile("x86_64|arm64"), "x86_64 or arm64"),
                "x86_64"),
            runtime(s),
            s.number("reservedConcurrency", -1, 0, 1_000_000),
            s.number("connections", 1_000, 1, 100_000),
            s.truth("reports", true),
            s.truth("classArchive", true),
            s.text("queue", QUEUE, "the URL of a queue of SQS"),
            s.names("subnets"),
            s.names("securityGroups"),
            s.texts("tags"),
            s.texts("environment"),
            uri(s, "lambdaEndpoint"),
            uri(s, "s3Endpoint"),
            uri(s, "sqsEndpoint"),
            uri(s, "endpoint"),
            s.truth("pathStyle", s.has("s3Endpoint")));
    s.end();
    return settings;
  }

  private static String runtime(Section s) {
    String set = s.text("runtime", Pattern.compile("java(17|21|25)"), "java17, java21 or java25");
    if (set != null) {
      return set;
    }
    int jdk = Runtime.version().feature();
    String runtime = RUNTIMES.get(jdk);
    if (runtime == null) {
      throw new IllegalArgumentException(
          "this JVM is of JDK "
              + jdk
              + ", for which Lambda has no runtime: run the program on JDK 17, 21 or 25");
    }
    return runtime;
  }

  private static @Nullable URI uri(Section s, String key) {
    String text = s.text(key, Pattern.compile("https?://[^/\\s]+/?"), "a URL, http://HOST:PORT");
    return text == null ? null : URI.create(text);
  }

  private static String or(@Nullable String text, String fallback) {
    return text == null ? fallback : text;
  }

  /**
   * Returns the region, the SDK's own if none is set.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Region findRegion() {
    if (region.isPresent()) {
      return Region.of(region.get());
    }
    try {
      return DefaultAwsRegionProviderChain.builder().build().getRegion();
    } catch (SdkClientException e) {
      throw new IllegalArgumentException(
          "no AWS region is set: set aws.region in martlet.yaml, or AWS_REGION, or run"
              + " `aws configure set region eu-west-1`",
          e);
    }
  }

  /**
   * Returns the bucket.
   *
   * @throws IllegalArgumentException if none is set
   */
  public String needBucket() {
    return bucket.orElseThrow(
        () ->
            new IllegalArgumentException(
                "aws.bucket is not set: create one with `aws s3 mb s3://NAME` and set it"));
  }

  /**
   * Returns the role.
   *
   * @throws IllegalArgumentException if none is set
   */
  public String needRole() {
    return role.orElseThrow(
        () ->
            new IllegalArgumentException(
                "aws.role is not set: `martlet doctor` shows how to create one"));
  }

  /** Returns where the bucket is, for workers. */
  public Map<String, String> place() {
    String name = needBucket();
    String regionName = findRegion().id();
    URI address =
        s3Endpoint == null ? URI.create("https://s3." + regionName + ".amazonaws.com") : s3Endpoint;
    String base =
        pathStyle
            ? address + "/" + name
            : address.getScheme() + "://" + name + "." + address.getAuthority();
    return Map.of("base", base, "region", regionName, "prefix", prefix);
  }

  /** Returns the JDK of the runtime. */
  public int jdk() {
    return Integer.parseInt(runtime.substring("java".length()));
  }
}
