package dev.martlet.internal.testkit;

import dev.martlet.testkit.aws.Faults;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Lambda's REST API: what the SDK's client speaks to. */
final class Gateway {
  private static final int LONGEST_EVENT = 1024 * 1024;
  private static final int LONGEST_REQUEST = 6 * 1024 * 1024;
  private static final int LONGEST_TAIL = 4 * 1024;
  private static final Pattern PATH =
      Pattern.compile("/20\\d\\d-\\d\\d-\\d\\d/(functions|tags|account-settings)(?:/(.*))?");
  private static final Pattern NAME =
      Pattern.compile(
          "(?:(?:arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]*:)?\\d{12}:function:)?([a-zA-Z0-9-_]+)"
              + "(?::(\\$LATEST|[a-zA-Z0-9-_]+))?");
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

  private final Settings settings;
  private final Lambda lambda;
  private final Codes codes;
  private final Signatures signatures;
  private final Chances chances;
  private final ScheduledExecutorService timer;
  private final Executor work;
  private final ObjectSource objects;
  private final Neighbours neighbours;
  private final Counters counters;
  private final Set<Object> connections =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  Gateway(
      Settings settings,
      Lambda lambda,
      Codes codes,
      Chances chances,
      ScheduledExecutorService timer,
      Executor work,
      ObjectSource objects,
      Neighbours neighbours,
      Counters counters) {
    this.settings = settings;
    this.lambda = lambda;
    this.codes = codes;
    this.signatures = new Signatures(settings.accessKey(), settings.secretKey());
    this.chances = chances;
    this.timer = timer;
    this.work = work;
    this.objects = objects;
    this.neighbours = neighbours;
    this.counters = counters;
  }

  /** A request, and how its answer goes back. */
  private final class Turn {
    final Exchange exchange;
    final String id = UUID.randomUUID().toString();
    private final long back;
    private final AtomicBoolean answered = new AtomicBoolean();

    Turn(Exchange exchange, long back) {
      this.exchange = exchange;
      this.back = back;
    }

    void json(int status, Object body) {
      answer(status, Map.of(), Json.bytes(body));
    }

    void answer(int status, Map<String, String> more, byte[] body) {
      if (!answered.compareAndSet(false, true)) {
        return;
      }
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("x-amzn-RequestId", id);
      if (body.length > 0) {
        headers.put("Content-Type", "application/json");
      }
      headers.putAll(more);
      counters.bytesOut.add(body.length);
      later(back, () -> exchange.answer(status, headers, body));
    }

    void refuse(ServiceError error) {
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("x-amzn-ErrorType", error.type);
      answer(error.status, headers, error.body());
    }

    void cut() {
      if (answered.compareAndSet(false, true)) {
        later(back, exchange::cut);
      }
    }
  }

  private void later(long nanos, Runnable action) {
    if (nanos <= 0) {
      action.run();
    } else {
      var unused = timer.schedule(() -> work.execute(action), nanos, TimeUnit.NANOSECONDS);
    }
  }

  /** Takes a request that comes from far away. */
  void receiveFar(Exchange exchange) {
    long half = settings.roundTrip().toNanos() / 2;
    boolean fresh = half > 0 && connections.add(exchange.connection());
    // A new connection costs a round trip for TCP, and one for TLS 1.3.
    receive(exchange, half + (fresh ? 4 * half : 0), half);
  }

  /** Takes a request from within the cloud. */
  void receiveNear(Exchange exchange) {
    receive(exchange, 0, 0);
  }

  private void receive(Exchange exchange, long there, long back) {
    counters.requests.increment();
    counters.bytesIn.add(exchange.body().length);
    Turn turn = new Turn(exchange, back);
    boolean quick = exchange.path().endsWith("/invocations");
    if (there > 0 || quick) {
      later(there, () -> handle(turn));
    } else {
      work.execute(() -> handle(turn));
    }
  }

  private void handle(Turn turn) {
    try {
      ServiceError error = signatures.check(turn.exchange);
      if (error != null) {
        throw error;
      }
      route(turn);
    } catch (ServiceError e) {
      turn.refuse(e);
    } catch (RuntimeException e) {
      turn.refuse(new ServiceError(500, "ServiceException", String.valueOf(e)));
    }
  }

