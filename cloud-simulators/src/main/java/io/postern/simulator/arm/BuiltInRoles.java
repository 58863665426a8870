package io.postern.simulator.arm;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/** The few built-in roles that the simulator knows, under Microsoft's ids. */
final class BuiltInRoles {
  private static final Map<String, ObjectNode> BY_NAME = new TreeMap<>();

  static {
    role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", List.of("*"), List.of());
    role(
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "Contributor",
        List.of("*"),
        List.of(
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action"));
    role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", List.of("*/read"), List.of());
    role(
        "4d97b98b-1d4f-4787-a291-c67834d212e7",
        "Network Contributor",
        List.of(
            "Microsoft.Authorization/*/read",
            "Microsoft.Network/*",
            "Microsoft.Resources/subscriptions/resourceGroups/read"),
        List.of());
    role(
        "9980e02c-c2be-4d73-94e8-173b1dc7cf3c",
        "Virtual Machine Contributor",
        List.of(
            "Microsoft.Authorization/*/read",
            "Microsoft.Compute/virtualMachines/*",
            "Microsoft.Network/networkInterfaces/*",
            "Microsoft.Network/networkSecurityGroups/read",
            "Microsoft.Network/publicIPAddresses/read",
            "Microsoft.Network/virtualNetworks/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read"),
        List.of());
  }

  private BuiltInRoles() {}

  private static void role(String id, String name, List<String> actions, List<String> notActions) {
    ObjectNode role =
        Json.object()
            .put("id", "/providers/Microsoft.Authorization/roleDefinitions/" + id)
            .put("type", ResourceTypes.ROLE_DEFINITION)
            .put("name", id);
    ObjectNode p = role.putObject("properties").put("roleName", name).put("type", "BuiltInRole");
    p.putArray("assignableScopes").add("/");
    ObjectNode permission = p.putArray("permissions").addObject();
    actions.forEach(permission.putArray("actions")::add);
    notActions.forEach(permission.putArray("notActions")::add);
    permission.putArray("dataActions");
    permission.putArray("notDataActions");
    BY_NAME.put(id, role);
  }

  /** Documents as GET shows them, by their ids. */
  static Map<String, ObjectNode> all() {
    return BY_NAME;
  }
}
