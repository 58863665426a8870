package io.postern.simulator.arm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Refuses a security rule that Azure refuses, with Azure's code, and completes one it takes. */
final class RuleValidator {
  private static final List<String> PLURALS =
      List.of(
          "sourcePortRanges",
          "destinationPortRanges",
          "sourceAddressPrefixes",
          "destinationAddressPrefixes");
  private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "icmp", "esp", "ah", "*");

  private final ResourceId id;
  private final JsonNode properties;

  private RuleValidator(ResourceId id, JsonNode properties) {
    this.id = id;
    this.properties = properties;
  }

  /** Checks the document of one rule and gives it the arrays that GET always shows. */
  static void complete(ResourceId id, ObjectNode doc) {
    if (!NsgPatterns.isName(id.name())) {
      throw ArmException.badRequest(
          "InvalidResourceName",
          "Resource name %s is invalid. The name can be up to 80 characters long. It must begin with a word character, and it must end with a word character or with '_'."
              .formatted(id.name()));
    }
    ObjectNode properties = Json.child(doc, "properties");
    new RuleValidator(id, properties).check();
    for (String plural : PLURALS) {
      if (!properties.path(plural).isArray()) {
        properties.putArray(plural);
      }
    }
  }

  private void check() {
    oneOf("protocol", PROTOCOLS);
    oneOf("access", Set.of("allow", "deny"));
    oneOf("direction", Set.of("inbound", "outbound"));
    int priority = properties.path("priority").asInt(0);
    if (priority < NsgPatterns.MIN_PRIORITY || priority > NsgPatterns.MAX_PRIORITY) {
      throw ArmException.badRequest(
          "SecurityRuleInvalidPriority",
          "Security rule has invalid Priority. Value provided: %d Allowed range 100-4096."
              .formatted(priority));
    }
    String description = properties.path("description").asString("");
    if (description.length() > NsgPatterns.MAX_DESCRIPTION) {
      throw ArmException.badRequest(
          "SecurityRuleDescriptionTooLong",
          "Security rule %s has a description of %d characters; at most 140 are allowed."
              .formatted(id, description.length()));
    }
    side("source", "Source");
    side("destination", "Destination");
  }

  private void oneOf(String member, Set<String> values) {
    String value = Json.text(properties, member);
    if (value == null) {
      throw missing(member);
    }
    if (!values.contains(value.toLowerCase(Locale.ROOT))) {
      throw ArmException.badRequest(
          "InvalidRequestFormat",
          "Cannot parse the request. %s is no value of %s.".formatted(value, member));
    }
  }

  private void side(String side, String title) {
    exclusive(side + "PortRange", title + "PortRange", side + "PortRanges");
    int prefixes = exclusive(side + "AddressPrefix", null, side + "AddressPrefixes");
    int groups = properties.path(side + "ApplicationSecurityGroups").size();
    if (prefixes == 0 && groups == 0) {
      throw ArmException.badRequest(
          "SecurityRuleParametersMissing",
          "Required security rule parameters are missing for security rule with Id: %s. Security rule must specify %sAddressPrefixes, %sAddressPrefix, or %sApplicationSecurityGroups."
              .formatted(id, title, title, title));
    }
    if (prefixes > 0 && groups > 0) {
      throw both(side + "AddressPrefix", side + "ApplicationSecurityGroups");
    }
    if (groups > NsgPatterns.MAX_ASGS) {
      throw ArmException.badRequest(
          "SecurityRuleApplicationSecurityGroupLimitReached",
          "Security rule %s names %d application security groups on one side; at most 10 are allowed."
              .formatted(id, groups));
    }
    ports(side);
    addresses(side, title);
  }

  /** How many values the singular and the plural form have together; both forms are refused. */
  private int exclusive(String singular, @Nullable String required, String plural) {
    String one = Json.text(properties, singular);
    int many = properties.path(plural).size();
    if (one != null && many > 0) {
      throw both(singular, plural);
    }
    if (one == null && many == 0 && required != null) {
      throw missing(required);
    }
    return one == null ? many : 1;
  }

  private void ports(String side) {
    for (String value : Rule.values(properties, side + "PortRange", side + "PortRanges")) {
      if (!NsgPatterns.isPorts(value)) {
        throw ArmException.badRequest(
            "SecurityRuleInvalidPortRange",
            "Security rule has invalid Port range. Value provided: %s. Value should be an integer OR integer range with '-' delimiter. Valid range 0-65535."
                .formatted(value));
      }
    }
  }

  private void addresses(String side, String title) {
    String one = Json.text(properties, side + "AddressPrefix");
    if (one != null && !NsgPatterns.isTag(one) && !NsgPatterns.isAddress(one)) {
      throw invalidAddress(one);
    }
    for (String value : Json.texts(properties, side + "AddressPrefixes")) {
      if (NsgPatterns.isAddress(value)) {
        continue;
      }
      if (NsgPatterns.isTag(value)) {
        throw ArmException.badRequest(
            "SecurityRuleParameterContainsUnsupportedValue",
            "Security rule parameter %sAddressPrefixes for rule with Id %s cannot specify existing VIRTUALNETWORK, INTERNET, AZURELOADBALANCER, '*' or system tags. Unsupported value used: %s."
                .formatted(title, id, value));
      }
      throw invalidAddress(value);
    }
    List<Cidr> seen = new ArrayList<>();
    for (String value : Json.texts(properties, side + "AddressPrefixes")) {
      Cidr network = Objects.requireNonNull(Cidr.parse(value));
      if (seen.stream().anyMatch(s -> s.contains(network) || network.contains(s))) {
        throw ArmException.badRequest(
            "OverlappingSubnetsNotPermittedInSecurityRule",
            "Security rule parameter %sAddressPrefixes for rule with Id %s cannot have overlapping subnets. Overlapping value: %s."
                .formatted(title, id, value));
      }
      seen.add(network);
    }
  }

  private ArmException invalidAddress(String value) {
    return ArmException.badRequest(
        "SecurityRuleInvalidAddressPrefix",
        "Security rule %s has invalid Address prefix. Value provided: %s".formatted(id, value));
  }

  private ArmException missing(String member) {
    return ArmException.badRequest(
        "SecurityRuleParameterMissing",
        "Required security rule parameter %s is missing for security rule with Id: %s."
            .formatted(Character.toUpperCase(member.charAt(0)) + member.substring(1), id));
  }

  private ArmException both(String one, String other) {
    return ArmException.badRequest(
        "SecurityRuleParametersConflict",
        "Security rule %s cannot specify both %s and %s.".formatted(id, one, other));
  }
}
