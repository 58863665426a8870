package io.postern.azure.cloud;

import com.azure.core.management.AzureEnvironment;
import com.azure.resourcemanager.compute.fluent.ComputeManagementClient;
import com.azure.resourcemanager.compute.fluent.models.VirtualMachineInner;
import com.azure.resourcemanager.compute.implementation.ComputeManagementClientBuilder;
import com.azure.resourcemanager.compute.models.NetworkInterfaceReference;
import com.azure.resourcemanager.network.fluent.NetworkManagementClient;
import com.azure.resourcemanager.network.fluent.models.NetworkInterfaceInner;
import com.azure.resourcemanager.network.fluent.models.NetworkInterfaceIpConfigurationInner;
import com.azure.resourcemanager.network.fluent.models.PublicIpAddressInner;
import com.azure.resourcemanager.network.fluent.models.SubnetInner;
import com.azure.resourcemanager.network.fluent.models.VirtualNetworkInner;
import com.azure.resourcemanager.network.implementation.NetworkManagementClientBuilder;
import com.azure.resourcemanager.network.models.PublicIpAddressSkuName;
import io.postern.azure.domain.Hop;
import io.postern.azure.domain.Hops;
import io.postern.azure.exposure.Endpoint;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.cloud.LatestReads;
import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.Report;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.RuleSetId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * A subscription's machines and the groups and firewalls on the way to them, from nine lists
 * whatever their number, and one more for each scale set in uniform mode.
 */
final class Inventory {
  private static final Logger LOGGER = LoggerFactory.getLogger(Inventory.class);

  private final Map<String, NetworkInterfaceInner> interfaces = new HashMap<>();
  private final Map<String, String> groupOfSubnet = new HashMap<>();
  private final Map<String, String> publicAddresses = new HashMap<>();
  private final Set<String> standardAddresses = new HashSet<>();
  private final List<VirtualNetworkInner> vnets = new ArrayList<>();

  private final Map<MachineId, List<Report.RuleSetBypass>> unfiltered = new HashMap<>();
  private final Map<MachineId, List<Hop>> hops = new HashMap<>();
  private final FirewallPaths firewalls;
  private final Landscape landscape;
  private final Endpoints endpoints;
  private final Set<String> stopped;

  private Inventory(
      NetworkManagementClient network, Lists lists, Landscape landscape, Marks marks) {
    this.landscape = landscape;
    this.stopped = lists.stopped();
    Map<String, FirewallPaths.Subnet> subnets = networks(network);
    this.firewalls = new FirewallPaths(lists.firewalls(), lists.routeTables(), subnets, marks);
    this.endpoints =
        new Endpoints(vnets, groupOfSubnet, subnets, lists.routeTables(), standardAddresses);
    lists.groups().forEach(g -> landscape.add(idOf(g), NsgJson.read(g)));
    for (JsonNode firewall : lists.firewalls()) {
      landscape.add(
          idOf(firewall),
          FirewallJson.privateAddress(firewall),
          FirewallJson.read(firewall, id -> Optional.ofNullable(publicAddresses.get(id))));
    }
    interfaces.values().forEach(nic -> endpoints.addMembers(nic, landscape));
  }

  /**
   * What Resource Manager lists beside what its clients for Java do.
   *
   * @param stopped ids in lower case of the machines that do not run
   */
  private record Lists(
      List<JsonNode> firewalls,
      List<JsonNode> routeTables,
      List<JsonNode> groups,
      Set<String> stopped) {}

  private static RuleSetId idOf(JsonNode document) {
    return new RuleSetId(lower(document.path("id").asString("")));
  }

  /**
   * What was found.
   *
   * @param unfiltered network interfaces that no group filters, neither their own nor their
   *     subnet's
   * @param hops ways through firewalls
   * @param publicAddresses all public addresses, by the id of the resource in lower case
   * @param landscape what stands around the machines
   */
  record Found(
      List<MachineFacts> machines,
      Map<MachineId, List<Report.RuleSetBypass>> unfiltered,
      Hops hops,
      Map<String, String> publicAddresses,
      Landscape landscape) {}

  /** Throws what the SDK throws, too. */
  static Found read(
      Arm arm, String subscription, Marks marks, ArmErrors errors, LatestReads<Observation> latest)
      throws CloudException {
    Landscape landscape = new Landscape(System.nanoTime(), latest);
    AzureEnvironment environment =
        ArmPipeline.environment(arm.endpoint()).orElse(AzureEnvironment.AZURE);
    NetworkManagementClient network =
        new NetworkManagementClientBuilder()
            .pipeline(arm.pipeline())
            .endpoint(arm.endpoint().toString())
            .environment(environment)
            .subscriptionId(subscription)
            .buildClient();
    ComputeManagementClient compute =
        new ComputeManagementClientBuilder()
            .pipeline(arm.pipeline())
            .endpoint(arm.endpoint().toString())
            .environment(environment)
            .subscriptionId(subscription)
            .buildClient();
    // Machines first: what they refer to was there before them.
    List<VirtualMachineInner> listed = compute.getVirtualMachines().list().stream().toList();
    String provider = "/subscriptions/" + subscription + "/providers/Microsoft.Network/";
    ComputeLists more = new ComputeLists(arm, subscription, errors);
    Lists lists =
        new Lists(
            arm.list(provider + "azureFirewalls", errors),
            arm.list(provider + "routeTables", errors),
            arm.list(provider + "networkSecurityGroups", errors),
            more.stopped());
    Inventory inventory = new Inventory(network, lists, landscape, marks);
    List<MachineFacts> machines = new ArrayList<>();
    listed.forEach(m -> inventory.machine(m).ifPresent(machines::add));
    machines.addAll(more.scaleSetInstances());
    return new Found(
        machines,
        inventory.unfiltered,
        new Hops(inventory.hops),
        inventory.publicAddresses,
        landscape);
  }

