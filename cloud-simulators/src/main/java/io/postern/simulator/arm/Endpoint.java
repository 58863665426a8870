package io.postern.simulator.arm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One address of a machine with everything that stands before it. */
record Endpoint(
    String address,
    @Nullable String publicIp,
    @Nullable String nicGroup,
    @Nullable String subnet,
    Set<String> groups) {

  static List<Endpoint> of(World world, Stored machine) {
    List<Endpoint> endpoints = new ArrayList<>();
    JsonNode nics = machine.properties().path("networkProfile").path("networkInterfaces");
    for (JsonNode ref : nics) {
      JsonNode nic = world.inEffect(Json.text(ref, "id"));
      for (JsonNode c : nic.path("ipConfigurations")) {
        JsonNode ip = c.path("properties");
        String address = Json.text(ip, "privateIPAddress");
        if (address != null) {
          endpoints.add(
              new Endpoint(
                  address,
                  Json.reference(ip, "publicIPAddress"),
                  Json.reference(nic, "networkSecurityGroup"),
                  Json.reference(ip, "subnet"),
                  groupsOf(ip)));
        }
      }
    }
    return endpoints;
  }

  static Set<String> groupsOf(JsonNode ipConfiguration) {
    return StreamSupport.stream(
            ipConfiguration.path("applicationSecurityGroups").spliterator(), false)
        .map(g -> g.path("id").asString("").toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }
}
