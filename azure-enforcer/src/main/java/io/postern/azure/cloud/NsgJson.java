package io.postern.azure.cloud;

import io.postern.azure.domain.NsgRule;
import io.postern.azure.domain.NsgStep;
import io.postern.azure.domain.ObservedNsg;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Network security groups as JSON. */
final class NsgJson {
  private static final List<String> READ_ONLY = List.of("etag", "type", "systemData");
  private static final List<String> READ_ONLY_PROPERTIES =
      List.of(
          "provisioningState",
          "resourceGuid",
          "defaultSecurityRules",
          "subnets",
          "networkInterfaces",
          "flowLogs");

  private NsgJson() {}

  static ObservedNsg read(JsonNode document) {
    List<NsgRule> rules = new ArrayList<>();
    for (JsonNode rule : document.path("properties").path("securityRules")) {
      rules.add(rule(rule));
    }
    return new ObservedNsg(
        true,
        document.path("etag").asString(""),
        rules,
        document.path("properties").path("flushConnection").asBoolean(false));
  }

  private static NsgRule rule(JsonNode document) {
    JsonNode p = document.path("properties");
    return new NsgRule(
        document.path("name").asString(""),
        p.path("direction").asString("").equalsIgnoreCase("Inbound"),
        p.path("access").asString("").equalsIgnoreCase("Allow"),
        p.path("priority").asInt(0),
        p.path("protocol").asString("*"),
        values(p, "sourceAddressPrefix", "sourceAddressPrefixes"),
        values(p, "sourcePortRange", "sourcePortRanges"),
        values(p, "destinationAddressPrefix", "destinationAddressPrefixes"),
        values(p, "destinationPortRange", "destinationPortRanges"),
        groups(p.path("sourceApplicationSecurityGroups")),
        groups(p.path("destinationApplicationSecurityGroups")),
        p.path("description").asString(""),
        state(p.path("provisioningState").asString("Succeeded")));
  }

  private static NsgRule.State state(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "succeeded" -> NsgRule.State.IN_FORCE;
      case "updating", "creating", "deleting" -> NsgRule.State.CHANGING;
      default -> NsgRule.State.BROKEN;
    };
  }

  private static List<String> values(JsonNode properties, String singular, String plural) {
    List<String> values = new ArrayList<>();
    String one = properties.path(singular).asString("");
    if (!one.isEmpty()) {
      values.add(one);
    }
    properties.path(plural).forEach(v -> values.add(v.asString("")));
    return values;
  }

  private static List<String> groups(JsonNode array) {
    List<String> ids = new ArrayList<>();
    array.forEach(g -> ids.add(g.path("id").asString("").toLowerCase(Locale.ROOT)));
    return ids;
  }

  /** The body of a rule's PUT. */
  static ObjectNode body(NsgRule rule) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode p = body.putObject("properties");
    p.put("description", rule.description());
    p.put("protocol", rule.protocol());
    p.put("access", rule.allows() ? "Allow" : "Deny");
    p.put("direction", rule.inbound() ? "Inbound" : "Outbound");
    p.put("priority", rule.priority());
    put(p, "sourceAddressPrefix", "sourceAddressPrefixes", rule.sources());
    put(p, "sourcePortRange", "sourcePortRanges", rule.sourcePorts());
    put(p, "destinationAddressPrefix", "destinationAddressPrefixes", rule.destinations());
    put(p, "destinationPortRange", "destinationPortRanges", rule.destinationPorts());
    return body;
  }

  private static void put(ObjectNode p, String singular, String plural, List<String> values) {
    if (values.size() == 1) {
      p.put(singular, values.getFirst());
    } else {
      ArrayNode array = p.putArray(plural);
      values.forEach(array::add);
    }
  }

  /**
   * The body of the whole group's PUT: as read, with the steps done. Every rule that no step names
   * stays as it was read, unknown properties included; but what somebody else is deleting is left
   * out, since to write it would bring it back once their operation is over.
   */
  static ObjectNode body(JsonNode document, List<NsgStep> steps) {
    ObjectNode body = (ObjectNode) document.deepCopy();
    body.remove(READ_ONLY);
    ObjectNode properties = (ObjectNode) body.path("properties");
    properties.remove(READ_ONLY_PROPERTIES);
    Set<String> named = new HashSet<>();
    steps.forEach(s -> s.names().forEach(n -> named.add(n.toLowerCase(Locale.ROOT))));
    ArrayNode rules = JsonNodeFactory.instance.arrayNode();
    for (JsonNode rule : properties.path("securityRules")) {
      if (!named.contains(rule.path("name").asString("").toLowerCase(Locale.ROOT))
          && !isBeingDeleted(rule)) {
        rules.add(writable((ObjectNode) rule));
      }
    }
    for (NsgStep step : steps) {
      if (step instanceof NsgStep.PutRule put) {
        rules.add(body(put.rule()).put("name", put.rule().name()));
      }
    }
    properties.set("securityRules", rules);
    return body;
  }

  private static boolean isBeingDeleted(JsonNode rule) {
    return rule.path("properties")
        .path("provisioningState")
        .asString("")
        .equalsIgnoreCase("Deleting");
  }

  private static ObjectNode writable(ObjectNode rule) {
    rule.remove(READ_ONLY);
    if (rule.path("properties") instanceof ObjectNode properties) {
      properties.remove("provisioningState");
    }
    return rule;
  }
}
