package io.postern.aws.domain;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A rule set as it was read. */
public sealed interface Observed {

  /**
   * A security group of the owner.
   *
   * @param exists whether there is such a group
   * @param owner its account; empty when unknown
   * @param ingress its inbound rules
   * @param members the network interfaces that it is attached to
   * @param prefixLists how many rules of each family a prefix list counts for
   */
  record Group(
      String id,
      boolean exists,
      Optional<String> owner,
      List<Rule> ingress,
      List<Member> members,
      Map<String, Weight> prefixLists)
      implements Observed {
    public Group {
      ingress = List.copyOf(ingress);
      members = List.copyOf(members);
      prefixLists = Map.copyOf(prefixLists);
    }
  }

  /**
   * What carries a machine's grants.
   *
   * @param instance its instance id
   * @param interfaces its network interfaces; none when it is gone
   * @param groups security groups by the name of its access group, ours or not, and its standing
   *     groups; one of each a VPC at most
   */
  record Access(String instance, List<Interface> interfaces, List<AccessGroup> groups)
      implements Observed {
    public Access {
      interfaces = List.copyOf(interfaces);
      groups = List.copyOf(groups);
    }
  }

  /**
   * A network interface in an owner's group.
   *
   * @param instance the instance it is attached to, if it is one
   */
  record Member(String interfaceId, Optional<String> instance) {}

  /** How many rules something counts for against the quota. */
  record Weight(int ipv4, int ipv6) {}

  /** A network interface of a machine. */
  record Interface(String id, String vpc, List<String> groups) {
    public Interface {
      groups = List.copyOf(groups);
    }
  }

  /**
   * A group by the name of a machine's access group or standing group.
   *
   * @param ours whether its tags say that it is this installation's for this machine
   * @param standing whether it is the owner's, and only the rules of grants in it are ours: it is
   *     never attached, detached or deleted
   * @param strangers what else a standing group is attached to
   * @param until what its tag says of the end of everything in it
   * @param egress ids of its outbound rules
   */
  record AccessGroup(
      String id,
      String vpc,
      boolean ours,
      boolean standing,
      List<String> strangers,
      Optional<String> until,
      List<Rule> ingress,
      List<String> egress) {
    public AccessGroup {
      strangers = List.copyOf(strangers);
      ingress = List.copyOf(ingress);
      egress = List.copyOf(egress);
    }
  }
}
