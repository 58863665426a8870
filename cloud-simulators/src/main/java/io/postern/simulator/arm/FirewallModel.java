package io.postern.simulator.arm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** How an Azure Firewall with classic rules translates and judges packets. */
final class FirewallModel {
  private final World world;
  private final Stored firewall;
  private final JsonNode properties;

  FirewallModel(World world, Stored firewall) {
    this.world = world;
    this.firewall = firewall;
    this.properties =
        firewall.inEffect() == null ? Json.object() : firewall.inEffect().path("properties");
  }

  String key() {
    return firewall.id().key();
  }

  String name() {
    return firewall.id().name();
  }

  /** The address in AzureFirewallSubnet that machines see as the source; null without one. */
  @Nullable Cidr privateAddress() {
    for (JsonNode c : properties.path("ipConfigurations")) {
      String address = Json.text(c.path("properties"), "privateIPAddress");
      if (address != null) {
        return Cidr.parse(address);
      }
    }
    return null;
  }

  /** The DNAT rule that brings the source to this address and port, or null. */
  @Nullable String translation(Packet packet, String target) {
    for (Match match : ordered("natRuleCollections")) {
      JsonNode rule = match.rule();
      boolean leadsThere =
          target.equals(Json.text(rule, "translatedAddress"))
              && Integer.toString(packet.port()).equals(rule.path("translatedPort").asString(""));
      if (!leadsThere || !covers(rule, packet)) {
        continue;
      }
      for (String address : Json.texts(rule, "destinationAddresses")) {
        for (String port : Json.texts(rule, "destinationPorts")) {
          if (isOwnPublicAddress(address) && match.equals(firstAt(address, port, packet))) {
            return match.name();
          }
        }
      }
    }
    return null;
  }

  private @Nullable Match firstAt(String address, String port, Packet packet) {
    for (Match match : ordered("natRuleCollections")) {
      if (Json.texts(match.rule(), "destinationAddresses").contains(address)
          && Json.texts(match.rule(), "destinationPorts").contains(port)
          && covers(match.rule(), packet)) {
        return match;
      }
    }
    return null;
  }

  /** What the network rules say about a packet that is routed through the firewall. */
  Verdict routed(Packet packet) {
    java.util.Set<String> path = java.util.Set.of(key());
    for (Match match : ordered("networkRuleCollections")) {
      boolean there =
          Json.texts(match.rule(), "destinationAddresses").stream()
                  .anyMatch(a -> packet.matches(false, a))
              && Json.texts(match.rule(), "destinationPorts").stream()
                  .map(PortRange::parse)
                  .anyMatch(r -> r != null && r.contains(packet.port()));
      if (there && covers(match.rule(), packet)) {
        return new Verdict(match.allows(), match.name(), path);
      }
    }
    return new Verdict(false, name() + ": no rule allows it", path);
  }

  private static boolean covers(JsonNode rule, Packet packet) {
    boolean protocol =
        Json.texts(rule, "protocols").stream()
            .map(p -> p.toLowerCase(Locale.ROOT))
            .anyMatch(p -> p.equals("any") || p.equals(packet.protocol()));
    return protocol
        && Json.texts(rule, "sourceAddresses").stream().anyMatch(a -> packet.matches(true, a));
  }

  private boolean isOwnPublicAddress(String address) {
    for (JsonNode c : properties.path("ipConfigurations")) {
      String id = Json.reference(c.path("properties"), "publicIPAddress");
      if (id != null && address.equals(Json.text(world.inEffect(id), "ipAddress"))) {
        return true;
      }
    }
    return false;
  }

  private record Match(String name, boolean allows, JsonNode rule) {}

  private List<Match> ordered(String kind) {
    List<JsonNode> collections = new ArrayList<>();
    properties.path(kind).forEach(collections::add);
    collections.sort(
        Comparator.comparingInt(c -> c.path("properties").path("priority").asInt(65000)));
    List<Match> matches = new ArrayList<>();
    for (JsonNode c : collections) {
      String action = c.path("properties").path("action").path("type").asString("Allow");
      for (JsonNode rule : c.path("properties").path("rules")) {
        String name =
            "%s/%s/%s"
                .formatted(name(), c.path("name").asString(""), rule.path("name").asString(""));
        matches.add(new Match(name, !action.equalsIgnoreCase("Deny"), rule));
      }
    }
    return matches;
  }
}
