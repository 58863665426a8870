package io.postern.simulator.arm;

import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/** The six rules that every network security group has and nobody can change. */
final class DefaultRules {
  static final List<Rule> ALL =
      List.of(
          rule("AllowVnetInBound", 65000, "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
          rule(
              "AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", "AzureLoadBalancer", "*"),
          rule("DenyAllInBound", 65500, "Inbound", "Deny", "*", "*"),
          rule("AllowVnetOutBound", 65000, "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
          rule("AllowInternetOutBound", 65001, "Outbound", "Allow", "*", "Internet"),
          rule("DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*"));

  private DefaultRules() {}

  private static Rule rule(
      String name, int priority, String direction, String access, String from, String to) {
    ObjectNode p =
        Json.object()
            .put("description", name.toLowerCase(Locale.ROOT))
            .put("protocol", "*")
            .put("sourcePortRange", "*")
            .put("destinationPortRange", "*")
            .put("sourceAddressPrefix", from)
            .put("destinationAddressPrefix", to)
            .put("access", access)
            .put("priority", priority)
            .put("direction", direction);
    for (String plural :
        List.of(
            "sourcePortRanges",
            "destinationPortRanges",
            "sourceAddressPrefixes",
            "destinationAddressPrefixes")) {
      p.putArray(plural);
    }
    return new Rule(name, p);
  }

  static ObjectNode show(ResourceId nsg, Rule rule, String etag) {
    ObjectNode shown =
        Json.object()
            .put("name", rule.name())
            .put("id", nsg.child("defaultSecurityRules", rule.name()).path())
            .put("etag", etag)
            .put("type", ResourceTypes.DEFAULT_RULE);
    ObjectNode properties = shown.putObject("properties");
    properties.put("provisioningState", Stored.SUCCEEDED);
    rule.properties().properties().forEach(e -> properties.set(e.getKey(), e.getValue()));
    return shown;
  }
}
