package io.postern.simulator.ec2;

import io.postern.simulator.ec2.Verdict.Admitted;
import io.postern.simulator.ec2.Verdict.Blocked;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The packet model: which flows security groups and network ACLs let through to an instance, and
 * which connections outlive a change, as the EC2 user guide says under "Security group connection
 * tracking".
 */
final class DataPlane {
  /** The client's port, to which answers go; any ephemeral port stands for all. */
  private static final int CLIENT_PORT = 50_000;

  private DataPlane() {}

  /** Asks all groups of all interfaces of the instance about a new flow. */
  static Verdict judge(@Nullable Region region, Flow flow) {
    Instance instance = region == null ? null : region.instances().get(flow.instanceId());
    if (region == null || instance == null) {
      return new Blocked("no such instance: " + flow.instanceId());
    }
    if (instance.state() != Instance.State.RUNNING) {
      return new Blocked("the instance is " + instance.state().text);
    }
    Verdict verdict = new Blocked("the instance has no network interface");
    for (NetworkInterface eni : region.interfacesOf(instance.id())) {
      verdict = judge(region, flow, eni);
      if (verdict instanceof Admitted) {
        return verdict;
      }
    }
    return verdict;
  }

  private static Verdict judge(Region region, Flow flow, NetworkInterface eni) {
    if (aclDenies(region, flow, eni)) {
      return new Blocked("the network ACL of " + eni.subnetId() + " denies it");
    }
    Rule narrow = null;
    for (String id : eni.groups()) {
      for (Rule rule : rulesOf(region, id)) {
        if (!rule.egress() && admits(region, rule, flow, flow.port())) {
          // The most permissive rule counts: a flow that everybody may send is not tracked.
          if (isUntracked(region, flow, eni, rule)) {
            return new Admitted(eni.id(), name(rule), false);
          }
          narrow = narrow == null ? rule : narrow;
        }
      }
    }
    return narrow == null
        ? new Blocked("no rule of " + String.join(", ", eni.groups()) + " allows it")
        : new Admitted(eni.id(), name(narrow), true);
  }

  private static String name(Rule rule) {
    return rule.groupId() + "/" + rule.id();
  }

  private static List<Rule> rulesOf(Region region, String groupId) {
    SecurityGroup group = region.groups().get(groupId);
    return group == null ? List.of() : group.rules();
  }

  private static boolean isUntracked(Region region, Flow flow, NetworkInterface eni, Rule rule) {
    boolean tcpOrUdp = flow.protocol().equals("tcp") || flow.protocol().equals("udp");
    return tcpOrUdp
        && !flow.always()
        && rule.permission().peer().everywhere()
        && eni.groups().stream()
            .flatMap(id -> rulesOf(region, id).stream())
            .anyMatch(egress -> letsAllOut(egress, flow));
  }

  private static boolean letsAllOut(Rule rule, Flow flow) {
    Permission permission = rule.permission();
    return rule.egress()
        && permission.peer().everywhere()
        && (permission.peer().kind() == Peer.Kind.IPV6) == flow.address().v6()
        && permission.covers(flow.protocol(), 0)
        && permission.covers(flow.protocol(), 65_535);
  }

  private static boolean admits(Region region, Rule rule, Flow flow, int port) {
    return rule.permission().covers(flow.protocol(), port)
        && isPeer(region, rule.permission().peer(), flow.address());
  }

  private static boolean isPeer(Region region, Peer peer, Cidr address) {
    return switch (peer.kind()) {
      case IPV4, IPV6 -> Cidr.block(peer.value()).contains(address);
      case PREFIX_LIST -> {
        PrefixList list = region.prefixLists().get(peer.value());
        yield list != null && list.contains(address);
      }
      case GROUP ->
          region.interfaces().values().stream()
              .anyMatch(eni -> eni.groups().contains(peer.value()) && eni.hasAddress(address));
    };
  }

  private static boolean aclDenies(Region region, Flow flow, NetworkInterface eni) {
    return region.acls().getOrDefault(eni.subnetId(), List.of()).stream()
        .anyMatch(denial -> denial.denies(flow.address(), flow.protocol(), flow.port()));
  }

  /** Cuts the connections that the state of things no longer carries. */
  static void sweep(World world) {
    if (!world.connections.isEmpty()) {
      world.connections.replaceAll((id, connection) -> afterChange(world, connection));
    }
  }

  private static Connection afterChange(World world, Connection connection) {
    if (!connection.alive()) {
      return connection;
    }
    String cause = causeOfDeath(world.regions.get(connection.flow().region()), connection);
    return cause == null ? connection : connection.died(cause);
  }

  private static @Nullable String causeOfDeath(@Nullable Region region, Connection connection) {
    Flow flow = connection.flow();
    Instance instance = region == null ? null : region.instances().get(flow.instanceId());
    if (region == null || instance == null || instance.state() != Instance.State.RUNNING) {
      return "the instance does not run any more";
    }
    NetworkInterface eni = region.interfaces().get(connection.interfaceId());
    if (eni == null || !eni.attachedTo(instance.id())) {
      return "the network interface is not attached any more";
    }
    if (aclDenies(region, flow, eni)) {
      return "the network ACL of " + eni.subnetId() + " denies it";
    }
    if (!connection.tracked() && judge(region, flow, eni) instanceof Blocked) {
      return "untracked, and the rule that let it in is gone: " + connection.allowedBy();
    }
    if (!connection.tracked() && !answersPass(region, flow, eni)) {
      return "untracked, and no egress rule lets the answers out";
    }
    return null;
  }

  private static boolean answersPass(Region region, Flow flow, NetworkInterface eni) {
    return eni.groups().stream()
        .flatMap(id -> rulesOf(region, id).stream())
        .anyMatch(rule -> rule.egress() && admits(region, rule, flow, CLIENT_PORT));
  }
}
