package io.postern.simulator.arm;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sets a scene: writes resources through the code that ARM's PUT runs, at once and unseen by the
 * journal. Not a transaction: what was put before a refused resource stays.
 */
public final class ArmScene {
  /** The subscription with the shop. */
  public static final String SUBSCRIPTION = "00000000-0000-0000-0000-000000000001";

  /** A second subscription, with one machine. */
  public static final String SECOND_SUBSCRIPTION = "00000000-0000-0000-0000-000000000002";

  private final ArmCloud cloud;

  ArmScene(ArmCloud cloud) {
    this.cloud = cloud;
  }

  /** A scene to be set on a running simulator. */
  public static ArmScene on(ArmSimulator simulator) {
    return new ArmScene(simulator.cloud());
  }

  /** The quickstart's scene, if there is nothing yet. */
  public static void small(ArmSimulator simulator) {
    ArmCloud cloud = simulator.cloud();
    cloud.write(
        () -> {
          if (cloud.world.isEmpty()) {
            new ArmScene(cloud).quickstart();
          }
          return true;
        });
  }

  /**
   * Many machines for a load: {@code vm-0000}, {@code vm-0001}, ... in the group {@code fleet} of
   * the first subscription, each with an empty group {@code vm-0000-nsg} of its own, tagged {@code
   * env=prod}.
   *
   * @param count at most 10,000
   */
  public static void fleet(ArmSimulator simulator, int count) {
    ArmCloud cloud = simulator.cloud();
    cloud.write(
        () -> {
          new ArmScene(cloud).fleet(count);
          return true;
        });
  }

  private void fleet(int count) {
    Place fleet = new Place(SUBSCRIPTION, "fleet", "fleet-vnet", "10.3");
    network(fleet, "all", "10.3.0.0/16", null);
    for (int i = 0; i < count; i++) {
      String name = "vm-%04d".formatted(i);
      String low = "%d.%d".formatted((i + 4) / 256, (i + 4) % 256);
      nsg(fleet, name + "-nsg", Map.of());
      machine(fleet, name, "all", "10.3." + low, "20.51." + low, tags("prod", "fleet"));
    }
  }

