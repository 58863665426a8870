package io.postern.simulator.ec2;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a region holds, of all accounts: every resource knows its owner, and a share lets another
 * account see it. The tables are ordered by id, which is the order of pages.
 *
 * @param detachedAt when a group last left a network interface
 */
record Region(
    String name,
    TreeMap<String, Vpc> vpcs,
    TreeMap<String, Subnet> subnets,
    TreeMap<String, Instance> instances,
    InterfaceTable interfaces,
    TreeMap<String, SecurityGroup> groups,
    TreeMap<String, PrefixList> prefixLists,
    List<Share> shares,
    TreeMap<String, List<AclDenial>> acls,
    TreeMap<String, Instant> detachedAt) {

  /** A resource that an account may use though it is another's. */
  record Share(String resource, String account) {}

  static Region empty(String name) {
    return new Region(
        name,
        new TreeMap<>(),
        new TreeMap<>(),
        new TreeMap<>(),
        new InterfaceTable(),
        new TreeMap<>(),
        new TreeMap<>(),
        new ArrayList<>(),
        new TreeMap<>(),
        new TreeMap<>());
  }

  /** The same content at this moment; the resources themselves never change. */
  Region copy() {
    return new Region(
        name,
        new TreeMap<>(vpcs),
        new TreeMap<>(subnets),
        new TreeMap<>(instances),
        new InterfaceTable(interfaces),
        new TreeMap<>(groups),
        new TreeMap<>(prefixLists),
        new ArrayList<>(shares),
        new TreeMap<>(acls),
        new TreeMap<>(detachedAt));
  }

  boolean visible(String account, Resource resource) {
    if (resource.owner().equals(account)) {
      return true;
    }
    if (shares.isEmpty()) {
      return false;
    }
    return switch (resource) {
      case Vpc vpc ->
          subnets.values().stream()
              .anyMatch(s -> s.vpcId().equals(vpc.id()) && shared(s.id(), account));
      case Rule rule -> shared(rule.groupId(), account);
      default -> shared(resource.id(), account);
    };
  }

  private boolean shared(String id, String account) {
    return shares.contains(new Share(id, account));
  }

  /** The interfaces of an instance, by device index. */
  List<NetworkInterface> interfacesOf(String instanceId) {
    return interfaces.of(instanceId);
  }

  Optional<SecurityGroup> groupNamed(String vpcId, String name) {
    return groups.values().stream()
        .filter(group -> group.vpcId().equals(vpcId) && group.name().equalsIgnoreCase(name))
        .findFirst();
  }

  String groupName(String id) {
    SecurityGroup group = groups.get(id);
    return group == null ? "" : group.name();
  }
}
