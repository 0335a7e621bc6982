package dev.martlet.internal.testkit;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/**
 * As much of other services as tools for functions need: who one is (STS), what a role is (IAM;
 * every role exists, and Lambda may take it), and what functions have logged (CloudWatch Logs).
 */
final class Neighbours {
  private static final String LOGS = "Logs_20140328.";
  private static final String GROUP = "/aws/lambda/";
  private static final String XML = "text/xml";
  private static final String LOGS_JSON = "application/x-amz-json-1.1";
  private static final int PAGE = 10_000;
  private static final String TRUST =
      "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":"
          + "{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}";

  private final Settings settings;
  private final Logs logs;
  private final Predicate<String> exists;

  /** An answer. */
  record Reply(int status, String type, String body) {}

  Neighbours(Settings settings, Logs logs, Predicate<String> exists) {
    this.settings = settings;
    this.logs = logs;
    this.exists = exists;
  }

  /** Whether a request is for one of them: all of these are posted to the root. */
  static boolean concern(Exchange exchange) {
    return exchange.path().equals("/") && exchange.method().equals("POST");
  }

  Reply answer(Exchange exchange, String id) {
    String target = exchange.header("X-Amz-Target");
    if (target != null && target.startsWith(LOGS)) {
      return logs(target.substring(LOGS.length()), Json.read(exchange.body()));
    }
    Map<String, String> form =
        Gateway.parameters(new String(exchange.body(), StandardCharsets.UTF_8));
    return switch (form.getOrDefault("Action", "")) {
      case "GetCallerIdentity" ->
          xml(
              id,
              "GetCallerIdentity",
              "https://sts.amazonaws.com/doc/2011-06-15/",
              element("Arn", "arn:aws:iam::" + settings.account() + ":user/test-kit")
                  + element("UserId", settings.accessKey())
                  + element("Account", settings.account()));
      case "GetRole" ->
          xml(
              id,
              "GetRole",
              "https://iam.amazonaws.com/doc/2010-05-08/",
              role(form.getOrDefault("RoleName", "")));
      default ->
          new Reply(
              400,
              XML,
              "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>The test"
                  + " kit has no such action</Message></Error></ErrorResponse>");
    };
  }

  private String role(String name) {
    return "<Role>"
        + element("Path", "/")
        + element("Arn", "arn:aws:iam::" + settings.account() + ":role/" + name)
        + element("RoleName", name)
        + element("RoleId", "AROATESTKITTESTKIT00")
        + element("CreateDate", "2026-01-01T00:00:00Z")
        + element("AssumeRolePolicyDocument", URLEncoder.encode(TRUST, StandardCharsets.UTF_8))
        + "</Role>";
  }

  private static String element(String name, String text) {
    String escaped = text.replace("&", "&amp;").replace("<", "&lt;");
    return "<" + name + ">" + escaped + "</" + name + ">";
  }

  private static Reply xml(String id, String action, String space, String content) {
    return new Reply(
        200,
        XML,
        "<"
            + action
            + "Response xmlns=\""
            + space
            + "\"><"
            + action
            + "Result>"
            + content
            + "</"
            + action
            + "Result><ResponseMetadata>"
            + element("RequestId", id)
            + "</ResponseMetadata></"
            + action
            + "Response>");
  }

  private Reply logs(String action, JsonNode request) {
    if (!action.equals("FilterLogEvents")) {
      return refuse("UnknownOperationException", "The test kit has no " + action);
    }
    String group = request.path("logGroupName").asString("");
    String function = group.startsWith(GROUP) ? group.substring(GROUP.length()) : "";
    List<Logs.Line> all = logs.of(function);
    if (all.isEmpty() && !exists.test(function)) {
      return refuse("ResourceNotFoundException", "The specified log group does not exist.");
    }
    long from = request.path("startTime").asLong(0);
    long until = request.path("endTime").asLong(Long.MAX_VALUE);
    long after = Long.parseLong(request.path("nextToken").asString("-1"));
    String pattern = request.path("filterPattern").asString("").replace("\"", "");
    int limit = Math.min(PAGE, request.path("limit").asInt(PAGE));
    List<Object> events = new ArrayList<>();
    Map<String, Object> answer = Json.object();
    long last = after;
    for (Logs.Line line : all) {
      if (line.number() <= after
          || line.millis() < from
          || line.millis() > until
          || !line.text().contains(pattern)) {
        continue;
      }
      if (events.size() == limit) {
        answer.put("nextToken", Long.toString(last));
        break;
      }
      Map<String, Object> event = Json.object();
      event.put("eventId", Long.toString(line.number()));
      event.put("ingestionTime", line.millis());
      event.put("logStreamName", line.stream());
      event.put("message", line.text() + "\n");
      event.put("timestamp", line.millis());
      events.add(event);
      last = line.number();
    }
    answer.put("events", events);
    answer.put("searchedLogStreams", List.of());
    return new Reply(200, LOGS_JSON, new String(Json.bytes(answer), StandardCharsets.UTF_8));
  }

  private static Reply refuse(String type, String message) {
    byte[] body = Json.bytes(Map.of("__type", type, "message", message));
    return new Reply(400, LOGS_JSON, new String(body, StandardCharsets.UTF_8));
  }
}
