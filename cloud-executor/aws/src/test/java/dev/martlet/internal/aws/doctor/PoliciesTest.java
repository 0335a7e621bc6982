package dev.martlet.internal.aws.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.martlet.internal.aws.AwsSettings;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.regions.Region;

/** What the documents for IAM allow. */
class PoliciesTest {
  /** Actions that are not called as their operations are. */
  private static final Map<String, String> NAMED_OTHERWISE =
      Map.ofEntries(
          Map.entry("lambda:Invoke", "lambda:InvokeFunction"),
          Map.entry("s3:GetBucketNotificationConfiguration", "s3:GetBucketNotification"),
          Map.entry("sqs:DeleteMessageBatch", "sqs:DeleteMessage"),
          Map.entry("sqs:ChangeMessageVisibilityBatch", "sqs:ChangeMessageVisibility"),
          Map.entry("s3:HeadObject", "s3:GetObject"),
          Map.entry("s3:HeadBucket", "s3:ListBucket"),
          Map.entry("s3:ListObjectsV2", "s3:ListBucket"),
          Map.entry("s3:DeleteObjects", "s3:DeleteObject"),
          Map.entry("s3:CreateMultipartUpload", "s3:PutObject"),
          Map.entry("s3:UploadPart", "s3:PutObject"),
          Map.entry("s3:CompleteMultipartUpload", "s3:PutObject"),
          Map.entry("cloudwatchlogs:FilterLogEvents", "logs:FilterLogEvents"),
          Map.entry("sts:GetCallerIdentity", ""));

  private static final Set<String> NO_OPERATIONS = Set.of("builder", "close");

  @Test
  @DisplayName("the client may do what its code does, and nothing else")
  void client() throws Exception {
    Set<String> called = new TreeSet<>();
    for (JavaClass c :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.martlet.internal.aws")) {
      for (JavaMethodCall call : c.getMethodCallsFromSelf()) {
        String owner = call.getTargetOwner().getFullName();
        if (owner.startsWith("software.amazon.awssdk.services.")
            && owner.endsWith("AsyncClient")
            && !NO_OPERATIONS.contains(call.getName())) {
          String operation =
              owner.split("\\.")[4]
                  + ":"
                  + call.getName().substring(0, 1).toUpperCase(Locale.ROOT)
                  + call.getName().substring(1);
          called.add(NAMED_OTHERWISE.getOrDefault(operation, operation));
        }
      }
    }
    called.remove("");
    called.add("iam:PassRole"); // CreateFunction hands over the role
    assertThat(called).contains("lambda:CreateFunction", "s3:PutObject");
    assertThat(actions(Policies.read("client.json"))).isEqualTo(called);
  }

  @Test
  @DisplayName("the worker may read and write objects, invoke its like, and write its log")
  void worker() throws Exception {
    assertThat(actions(Policies.read("worker.json")))
        .containsExactlyInAnyOrder(
            "lambda:InvokeFunction",
            "s3:GetObject",
            "s3:PutObject",
            "s3:ListBucket",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents");
  }

  @Test
  @DisplayName("documents are about the settings' own resources")
  void resources() {
    Policies policies =
        new Policies(
            AwsSettings.read(
                Map.of("bucket", "my-bucket", "role", "arn:aws:iam::123456789012:role/w")),
            Region.EU_WEST_1,
            "123456789012");
    assertThat(policies.client() + policies.worker() + policies.trust())
        .doesNotContain("<")
        .contains("arn:aws:s3:::my-bucket/martlet/*")
        .contains("arn:aws:lambda:eu-west-1:123456789012:function:martlet-*")
        .contains("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/martlet-*")
        .contains("\"arn:aws:iam::123456789012:role/w\"");
    assertThat(new Policies(AwsSettings.read(Map.of()), Region.CN_NORTH_1, "123456789012").client())
        .contains("arn:aws-cn:s3:::");
  }

  private static Set<String> actions(String document) {
    Set<String> actions = new TreeSet<>();
    for (JsonNode statement :
        JsonNode.parser()
            .parse(document.getBytes(UTF_8))
            .field("Statement")
            .orElseThrow()
            .asArray()) {
      JsonNode action = statement.field("Action").orElseThrow();
      assertThat(statement.field("Effect").orElseThrow().asString()).isEqualTo("Allow");
      (action.isArray() ? action.asArray().stream() : Stream.of(action))
          .forEach(a -> actions.add(a.asString()));
    }
    return actions;
  }
}