  private Map<String, FirewallPaths.Subnet> networks(NetworkManagementClient network) {
    Map<String, FirewallPaths.Subnet> subnets = new HashMap<>();
    for (NetworkInterfaceInner nic : network.getNetworkInterfaces().list()) {
      interfaces.put(lower(nic.id()), nic);
    }
    for (VirtualNetworkInner vnet : network.getVirtualNetworks().list()) {
      vnets.add(vnet);
      for (SubnetInner subnet : orEmpty(vnet.subnets())) {
        if (subnet.networkSecurityGroup() != null) {
          groupOfSubnet.put(lower(subnet.id()), lower(subnet.networkSecurityGroup().id()));
        }
        subnets.put(lower(subnet.id()), facts(subnet));
      }
    }
    for (PublicIpAddressInner address : network.getPublicIpAddresses().list()) {
      if (address.ipAddress() != null) {
        publicAddresses.put(lower(address.id()), address.ipAddress());
        if (address.sku() != null && PublicIpAddressSkuName.STANDARD.equals(address.sku().name())) {
          standardAddresses.add(lower(address.id()));
        }
      }
    }
    return subnets;
  }

  private static FirewallPaths.Subnet facts(SubnetInner subnet) {
    List<String> prefixes = new ArrayList<>(orEmpty(subnet.addressPrefixes()));
    if (subnet.addressPrefix() != null) {
      prefixes.add(subnet.addressPrefix());
    }
    return new FirewallPaths.Subnet(
        prefixes, Optional.ofNullable(subnet.routeTable()).map(t -> lower(String.valueOf(t.id()))));
  }

  private Optional<MachineFacts> machine(VirtualMachineInner machine) {
    MachineId id;
    try {
      id = new MachineId(machine.id());
    } catch (InvalidValueException e) {
      LOGGER.atWarn().addKeyValue("machine", machine.id()).log("left out a machine with this id");
      return Optional.empty();
    }
    List<String> privateOnes = new ArrayList<>();
    List<String> publicOnes = new ArrayList<>();
    Set<RuleSetId> ruleSets = new LinkedHashSet<>();
    List<FirewallPaths.Address> addresses = new ArrayList<>();
    List<Endpoint> before = new ArrayList<>();
    for (NetworkInterfaceInner nic : interfacesOf(machine)) {
      Optional<RuleSetId> own = group(nic.networkSecurityGroup());
      own.ifPresent(ruleSets::add);
      for (NetworkInterfaceIpConfigurationInner ip : orEmpty(nic.ipConfigurations())) {
        if (ip.privateIpAddress() != null) {
          privateOnes.add(ip.privateIpAddress());
        }
        publicAddress(ip).ifPresent(publicOnes::add);
        endpoints.of(ip, own, publicAddress(ip)).ifPresent(before::add);
        if (ip.subnet() != null) {
          if (ip.privateIpAddress() != null) {
            addresses.add(
                new FirewallPaths.Address(ip.privateIpAddress(), lower(ip.subnet().id())));
          }
          Optional<RuleSetId> subnets =
              Optional.ofNullable(groupOfSubnet.get(lower(ip.subnet().id()))).map(RuleSetId::new);
          subnets.ifPresent(ruleSets::add);
          if (own.isEmpty() && subnets.isEmpty()) {
            unfiltered
                .computeIfAbsent(id, m -> new ArrayList<>())
                .add(nothingFilters(nic, ip.name(), ip.subnet().id()));
          }
        }
      }
    }
    landscape.add(id, before);
    List<Hop> through = firewalls.of(addresses);
    if (!through.isEmpty()) {
      hops.put(id, through);
      through.forEach(h -> ruleSets.add(h.firewall()));
    }
    Map<String, String> tags = machine.tags() == null ? Map.of() : machine.tags();
    return Optional.of(
        new MachineFacts(
            id,
            machine.name(),
            tags,
            privateOnes,
            publicOnes,
            !stopped.contains(lower(machine.id())),
            List.copyOf(ruleSets)));
  }

  private static Report.RuleSetBypass nothingFilters(
      NetworkInterfaceInner nic, @Nullable String configuration, String subnet) {
    return new Report.RuleSetBypass(
        new RuleSetId(lower(nic.id())),
        new Assessment.Bypass(
            String.valueOf(configuration),
            "neither network interface %s nor its subnet %s has a network security group: nothing can be closed there"
                .formatted(nic.name(), subnet)));
  }

  private List<NetworkInterfaceInner> interfacesOf(VirtualMachineInner machine) {
    List<NetworkInterfaceInner> found = new ArrayList<>();
    if (machine.networkProfile() != null) {
      for (NetworkInterfaceReference nic : orEmpty(machine.networkProfile().networkInterfaces())) {
        NetworkInterfaceInner known = interfaces.get(lower(nic.id()));
        if (known != null) {
          found.add(known);
        }
      }
    }
    return found;
  }

  private Optional<String> publicAddress(NetworkInterfaceIpConfigurationInner ip) {
    return ip.publicIpAddress() == null
        ? Optional.empty()
        : Optional.ofNullable(publicAddresses.get(lower(ip.publicIpAddress().id())));
  }

  private static Optional<RuleSetId> group(
      com.azure.resourcemanager.network.fluent.models.@Nullable NetworkSecurityGroupInner group) {
    return group == null ? Optional.empty() : Optional.of(new RuleSetId(lower(group.id())));
  }

  private static String lower(String id) {
    return id.toLowerCase(Locale.ROOT);
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
