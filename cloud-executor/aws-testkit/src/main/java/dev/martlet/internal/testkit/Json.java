package dev.martlet.internal.testkit;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON in and out. */
final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  static Map<String, Object> object() {
    return new LinkedHashMap<>();
  }

  static byte[] bytes(Object value) {
    return MAPPER.writeValueAsBytes(value);
  }

  /** Reads an object; empty if there is nothing to read. */
  static JsonNode read(byte[] content) {
    try {
      return content.length == 0 ? MAPPER.createObjectNode() : MAPPER.readTree(content);
    } catch (JacksonException e) {
      throw new ServiceError(400, "SerializationException", "Not JSON: " + e.getMessage());
    }
  }

  /** Returns why content is not one JSON value; null if it is. */
  static @Nullable String complaint(byte[] content) {
    int depth = 0;
    int values = 0;
    try (JsonParser parser = MAPPER.createParser(content)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isStructStart()) {
          depth++;
        } else if (token.isStructEnd()) {
          depth--;
        }
        if (token == JsonToken.VALUE_STRING) {
          parser.finishToken();
        }
        if (depth == 0) {
          values++;
        }
      }
      return values == 1 ? null : "expected one value";
    } catch (JacksonException e) {
      return String.valueOf(e.getOriginalMessage());
    }
  }
}
