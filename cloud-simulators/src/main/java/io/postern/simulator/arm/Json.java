package io.postern.simulator.arm;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The few things that the simulator does to JSON trees. */
final class Json {
  static final JsonMapper MAPPER = JsonMapper.shared();

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static ArrayNode array() {
    return MAPPER.createArrayNode();
  }

  /** A request's body; an empty body is an empty object. */
  static ObjectNode parseObject(byte[] body) {
    if (body.length == 0) {
      return object();
    }
    try {
      if (MAPPER.readTree(body) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw ArmException.badRequest(
          "InvalidRequestContent", "The request content was invalid: " + e);
    }
    throw ArmException.badRequest("InvalidRequestContent", "The request content is not an object.");
  }

  /** The member's text, or null when it is absent, null, empty or not a text. */
  static @Nullable String text(JsonNode node, String member) {
    JsonNode value = node.path(member);
    return value.isString() && !value.asString().isEmpty() ? value.asString() : null;
  }

  /** The texts in an array member; empty when it is absent. */
  static List<String> texts(JsonNode node, String member) {
    List<String> texts = new ArrayList<>();
    for (JsonNode value : node.path(member)) {
      texts.add(value.asString(""));
    }
    return texts;
  }

  /** The {@code id} of a reference such as {@code networkSecurityGroup}, or null. */
  static @Nullable String reference(JsonNode node, String member) {
    return text(node.path(member), "id");
  }

  /** The object under the member, created when it is not there. */
  static ObjectNode child(ObjectNode node, String member) {
    if (node.get(member) instanceof ObjectNode child) {
      return child;
    }
    ObjectNode child = object();
    node.set(member, child);
    return child;
  }
}
