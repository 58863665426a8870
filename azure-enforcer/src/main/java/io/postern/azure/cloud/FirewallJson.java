package io.postern.azure.cloud;

import io.postern.azure.domain.FirewallCollection;
import io.postern.azure.domain.FirewallCollection.Action;
import io.postern.azure.domain.FirewallCollection.Kind;
import io.postern.azure.domain.FirewallRule;
import io.postern.azure.domain.FirewallStep;
import io.postern.azure.domain.ObservedFirewall;
import io.postern.enforcement.exposure.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Azure Firewalls as JSON. */
final class FirewallJson {
  private static final List<String> READ_ONLY = List.of("etag", "type", "systemData");
  private static final List<String> READ_ONLY_PROPERTIES = List.of("provisioningState", "ipGroups");
  private static final List<String> READ_ONLY_CONFIGURATION =
      List.of("provisioningState", "privateIPAddress");

  private FirewallJson() {}

  /**
   * Reads a firewall.
   *
   * @param address the address of a public IP resource, by its id in lower case
   */
  static ObservedFirewall read(JsonNode document, Function<String, Optional<String>> address) {
    JsonNode p = document.path("properties");
    List<FirewallCollection> collections = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (JsonNode c : p.path(member(kind))) {
        collections.add(collection(kind, c));
      }
    }
    return new ObservedFirewall(
        true,
        document.path("etag").asString(""),
        p.path("provisioningState").asString("Succeeded").equalsIgnoreCase("Failed"),
        managedBy(document),
        publicAddresses(p, address),
        collections);
  }

  static boolean isChanging(JsonNode document) {
    String state = document.path("properties").path("provisioningState").asString("Succeeded");
    return List.of("updating", "creating", "deleting").contains(state.toLowerCase(Locale.ROOT));
  }

  /** Why classic rules cannot be written to it. */
  static Optional<String> managedBy(JsonNode document) {
    JsonNode p = document.path("properties");
    String name = document.path("name").asString("");
    String policy = p.path("firewallPolicy").path("id").asString("");
    if (!policy.isEmpty()) {
      return Optional.of(
          "managed by Firewall Manager: Azure Firewall %s has the firewall policy %s"
              .formatted(name, policy));
    }
    String hub = p.path("virtualHub").path("id").asString("");
    return hub.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "managed by Firewall Manager: Azure Firewall %s secures the virtual hub %s"
                .formatted(name, hub));
  }

  /** The address as which machines see it; empty without one. */
  static Optional<Address> privateAddress(JsonNode document) {
    for (JsonNode c : document.path("properties").path("ipConfigurations")) {
      String address = c.path("properties").path("privateIPAddress").asString("");
      if (!address.isEmpty()) {
        return Address.parse(address);
      }
    }
    return Optional.empty();
  }

  private static List<String> publicAddresses(
      JsonNode properties, Function<String, Optional<String>> address) {
    List<String> found = new ArrayList<>();
    for (JsonNode c : properties.path("ipConfigurations")) {
      String id = c.path("properties").path("publicIPAddress").path("id").asString("");
      address.apply(id.toLowerCase(Locale.ROOT)).ifPresent(found::add);
    }
    return found.stream().distinct().sorted().toList();
  }

  private static String member(Kind kind) {
    return kind == Kind.NAT ? "natRuleCollections" : "networkRuleCollections";
  }

  private static FirewallCollection collection(Kind kind, JsonNode document) {
    JsonNode p = document.path("properties");
    List<FirewallRule> rules = new ArrayList<>();
    p.path("rules").forEach(r -> rules.add(rule(r)));
    Action action =
        kind == Kind.NAT
            ? Action.DNAT
            : p.path("action").path("type").asString("").equalsIgnoreCase("Allow")
                ? Action.ALLOW
                : Action.DENY;
    return new FirewallCollection(
        kind, document.path("name").asString(""), p.path("priority").asInt(0), action, rules);
  }

  private static FirewallRule rule(JsonNode r) {
    boolean unnamed =
        !r.path("sourceIpGroups").isEmpty()
            || !r.path("destinationIpGroups").isEmpty()
            || !r.path("destinationFqdns").isEmpty();
    return new FirewallRule(
        r.path("name").asString(""),
        r.path("description").asString(""),
        texts(r.path("protocols")),
        texts(r.path("sourceAddresses")),
        texts(r.path("destinationAddresses")),
        texts(r.path("destinationPorts")),
        unnamed,
        r.path("translatedAddress").asString(""),
        r.path("translatedPort").asString(""));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(t -> texts.add(t.asString("")));
    return texts;
  }

  /**
   * The body of the firewall's PUT: as read, with the steps done. Every rule and collection that no
   * step names stays as it was read, unknown properties included; a collection that a step leaves
   * empty goes.
   */
  static ObjectNode body(JsonNode document, List<FirewallStep> steps) {
    ObjectNode body = (ObjectNode) document.deepCopy();
    body.remove(READ_ONLY);
    ObjectNode properties = (ObjectNode) body.path("properties");
    properties.remove(READ_ONLY_PROPERTIES);
    properties.path("ipConfigurations").forEach(c -> writable(c, READ_ONLY_CONFIGURATION));
    for (String member :
        List.of("natRuleCollections", "networkRuleCollections", "applicationRuleCollections")) {
      properties.path(member).forEach(c -> writable(c, List.of("provisioningState")));
    }
    steps.forEach(s -> apply(properties, s));
    steps.forEach(s -> dropIfEmpty(properties, s));
    return body;
  }

  private static void writable(JsonNode node, List<String> readOnlyProperties) {
    if (node instanceof ObjectNode object) {
      object.remove(READ_ONLY);
      if (object.path("properties") instanceof ObjectNode properties) {
        properties.remove(readOnlyProperties);
      }
    }
  }

  private static void apply(ObjectNode properties, FirewallStep step) {
    switch (step) {
      case FirewallStep.PlaceCollection place -> place(properties, place);
      case FirewallStep.PutRule put -> put(properties, put);
      case FirewallStep.DeleteRule delete -> delete(properties, delete);
      case FirewallStep.PutAgain again -> {}
    }
  }

  private static void place(ObjectNode properties, FirewallStep.PlaceCollection place) {
    ObjectNode collection =
        find(properties, place.kind(), place.collection())
            .orElseGet(
                () ->
                    properties
                        .withArray(member(place.kind()))
                        .addObject()
                        .put("name", place.collection()));
    ObjectNode p = collection.withObject("properties");
    p.put("priority", place.priority());
    p.putObject("action").put("type", type(place.action()));
    p.withArray("rules");
  }

  private static String type(Action action) {
    return switch (action) {
      case DNAT -> "Dnat";
      case ALLOW -> "Allow";
      case DENY -> "Deny";
    };
  }

  private static Optional<ObjectNode> find(ObjectNode properties, Kind kind, String collection) {
    for (JsonNode c : properties.path(member(kind))) {
      if (c instanceof ObjectNode object
          && c.path("name").asString("").equalsIgnoreCase(collection)) {
        return Optional.of(object);
      }
    }
    return Optional.empty();
  }

  private static ArrayNode rules(ObjectNode collection) {
    return collection.withObject("properties").withArray("rules");
  }

  private static void put(ObjectNode properties, FirewallStep.PutRule put) {
    ArrayNode rules =
        rules(
            find(properties, put.kind(), put.collection())
                .orElseThrow(() -> new IllegalStateException("no collection " + put.collection())));
    remove(rules, put.rule().name());
    rules.add(rule(put.kind(), put.rule()));
  }

  private static void delete(ObjectNode properties, FirewallStep.DeleteRule delete) {
    find(properties, delete.kind(), delete.collection())
        .ifPresent(c -> remove(rules(c), delete.name()));
  }

  /** Azure takes no empty collection. */
  private static void dropIfEmpty(ObjectNode properties, FirewallStep step) {
    if (!(step instanceof FirewallStep.DeleteRule delete)) {
      return;
    }
    String member = member(delete.kind());
    if (!(properties.path(member) instanceof ArrayNode all)) {
      return;
    }
    for (int i = all.size() - 1; i >= 0; i--) {
      JsonNode c = all.get(i);
      if (c.path("name").asString("").equalsIgnoreCase(delete.collection())
          && c.path("properties").path("rules").isEmpty()) {
        all.remove(i);
      }
    }
    if (all.isEmpty()) {
      properties.remove(member);
    }
  }

  private static void remove(ArrayNode rules, String name) {
    for (int i = rules.size() - 1; i >= 0; i--) {
      if (rules.get(i).path("name").asString("").equalsIgnoreCase(name)) {
        rules.remove(i);
      }
    }
  }

  private static ObjectNode rule(Kind kind, FirewallRule rule) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("name", rule.name()).put("description", rule.description());
    array(node, "protocols", rule.protocols());
    array(node, "sourceAddresses", rule.sources());
    array(node, "destinationAddresses", rule.destinations());
    array(node, "destinationPorts", rule.ports());
    if (kind == Kind.NAT) {
      node.put("translatedAddress", rule.translatedAddress());
      node.put("translatedPort", rule.translatedPort());
    }
    return node;
  }

  private static void array(ObjectNode node, String member, List<String> values) {
    ArrayNode array = node.putArray(member);
    values.forEach(array::add);
  }
}
