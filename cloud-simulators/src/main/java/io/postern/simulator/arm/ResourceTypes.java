package io.postern.simulator.arm;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the simulator knows about resource types; types it does not know are kept as documents. */
final class ResourceTypes {
  static final String NSG = "Microsoft.Network/networkSecurityGroups";
  static final String RULE = NSG + "/securityRules";
  static final String DEFAULT_RULE = NSG + "/defaultSecurityRules";
  static final String NIC = "Microsoft.Network/networkInterfaces";
  static final String VNET = "Microsoft.Network/virtualNetworks";
  static final String SUBNET = VNET + "/subnets";
  static final String ASG = "Microsoft.Network/applicationSecurityGroups";
  static final String ROUTE_TABLE = "Microsoft.Network/routeTables";
  static final String PUBLIC_IP = "Microsoft.Network/publicIPAddresses";
  static final String FIREWALL = "Microsoft.Network/azureFirewalls";
  static final String FIREWALL_POLICY = "Microsoft.Network/firewallPolicies";
  static final String VM = "Microsoft.Compute/virtualMachines";
  static final String RESOURCE_GROUP = "Microsoft.Resources/resourceGroups";
  static final String SUBSCRIPTION = "Microsoft.Resources/subscriptions";
  static final String ROLE_ASSIGNMENT = "Microsoft.Authorization/roleAssignments";
  static final String ROLE_DEFINITION = "Microsoft.Authorization/roleDefinitions";
  static final String DENY_ASSIGNMENT = "Microsoft.Authorization/denyAssignments";

  /** References to these must exist and be provisioned. */
  static final Set<String> CHECKED_REFERENCES =
      Set.of(NSG, NIC, SUBNET, ASG, ROUTE_TABLE, PUBLIC_IP, FIREWALL_POLICY);

  /** What {@link Index} reads. */
  static final Set<String> INDEXED =
      Set.of(NIC, SUBNET, VM, FIREWALL, ROLE_ASSIGNMENT, ROLE_DEFINITION, DENY_ASSIGNMENT);

  /** Children that a parent's document carries in an array; they are stored one by one. */
  private static final Map<String, String> EMBEDDED =
      Map.of(NSG, "securityRules", VNET, "subnets", ROUTE_TABLE, "routes");

  private static final Map<String, String> SPELLING = new HashMap<>();

  static {
    for (String type :
        List.of(
            RULE,
            DEFAULT_RULE,
            NIC,
            SUBNET,
            ASG,
            ROUTE_TABLE + "/routes",
            PUBLIC_IP,
            FIREWALL,
            FIREWALL_POLICY + "/ruleCollectionGroups",
            VM,
            ROLE_ASSIGNMENT,
            ROLE_DEFINITION,
            DENY_ASSIGNMENT,
            "Microsoft.Authorization/permissions",
            RESOURCE_GROUP,
            SUBSCRIPTION,
            "Microsoft.Management/managementGroups",
            VNET + "/virtualNetworkPeerings")) {
      for (String word : type.split("/", -1)) {
        SPELLING.put(word.toLowerCase(Locale.ROOT), word);
      }
    }
  }

  private ResourceTypes() {}

  /** Microsoft's spelling of a namespace or a type segment. */
  static String spelled(String word) {
    return SPELLING.getOrDefault(word.toLowerCase(Locale.ROOT), word);
  }

  static @Nullable String embeddedIn(String type) {
    return EMBEDDED.get(type);
  }

  static boolean isEmbedded(String type) {
    int slash = type.lastIndexOf('/');
    return slash > 0 && type.substring(slash + 1).equals(EMBEDDED.get(type.substring(0, slash)));
  }

  static boolean hasEtag(String type) {
    return type.startsWith("Microsoft.Network/");
  }

  /** Writes to the rest are done when they are answered. */
  static boolean isLongRunning(String type) {
    return type.startsWith("Microsoft.Network/") || type.startsWith("Microsoft.Compute/");
  }
}
