package dev.martlet.internal.testkit;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The part of Lambda's API that makes, describes, changes and deletes functions. */
final class Functions {
  private static final Pattern NAME =
      Pattern.compile(
          "(?:(?:arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]*:)?\\d{12}:function:)?([a-zA-Z0-9-_]+)"
              + "(?::(\\$LATEST|[a-zA-Z0-9-_]+))?");

  private final Settings settings;
  private final Lambda lambda;
  private final Invocations invocations;
  private final Codes codes;
  private final ObjectSource objects;

  Functions(
      Settings settings,
      Lambda lambda,
      Invocations invocations,
      Codes codes,
      ObjectSource objects) {
    this.settings = settings;
    this.lambda = lambda;
    this.invocations = invocations;
    this.codes = codes;
    this.objects = objects;
  }

  Map<String, Object> account() {
    Map<String, Object> limit = Json.object();
    limit.put("CodeSizeUnzipped", 262144000L);
    limit.put("CodeSizeZipped", 52428800L);
    limit.put("ConcurrentExecutions", settings.concurrency());
    limit.put("TotalCodeSize", 80530636800L);
    limit.put("UnreservedConcurrentExecutions", settings.concurrency() - lambda.reservedInAll());
    Map<String, Object> usage = Json.object();
    List<Function> all = lambda.all();
    usage.put("FunctionCount", all.size());
    usage.put("TotalCodeSize", all.stream().mapToLong(f -> f.configuration.codeSize()).sum());
    return Map.of("AccountLimit", limit, "AccountUsage", usage);
  }

  void functions(Turn turn) {
    switch (turn.exchange().method()) {
      case "POST" -> create(turn);
      case "GET" -> list(turn);
      default -> throw turn.unknown();
    }
  }

  private void list(Turn turn) {
    String marker = Gateway.parameter(turn, "Marker");
    String most = Gateway.parameter(turn, "MaxItems");
    int limit = most == null ? 50 : Math.min(50, Integer.parseInt(most));
    List<Object> page = new ArrayList<>();
    Map<String, Object> answer = Json.object();
    String last = "";
    for (Function function : lambda.all()) {
      String name = function.configuration.name();
      if (marker != null && name.compareTo(marker) <= 0) {
        continue;
      }
      if (page.size() == limit) {
        answer.put("NextMarker", last);
        break;
      }
      page.add(function.json(function.configuration));
      last = name;
    }
    answer.put("Functions", page);
    turn.json(200, answer);
  }

  void function(Turn turn, String reference, String what) {
    Matcher matcher = NAME.matcher(reference);
    if (!matcher.matches()) {
      throw new ServiceError(400, "ValidationException", "Not a function's name: " + reference);
    }
    String name = matcher.group(1);
    String qualifier =
        matcher.group(2) != null ? matcher.group(2) : Gateway.parameter(turn, "Qualifier");
    Function function = lambda.find(name);
    if (function == null) {
      throw ServiceError.notFound(Configurations.arn(settings, name));
    }
    Configuration version = function.version(qualifier);
    if (version == null) {
      throw ServiceError.notFound(Configurations.arn(settings, name) + ":" + qualifier);
    }
    JsonNode body =
        what.equals("invocations") ? Json.read(new byte[0]) : Json.read(turn.exchange().body());
    switch (turn.exchange().method() + " " + what) {
      case "POST invocations" -> invocations.invoke(turn, function, version);
      case "GET " -> describe(turn, function, version);
      case "GET configuration" -> turn.json(200, function.json(version));
      case "PUT configuration" -> {
        Configuration updated = Configurations.configured(function.configuration, body);
        lambda.update(function, updated);
        turn.json(200, function.json(updated));
      }
      case "PUT code" -> {
        Configuration updated = Configurations.coded(function.configuration, code(body), body);
        lambda.update(function, updated);
        turn.json(200, function.json(updated));
      }
      case "DELETE " -> {
        lambda.remove(name);
        turn.nothing(204);
      }
      case "PUT concurrency" -> {
        function.reserved = body.path("ReservedConcurrentExecutions").asInt(0);
        turn.json(200, Map.of("ReservedConcurrentExecutions", function.reserved));
      }
      case "GET concurrency" ->
          turn.json(
              200,
              function.reserved < 0
                  ? Map.of()
                  : Map.of("ReservedConcurrentExecutions", function.reserved));
      case "DELETE concurrency" -> {
        function.reserved = -1;
        turn.nothing(204);
      }
      case "PUT event-invoke-config", "POST event-invoke-config" -> {
        function.retries = body.path("MaximumRetryAttempts").asInt(function.retries);
        function.maximumAgeSeconds =
            body.path("MaximumEventAgeInSeconds").asLong(function.maximumAgeSeconds);
        turn.json(200, events(function));
      }
      case "GET event-invoke-config" -> turn.json(200, events(function));
      case "POST versions" -> turn.json(201, function.json(lambda.publish(function)));
      case "GET versions" -> {
        List<Object> all = new ArrayList<>();
        all.add(function.json(function.configuration));
        function.versions.forEach(v -> all.add(function.json(v)));
        turn.json(200, Map.of("Versions", all));
      }
      default -> throw turn.unknown();
    }
  }