  private void route(Turn turn) {
    if (Neighbours.concern(turn.exchange)) {
      Neighbours.Reply reply = neighbours.answer(turn.exchange, turn.id);
      byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
      turn.answer(reply.status(), Map.of("Content-Type", reply.type()), body);
      return;
    }
    Matcher matcher = PATH.matcher(turn.exchange.path());
    if (!matcher.matches()) {
      throw unknown(turn);
    }
    String rest = matcher.group(2) == null ? "" : matcher.group(2);
    switch (matcher.group(1)) {
      case "account-settings" -> turn.json(200, account());
      case "tags" -> tags(turn, decode(rest));
      default -> {
        if (rest.isEmpty()) {
          functions(turn);
        } else {
          List<String> parts = Arrays.stream(rest.split("/", -1)).map(Gateway::decode).toList();
          function(turn, parts.get(0), parts.size() > 1 ? parts.get(1) : "");
        }
      }
    }
  }

  private static ServiceError unknown(Turn turn) {
    return new ServiceError(
        404,
        "UnknownOperationException",
        "The test kit has no " + turn.exchange.method() + " " + turn.exchange.path());
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static @Nullable String parameter(Turn turn, String name) {
    return parameters(turn.exchange.query()).get(name);
  }

  /** Returns the parameters of a query or a form. */
  static Map<String, String> parameters(String encoded) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String part : encoded.split("&", -1)) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        String value = part.substring(equals + 1);
        parameters.put(
            URLDecoder.decode(part.substring(0, equals), StandardCharsets.UTF_8),
            URLDecoder.decode(value, StandardCharsets.UTF_8));
      }
    }
    return parameters;
  }

  private Map<String, Object> account() {
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

  private void functions(Turn turn) {
    switch (turn.exchange.method()) {
      case "POST" -> create(turn);
      case "GET" -> list(turn);
      default -> throw unknown(turn);
    }
  }

  private void list(Turn turn) {
    String marker = parameter(turn, "Marker");
    String most = parameter(turn, "MaxItems");
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

  private void function(Turn turn, String reference, String what) {
    Matcher matcher = NAME.matcher(reference);
    if (!matcher.matches()) {
      throw new ServiceError(400, "ValidationException", "Not a function's name: " + reference);
    }
    String name = matcher.group(1);
    String qualifier = matcher.group(2) != null ? matcher.group(2) : parameter(turn, "Qualifier");
    Function function = lambda.find(name);
    if (function == null) {
      throw ServiceError.notFound(arn(name));
    }
    Configuration version = function.version(qualifier);
    if (version == null) {
      throw ServiceError.notFound(arn(name) + ":" + qualifier);
    }
    JsonNode body =
        what.equals("invocations") ? Json.read(new byte[0]) : Json.read(turn.exchange.body());
    switch (turn.exchange.method() + " " + what) {
      case "POST invocations" -> invoke(turn, function, version);
      case "GET " -> describe(turn, function, version);
      case "GET configuration" -> turn.json(200, function.json(version));
      case "PUT configuration" -> {
        Configuration updated = configured(function.configuration, body);
        lambda.update(function, updated);
        turn.json(200, function.json(updated));
      }
      case "PUT code" -> {
        Configuration old = function.configuration;
        Codes.Code code = code(body);
        Configuration updated =
            with(old, code, old.version(), architecture(body, old.architecture()));
        lambda.update(function, updated);
        turn.json(200, function.json(updated));
      }
      case "DELETE " -> {
        lambda.remove(name);
        turn.answer(204, Map.of(), new byte[0]);
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
        turn.answer(204, Map.of(), new byte[0]);
      }
      case "PUT event-invoke-config", "POST event-invoke-config" -> {
        function.retries = body.path("MaximumRetryAttempts").asInt(function.retries);
        function.maximumAgeSeconds =
            body.path("MaximumEventAgeInSeconds").asLong(function.maximumAgeSeconds);
        turn.json(200, events(function));
      }
      case "GET event-invoke-config" -> turn.json(200, events(function));
      case "POST versions" -> turn.json(201, function.json(publish(function)));
      case "GET versions" -> {
        List<Object> all = new ArrayList<>();
        all.add(function.json(function.configuration));
        function.versions.forEach(v -> all.add(function.json(v)));
        turn.json(200, Map.of("Versions", all));
      }
      default -> throw unknown(turn);
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

  private void tags(Turn turn, String arn) {
    Matcher matcher = NAME.matcher(arn);
    Function function = matcher.matches() ? lambda.find(matcher.group(1)) : null;
    if (function == null) {
      throw ServiceError.notFound(arn);
    }
    synchronized (function.tags) {
      switch (turn.exchange.method()) {
        case "GET" -> turn.json(200, Map.of("Tags", new TreeMap<>(function.tags)));
        case "POST" -> {
          function.tags.putAll(strings(Json.read(turn.exchange.body()).path("Tags")));
          turn.answer(204, Map.of(), new byte[0]);
        }
        case "DELETE" -> {
          for (String part : turn.exchange.query().split("&", -1)) {
            if (part.startsWith("tagKeys=")) {
              function.tags.remove(decode(part.substring("tagKeys=".length())));
            }
          }
          turn.answer(204, Map.of(), new byte[0]);
        }
        default -> throw unknown(turn);
      }
    }
  }

  private String arn(String name) {
    return "arn:aws:lambda:" + settings.region() + ":" + settings.account() + ":function:" + name;
  }

  private void create(Turn turn) {
    JsonNode body = Json.read(turn.exchange.body());
    String reference = text(body, "FunctionName", "");
    Matcher matcher = NAME.matcher(reference);
    if (!matcher.matches()) {
      throw new ServiceError(400, "ValidationException", "Not a function's name: " + reference);
    }
    String name = matcher.group(1);
    if (lambda.find(name) != null) {
      throw new ServiceError(409, "ResourceConflictException", "Function already exist: " + name);
    }
    Codes.Code code = code(body.path("Code"));
    Configuration empty =
        new Configuration(
            name,
            arn(name),
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
    Function function = new Function(configured(empty, body), null);
    function.tags.putAll(strings(body.path("Tags")));
    lambda.add(function);
    Configuration created =
        body.path("Publish").asBoolean(false) ? publish(function) : function.configuration;
    turn.json(201, function.json(created));
  }

  /** Returns a configuration for a function that lives in this JVM. */
  Configuration local(
      String name, int memory, long timeoutMillis, Map<String, String> environment) {
    return new Configuration(
        name,
        arn(name),
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

  private Configuration publish(Function function) {
    Configuration now = function.configuration;
    Configuration version =
        new Configuration(
            now.name(),
            now.arn() + ":" + function.nextVersion,
            Integer.toString(function.nextVersion++),
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
    return lambda.publish(function, version);
  }

  private Codes.Code code(JsonNode code) {
    String zip = text(code, "ZipFile", "");
    if (!zip.isEmpty()) {
      try {
        return codes.inline(Base64.getDecoder().decode(zip));
      } catch (IllegalArgumentException e) {
        throw new ServiceError(400, "SerializationException", "ZipFile is not base64");
      }
    }
    String bucket = text(code, "S3Bucket", "");
    String key = text(code, "S3Key", "");
    if (bucket.isEmpty() || key.isEmpty()) {
      throw ServiceError.invalid("Please provide a source for function code.");
    }
    return codes.unpack(objects.read(bucket, key));
  }

  private static String architecture(JsonNode body, String otherwise) {
    JsonNode all = body.path("Architectures");
    return all.isArray() && !all.isEmpty() ? all.get(0).asString() : otherwise;
  }

  private static String text(JsonNode body, String name, String otherwise) {
    JsonNode value = body.path(name);
    return value.isString() ? value.asString() : otherwise;
  }

  private static Map<String, String> strings(JsonNode object) {
    Map<String, String> strings = new TreeMap<>();
    object.properties().forEach(entry -> strings.put(entry.getKey(), entry.getValue().asString()));
    return strings;
  }

  private static Configuration configured(Configuration old, JsonNode body) {
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

  private static Configuration with(
      Configuration old, Codes.Code code, String version, String architecture) {
    return new Configuration(
        old.name(),
        old.arn(),
        version,
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
        architecture,
        old.ephemeralStorage(),
        old.snapStart(),
        MODIFIED.format(Instant.now()),
        UUID.randomUUID().toString());
  }

  private void invoke(Turn turn, Function function, Configuration version) {
    if (function.pending()) {
      throw new ServiceError(
          409,
          "ResourceConflictException",
          "The operation cannot be performed at this time. The function is currently in the"
              + " following state: Pending");
    }
    String type = turn.exchange.header("X-Amz-Invocation-Type");
    boolean event = "Event".equals(type);
    byte[] payload = turn.exchange.body();
    if (payload.length > LONGEST_REQUEST) {
      throw new ServiceError(
          413,
          "RequestEntityTooLargeException",
          "Request must be smaller than "
              + LONGEST_REQUEST
              + " bytes for the InvokeFunction operation");
    }
    if (event && payload.length > LONGEST_EVENT) {
      throw new ServiceError(
          413,
          "RequestEntityTooLargeException",
          payload.length
              + " byte payload is too large for the Event invocation type (limit "
              + LONGEST_EVENT
              + " bytes)");
    }
    if (payload.length == 0) {
      payload = "{}".getBytes(StandardCharsets.UTF_8);
    } else {
      String complaint = Json.complaint(payload);
      if (complaint != null) {
        throw new ServiceError(
            400,
            "InvalidRequestContentException",
            "Could not parse request body into json: " + complaint);
      }
    }
    if ("DryRun".equals(type)) {
      turn.answer(204, Map.of(), new byte[0]);
      return;
    }
    String context = turn.exchange.header("X-Amz-Client-Context");
    String trace = turn.exchange.header("X-Amzn-Trace-Id");
    Call call =
        new Call(
            turn.id,
            payload,
            context == null ? "" : context,
            trace == null ? "Root=1-" + turn.id.replace("-", "").substring(0, 24) : trace);
    Faults faults = chances.faults();
    if (chances.hit(faults.throttle())) {
      counters.faults.increment();
      counters.throttled.increment();
      throw ServiceError.throttled("ConcurrentInvocationLimitExceeded");
    }
    if (chances.hit(faults.errorBefore())) {
      counters.faults.increment();
      throw new ServiceError(500, "ServiceException", "An injected fault, before the function");
    }
    if (chances.hit(faults.cutBefore())) {
      counters.faults.increment();
      turn.cut();
      return;
    }
    counters.invocations.increment();
    boolean twice = chances.hit(faults.duplicate());
    if (twice) {
      counters.faults.increment();
    }
    if (event) {
      lambda.queue(function, version, call);
      if (twice) {
        lambda.queue(function, version, call);
      }
      finish(turn, 202, Map.of(), new byte[0]);
      return;
    }
    boolean tail = "Tail".equals(turn.exchange.header("X-Amz-Log-Type"));
    var unused =
        lambda
            .run(function, version, call)
            .thenAccept(
                outcome -> {
                  if (twice) {
                    lambda.queue(function, version, call);
                  }
                  Map<String, String> headers = new LinkedHashMap<>();
                  headers.put("X-Amz-Executed-Version", version.version());
                  if (outcome.failed()) {
                    headers.put("X-Amz-Function-Error", "Unhandled");
                  }
                  if (tail) {
                    headers.put("X-Amz-Log-Result", tail(outcome.log()));
                  }
                  finish(turn, 200, headers, outcome.payload());
                });
  }

  /** Answers, unless a fault takes the answer away. */
  private void finish(Turn turn, int status, Map<String, String> headers, byte[] body) {
    Faults faults = chances.faults();
    if (chances.hit(faults.errorAfter())) {
      counters.faults.increment();
      turn.refuse(
          new ServiceError(500, "ServiceException", "An injected fault, after the function"));
    } else if (chances.hit(faults.cutAfter())) {
      counters.faults.increment();
      turn.cut();
    } else if (chances.hit(faults.lost())) {
      counters.faults.increment();
    } else {
      turn.answer(status, headers, body);
    }
  }

  private static String tail(byte[] log) {
    byte[] end = Arrays.copyOfRange(log, Math.max(0, log.length - LONGEST_TAIL), log.length);
    return Base64.getEncoder().encodeToString(end);
  }
}
