package io.postern.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns a policy of Defender's just-in-time access (api-version 2020-01-01) into ours. Its machines
 * are named by id, their ports, sources and longest durations stay as they are. Defender asks
 * Azure's roles who may; ours names groups, and may ask Azure's roles as well.
 */
final class DefenderPolicy {
  private static final JsonMapper JSON = JsonMapper.shared();

  private DefenderPolicy() {}

  /**
   * One policy, or one for each set of ports where its machines differ in them.
   *
   * @param resource a policy, or a list of them with the field {@code value}
   * @param groups who may ask
   * @throws CliException that names the field when it is no policy of Defender's
   */
  static List<ObjectNode> read(JsonNode resource, List<String> groups, boolean cloudPermission) {
    List<ObjectNode> all = new ArrayList<>();
    if (resource.path("value").isArray()) {
      int i = 0;
      for (JsonNode each : resource.path("value")) {
        all.addAll(one(each, "value[" + i++ + "].", groups, cloudPermission));
      }
    } else {
      all.addAll(one(resource, "", groups, cloudPermission));
    }
    return all;
  }

  private static List<ObjectNode> one(
      JsonNode resource, String path, List<String> groups, boolean cloudPermission) {
    String name = resource.path("name").asString("");
    if (name.isEmpty()) {
      throw wrong(path + "name", "must be given");
    }
    Map<ArrayNode, List<String>> machines = new LinkedHashMap<>();
    int i = 0;
    for (JsonNode vm : resource.path("properties").path("virtualMachines")) {
      String at = path + "properties.virtualMachines[" + i++ + "]";
      String id = vm.path("id").asString("");
      if (id.isEmpty()) {
        throw wrong(at + ".id", "must be given");
      }
      machines.computeIfAbsent(ports(vm, at), p -> new ArrayList<>()).add(id);
    }
    if (machines.isEmpty()) {
      throw wrong(path + "properties.virtualMachines", "must be a list with at least one entry");
    }
    List<ObjectNode> all = new ArrayList<>();
    machines.forEach(
        (ports, ids) -> {
          ObjectNode policy = JSON.createObjectNode();
          policy.put("schemaVersion", 1);
          policy.put("name", ours(name) + (all.isEmpty() ? "" : "-" + (all.size() + 1)));
          ids.forEach(id -> policy.withArray("machines").addObject().put("id", id));
          policy.set("ports", ports);
          groups.forEach(g -> policy.withObject("requestors").withArray("groups").add(g));
          if (cloudPermission) {
            policy.put("cloudPermission", true);
          }
          all.add(policy);
        });
    return all;
  }

  private static String ours(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]", "-");
  }

  private static ArrayNode ports(JsonNode vm, String path) {
    ArrayNode ports = JSON.createArrayNode();
    int i = 0;
    for (JsonNode rule : vm.path("ports")) {
      String at = path + ".ports[" + i++ + "]";
      if (!rule.path("number").isIntegralNumber()) {
        throw wrong(at + ".number", "must be a port number");
      }
      ObjectNode port = ports.addObject();
      port.put("port", rule.path("number").asInt());
      String protocol = rule.path("protocol").asString("*");
      port.put("protocol", protocol.equals("*") ? "ANY" : protocol.toUpperCase(Locale.ROOT));
      ArrayNode sources = port.putArray("sources");
      JsonNode several = rule.path("allowedSourceAddressPrefixes");
      if (several.isArray() && !several.isEmpty()) {
        several.forEach(sources::add);
      } else {
        sources.add(rule.path("allowedSourceAddressPrefix").asString("*"));
      }
      String longest = rule.path("maxRequestAccessDuration").asString("");
      if (longest.isEmpty()) {
        throw wrong(at + ".maxRequestAccessDuration", "must be given");
      }
      port.put("maxDuration", longest);
    }
    if (ports.isEmpty()) {
      throw wrong(path + ".ports", "must be a list with at least one entry");
    }
    return ports;
  }

  private static CliException wrong(String field, String rule) {
    return new CliException(Exit.USAGE, field + " " + rule);
  }
}
