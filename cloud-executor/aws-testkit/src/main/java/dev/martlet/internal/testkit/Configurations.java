package dev.martlet.internal.testkit;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Makes configurations of what is asked for, which is checked as Lambda does. */
final class Configurations {
  private static final Pattern ROLE =
      Pattern.compile("arn:aws[a-zA-Z-]*:iam::\\d{12}:role/[a-zA-Z_0-9+=,.@/-]+");
  private static final Pattern RUNTIME = Pattern.compile("java(8\\.al2|11|17|21|25)");
  private static final Pattern HANDLER = Pattern.compile("[^\\s]{1,128}");
  private static final Set<String> RESERVED =
      Set.of(
          "_HANDLER",
          "_X_AMZN_TRACE_ID",
          "AWS_DEFAULT_REGION",
          "AWS_REGION",
          "AWS_EXECUTION_ENV",
          "AWS_LAMBDA_FUNCTION_NAME",
          "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
          "AWS_LAMBDA_FUNCTION_VERSION",
          "AWS_LAMBDA_INITIALIZATION_TYPE",
          "AWS_LAMBDA_LOG_GROUP_NAME",
          "AWS_LAMBDA_LOG_STREAM_NAME",
          "AWS_ACCESS_KEY",
          "AWS_ACCESS_KEY_ID",
          "AWS_SECRET_ACCESS_KEY",
          "AWS_SESSION_TOKEN",
          "AWS_LAMBDA_RUNTIME_API",
          "LAMBDA_TASK_ROOT",
          "LAMBDA_RUNTIME_DIR");
  private static final DateTimeFormatter MODIFIED =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'+0000'").withZone(ZoneOffset.UTC);

  private Configurations() {}

  static String arn(Settings settings, String name) {
    return "arn:aws:lambda:" + settings.region() + ":" + settings.account() + ":function:" + name;
  }

  /** Returns that of a new function. */
  static Configuration created(Settings settings, String name, Codes.Code code, JsonNode body) {
    Configuration empty =
        new Configuration(
            name,
            arn(settings, name),
            "$LATEST",
            "",
            "java17",
            "",
            "",
            128,
            3_000,
            Map.of(),
            code.root(),
            code.hash(),
            code.size(),
            architecture(body, "x86_64"),
            512,
            "None",
            "",
            "");
    return configured(empty, body);
  }

  /** Returns a configuration for a function that lives in this JVM. */
  static Configuration local(
      Settings settings,
      String name,
      int memory,
      long timeoutMillis,
      Map<String, String> environment) {
    return new Configuration(
        name,
        arn(settings, name),
        "$LATEST",
        "local",
        "java" + Runtime.version().feature(),
        "arn:aws:iam::" + settings.account() + ":role/local",
        "",
        memory,
        timeoutMillis,
        Map.copyOf(environment),
        settings.java().getRoot(),
        "",
        0,
        "x86_64",
        512,
        "None",
        MODIFIED.format(Instant.now()),
        UUID.randomUUID().toString());
  }

  /** Returns a version with a number of what is newest. */
  static Configuration version(Configuration now, int number) {
    return new Configuration(
        now.name(),
        now.arn() + ":" + number,
        Integer.toString(number),
        now.handler(),
        now.runtime(),
        now.role(),
        now.description(),
        now.memory(),
        now.timeoutMillis(),
        now.environment(),
        now.taskRoot(),
        now.codeHash(),
        now.codeSize(),
        now.architecture(),
        now.ephemeralStorage(),
        now.snapStart(),
        now.modified(),
        UUID.randomUUID().toString());
  }

  /** Returns that of a function with other settings. */
  static Configuration configured(Configuration old, JsonNode body) {
    int memory = body.path("MemorySize").asInt(old.memory());
    long timeout = body.path("Timeout").asLong(old.timeoutMillis() / 1000);
    if (memory < 128 || memory > 10_240) {
      throw new ServiceError(
          400, "ValidationException", "MemorySize must be between 128 and 10240: " + memory);
    }
    if (timeout < 1 || timeout > 900) {
      throw new ServiceError(
          400, "ValidationException", "Timeout must be between 1 and 900: " + timeout);
    }
    check("role", ROLE, text(body, "Role", old.role()));
    check("runtime", RUNTIME, text(body, "Runtime", old.runtime()));
    check("handler", HANDLER, text(body, "Handler", old.handler()));
    JsonNode variables = body.path("Environment").path("Variables");
    Map<String, String> environment = variables.isObject() ? strings(variables) : old.environment();
    List<String> reserved = environment.keySet().stream().filter(RESERVED::contains).toList();
    if (!reserved.isEmpty()) {
      throw ServiceError.invalid(
          "Lambda was unable to configure your environment variables because the environment"
              + " variables you have provided contains reserved keys that are currently not"
              + " supported for modification. Reserved keys used in this request: "
              + String.join(", ", reserved));
    }
    int size =
        environment.entrySet().stream()
            .mapToInt(e -> e.getKey().length() + e.getValue().length())
            .sum();
    if (size > 4096) {
      throw ServiceError.invalid(
          "Lambda was unable to configure your environment variables because the environment"
              + " variables you have provided exceeded the 4KB limit.");
    }
    return new Configuration(
        old.name(),
        old.arn(),
        old.version(),
        text(body, "Handler", old.handler()),
        text(body, "Runtime", old.runtime()),
        text(body, "Role", old.role()),
        text(body, "Description", old.description()),
        memory,
        timeout * 1000,
        environment,
        old.taskRoot(),
        old.codeHash(),
        old.codeSize(),
        old.architecture(),
        body.path("EphemeralStorage").path("Size").asInt(old.ephemeralStorage()),
        text(body.path("SnapStart"), "ApplyOn", old.snapStart()),
        MODIFIED.format(Instant.now()),
        UUID.randomUUID().toString());
  }

  /** Returns that of a function with other code. */
  static Configuration coded(Configuration old, Codes.Code code, JsonNode body) {
    return new Configuration(
        old.name(),
        old.arn(),
        old.version(),
        old.handler(),
        old.runtime(),
        old.role(),
        old.description(),
        old.memory(),
        old.timeoutMillis(),
        old.environment(),
        code.root(),
        code.hash(),
        code.size(),
        architecture(body, old.architecture()),
        old.ephemeralStorage(),
        old.snapStart(),
        MODIFIED.format(Instant.now()),
        UUID.randomUUID().toString());
  }

  private static void check(String what, Pattern pattern, String value) {
    if (!pattern.matcher(value).matches()) {
      throw new ServiceError(
          400,
          "ValidationException",
          "1 validation error detected: Value '"
              + value
              + "' at '"
              + what
              + "' failed to satisfy constraint: Member must satisfy regular expression pattern: "
              + pattern);
    }
  }

  private static String architecture(JsonNode body, String otherwise) {
    JsonNode all = body.path("Architectures");
    return all.isArray() && !all.isEmpty() ? all.get(0).asString() : otherwise;
  }

  static String text(JsonNode body, String name, String otherwise) {
    JsonNode value = body.path(name);
    return value.isString() ? value.asString() : otherwise;
  }

  static Map<String, String> strings(JsonNode object) {
    Map<String, String> strings = new TreeMap<>();
    object.properties().forEach(entry -> strings.put(entry.getKey(), entry.getValue().asString()));
    return strings;
  }
}