  private static Map<String, Object> events(Function function) {
    Map<String, Object> events = Json.object();
    events.put("FunctionArn", function.configuration.arn());
    events.put("MaximumRetryAttempts", function.retries);
    events.put("MaximumEventAgeInSeconds", function.maximumAgeSeconds);
    return events;
  }

  private void describe(Turn turn, Function function, Configuration version) {
    Map<String, Object> answer = Json.object();
    answer.put("Configuration", function.json(version));
    answer.put("Code", Map.of("RepositoryType", "S3", "Location", "file:" + version.taskRoot()));
    if (!function.tags.isEmpty()) {
      answer.put("Tags", function.tags);
    }
    if (function.reserved >= 0) {
      answer.put("Concurrency", Map.of("ReservedConcurrentExecutions", function.reserved));
    }
    turn.json(200, answer);
  }

  void tags(Turn turn, String arn) {
    Matcher matcher = NAME.matcher(arn);
    Function function = matcher.matches() ? lambda.find(matcher.group(1)) : null;
    if (function == null) {
      throw ServiceError.notFound(arn);
    }
    switch (turn.exchange().method()) {
      case "GET" -> turn.json(200, Map.of("Tags", new TreeMap<>(function.tags)));
      case "POST" -> {
        function.tags.putAll(
            Configurations.strings(Json.read(turn.exchange().body()).path("Tags")));
        turn.nothing(204);
      }
      case "DELETE" -> {
        for (String part : turn.exchange().query().split("&", -1)) {
          if (part.startsWith("tagKeys=")) {
            function.tags.remove(Gateway.decode(part.substring("tagKeys=".length())));
          }
        }
        turn.nothing(204);
      }
      default -> throw turn.unknown();
    }
  }

  private void create(Turn turn) {
    JsonNode body = Json.read(turn.exchange().body());
    String reference = Configurations.text(body, "FunctionName", "");
    Matcher matcher = NAME.matcher(reference);
    if (!matcher.matches()) {
      throw new ServiceError(400, "ValidationException", "Not a function's name: " + reference);
    }
    String name = matcher.group(1);
    if (lambda.find(name) != null) {
      throw new ServiceError(409, "ResourceConflictException", "Function already exist: " + name);
    }
    Codes.Code code = code(body.path("Code"));
    Function function = new Function(Configurations.created(settings, name, code, body), null);
    function.tags.putAll(Configurations.strings(body.path("Tags")));
    lambda.add(function);
    Configuration created =
        body.path("Publish").asBoolean(false) ? lambda.publish(function) : function.configuration;
    turn.json(201, function.json(created));
  }

  private Codes.Code code(JsonNode code) {
    String zip = Configurations.text(code, "ZipFile", "");
    if (!zip.isEmpty()) {
      try {
        return codes.inline(Base64.getDecoder().decode(zip));
      } catch (IllegalArgumentException e) {
        throw new ServiceError(400, "SerializationException", "ZipFile is not base64");
      }
    }
    String bucket = Configurations.text(code, "S3Bucket", "");
    String key = Configurations.text(code, "S3Key", "");
    if (bucket.isEmpty() || key.isEmpty()) {
      throw ServiceError.invalid("Please provide a source for function code.");
    }
    return codes.unpack(objects.read(bucket, key));
  }
}
