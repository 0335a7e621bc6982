package dev.martlet.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.testkit.aws.subject.Subject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.lambda.LambdaAsyncClient;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;

class LambdaTestKitTest {
  static LambdaTestKit kit;
  static LambdaAsyncClient client;

  @BeforeAll
  static void start() throws IOException {
    kit = LambdaTestKit.start();
    client =
        LambdaAsyncClient.builder()
            .endpointOverride(kit.endpoint())
            .region(Region.of(kit.region()))
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(kit.accessKeyId(), kit.secretAccessKey())))
            .build();
    byte[] zip = zip();
    client
        .createFunction(
            f ->
                f.functionName("subject")
                    .runtime("java17")
                    .role("arn:aws:iam::000000000000:role/any")
                    .handler(Subject.class.getName() + "::handleRequest")
                    .memorySize(512)
                    .timeout(30)
                    .code(c -> c.zipFile(SdkBytes.fromByteArray(zip))))
        .join();
  }

  @AfterAll
  static void stop() {
    client.close();
    kit.close();
  }

  static byte[] zip() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      String name = Subject.class.getName().replace('.', '/') + ".class";
      zip.putNextEntry(new ZipEntry(name));
      try (InputStream in = Subject.class.getClassLoader().getResourceAsStream(name)) {
        in.transferTo(zip);
      }
    }
    return bytes.toByteArray();
  }

  static InvokeResponse invoke(String what) {
    return client
        .invoke(i -> i.functionName("subject").payload(SdkBytes.fromUtf8String('"' + what + '"')))
        .join();
  }

  static String answer(String what) {
    InvokeResponse response = invoke(what);
    assertThat(response.functionError()).isNull();
    return response.payload().asUtf8String();
  }

  @Test
  void echoesAnEvent() {
    assertThat(answer("hello")).isEqualTo("\"hello\"");
  }

  @Test
  void usesAnInstanceAgain() {
    assertThat(answer("pid")).isEqualTo(answer("pid"));
  }

  @Test
  void tellsAnExit() {
    InvokeResponse response = invoke("exit 3");
    assertThat(response.functionError()).isEqualTo("Unhandled");
    assertThat(response.payload().asUtf8String())
        .contains("Runtime.ExitError")
        .contains("Error: Runtime exited with error: exit status 3");
    assertThat(answer("again")).isEqualTo("\"again\"");
  }
}