  /** Writes one resource as a PUT of this JSON would. */
  public ArmScene put(String id, String json) {
    ObjectNode body = Json.parseObject(json.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return cloud.write(() -> put(id, body));
  }

  private ArmScene put(String id, ObjectNode body) {
    cloud.writer.put(ResourceId.of(id), body, Preconditions.NONE, null, "");
    return this;
  }

  void quickstart() {
    Place shop = new Place(SUBSCRIPTION, "shop", "shop-vnet", "10.1");
    network(shop, "front", "10.1.0.0/24", null);
    nsg(shop, "back-nsg", Map.of("allow-sql", rule(300, "1433", "VirtualNetwork")));
    network(shop, "back", "10.1.1.0/24", "back-nsg");
    ObjectNode https = rule(310, "443", "*");
    nsg(
        shop,
        "web-01-nsg",
        Map.of("customer-allow-ssh", rule(300, "22", "*"), "allow-https", https));
    nsg(shop, "web-02-nsg", Map.of("allow-https", https.deepCopy()));
    nsg(shop, "db-01-nsg", Map.of());
    machine(shop, "web-01", "front", "10.1.0.4", "20.50.1.4", tags("prod", "web"));
    machine(shop, "web-02", "front", "10.1.0.5", "20.50.1.5", tags("prod", "web"));
    machine(shop, "db-01", "back", "10.1.1.4", "20.50.1.6", tags("prod", "db"));

    Place lab = new Place(SECOND_SUBSCRIPTION, "lab", "lab-vnet", "10.2");
    network(lab, "front", "10.2.0.0/24", null);
    nsg(lab, "lab-01-nsg", Map.of());
    machine(lab, "lab-01", "front", "10.2.0.4", "20.50.2.4", tags("test", "lab"));
  }

  private record Place(String subscription, String group, String vnet, String space) {
    String groupId() {
      return "/subscriptions/" + subscription + "/resourceGroups/" + group;
    }

    String network(String type, String name) {
      return groupId() + "/providers/Microsoft.Network/" + type + "/" + name;
    }

    String subnet(String name) {
      return network("virtualNetworks", vnet) + "/subnets/" + name;
    }
  }

  private static ObjectNode located() {
    return Json.object().put("location", "westeurope");
  }

  private static ObjectNode reference(String id) {
    return Json.object().put("id", id);
  }

  private static ObjectNode tags(String env, String tier) {
    return Json.object().put("env", env).put("tier", tier);
  }

  private void network(Place place, String subnet, String prefix, @Nullable String nsg) {
    put(place.groupId(), located());
    ObjectNode vnet = located();
    vnet.putObject("properties")
        .putObject("addressSpace")
        .putArray("addressPrefixes")
        .add(place.space() + ".0.0/16");
    put(place.network("virtualNetworks", place.vnet()), vnet);
    ObjectNode body = Json.object();
    ObjectNode properties = body.putObject("properties").put("addressPrefix", prefix);
    if (nsg != null) {
      properties.set(
          "networkSecurityGroup", reference(place.network("networkSecurityGroups", nsg)));
    }
    put(place.subnet(subnet), body);
  }

  private static ObjectNode rule(int priority, String port, String source) {
    return Json.object()
        .put("protocol", "Tcp")
        .put("access", "Allow")
        .put("direction", "Inbound")
        .put("priority", priority)
        .put("sourceAddressPrefix", source)
        .put("sourcePortRange", "*")
        .put("destinationAddressPrefix", "*")
        .put("destinationPortRange", port);
  }

  private void nsg(Place place, String name, Map<String, ObjectNode> rules) {
    ObjectNode nsg = located();
    ArrayNode array = nsg.putObject("properties").putArray("securityRules");
    rules.forEach(
        (ruleName, properties) -> {
          ObjectNode rule = Json.object().put("name", ruleName);
          rule.set("properties", properties);
          array.add(rule);
        });
    put(place.network("networkSecurityGroups", name), nsg);
  }

  /** A machine with one interface behind the group {@code <name>-nsg} and one public address. */
  private void machine(
      Place place, String name, String subnet, String privateIp, String publicIp, ObjectNode tags) {
    ObjectNode address = located();
    address.putObject("sku").put("name", "Standard");
    address
        .putObject("properties")
        .put("publicIPAllocationMethod", "Static")
        .put("publicIPAddressVersion", "IPv4")
        .put("ipAddress", publicIp);
    put(place.network("publicIPAddresses", name + "-ip"), address);

    ObjectNode nic = located();
    ObjectNode properties = nic.putObject("properties");
    properties.set(
        "networkSecurityGroup", reference(place.network("networkSecurityGroups", name + "-nsg")));
    ObjectNode ip =
        properties
            .putArray("ipConfigurations")
            .addObject()
            .put("name", "ipconfig1")
            .putObject("properties")
            .put("primary", true)
            .put("privateIPAddress", privateIp)
            .put("privateIPAllocationMethod", "Static")
            .put("privateIPAddressVersion", "IPv4");
    ip.set("subnet", reference(place.subnet(subnet)));
    ip.set("publicIPAddress", reference(place.network("publicIPAddresses", name + "-ip")));
    put(place.network("networkInterfaces", name + "-nic"), nic);

    ObjectNode vm = located();
    vm.set("tags", tags);
    ObjectNode vmProperties = vm.putObject("properties");
    vmProperties.putObject("hardwareProfile").put("vmSize", "Standard_B2s");
    vmProperties.putObject("osProfile").put("computerName", name).put("adminUsername", "azure");
    ObjectNode primary = Json.object();
    primary.put("primary", true);
    ObjectNode reference = reference(place.network("networkInterfaces", name + "-nic"));
    reference.set("properties", primary);
    vmProperties.putObject("networkProfile").putArray("networkInterfaces").add(reference);
    put(place.groupId() + "/providers/Microsoft.Compute/virtualMachines/" + name, vm);
  }
}
