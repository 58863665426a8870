package io.postern.audit.files;

import io.postern.audit.domain.LogRecord;
import io.postern.audit.domain.UnreadableCopyException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A record as a line of JSON: {@code {"offset": 5, "timestamp": 1790000000000, "key": "base64" or
 * null, "headers": [["name", "base64" or null], ...], "value": "base64" or null}}.
 */
final class RecordLine {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Base64.Encoder ENCODER = Base64.getEncoder();
  private static final Base64.Decoder DECODER = Base64.getDecoder();

  private RecordLine() {}

  static String write(LogRecord record) {
    ObjectNode line = JSON.createObjectNode();
    line.put("offset", record.offset());
    line.put("timestamp", record.timestamp());
    line.put("key", text(record.key()));
    ArrayNode headers = line.putArray("headers");
    for (LogRecord.Header header : record.headers()) {
      headers.addArray().add(header.name()).add(text(header.value()));
    }
    line.put("value", text(record.value()));
    return line.toString();
  }

  /**
   * @param where the line stands, for people
   * @throws UnreadableCopyException when it is no record
   */
  static LogRecord read(String line, String where) {
    try {
      JsonNode node = JSON.readTree(line);
      List<LogRecord.Header> headers = new ArrayList<>();
      for (JsonNode header : node.required("headers")) {
        headers.add(
            new LogRecord.Header(header.required(0).stringValue(), bytes(header.required(1))));
      }
      return new LogRecord(
          node.required("offset").longValue(),
          node.required("timestamp").longValue(),
          bytes(node.required("key")),
          headers,
          bytes(node.required("value")));
    } catch (JacksonException | IllegalArgumentException e) {
      throw new UnreadableCopyException(where + " is no record");
    }
  }

  private static @Nullable String text(byte @Nullable [] bytes) {
    return bytes == null ? null : ENCODER.encodeToString(bytes);
  }

  private static byte @Nullable [] bytes(JsonNode node) {
    return node.isNull() ? null : DECODER.decode(node.stringValue());
  }
}
