package io.postern.simulator.ec2;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** A network interface to be made. */
record InterfacePlan(
    String subnetId,
    List<String> groups,
    @Nullable String privateIp,
    List<String> ipv6,
    boolean publicIp,
    String description) {

  /** Checks the plan against the region and builds the interface; adds it nowhere. */
  NetworkInterface build(
      Call call,
      Region region,
      NetworkInterface.@Nullable Attachment attachment,
      Map<String, String> tags) {
    Subnet subnet = Finder.subnet(call, region, subnetId);
    List<String> asked = groups.isEmpty() ? List.of(defaultGroup(region, subnet.vpcId())) : groups;
    List<String> attached = checkGroups(call, region, subnet.vpcId(), asked);
    return new NetworkInterface(
        call.world.id("eni"),
        call.account(),
        subnet.vpcId(),
        subnet.id(),
        address(region, subnet),
        publicIp ? publicAddress(call.world) : null,
        ipv6.stream().map(text -> Cidr.address(text).addressText()).toList(),
        attached,
        description,
        attachment,
        tags);
  }

  /** In a shared VPC it is the owner's, and the check then refuses it, as AWS does. */
  private static String defaultGroup(Region region, String vpcId) {
    return region
        .groupNamed(vpcId, "default")
        .map(SecurityGroup::id)
        .orElseThrow(() -> Ec2Error.of("InvalidGroup.NotFound", "No default group in " + vpcId));
  }

  /**
   * The groups of an interface: at least one, each in the interface's VPC, no more than the quota.
   */
  static List<String> checkGroups(Call call, Region region, String vpcId, List<String> groups) {
    List<String> distinct = groups.stream().distinct().toList();
    for (String id : distinct) {
      if (!Finder.group(call, region, id).vpcId().equals(vpcId)) {
        throw Ec2Error.of(
            "InvalidParameterValue",
            "You have specified two resources that belong to different networks.");
      }
    }
    if (distinct.size() > call.world.settings.groupsPerInterface()) {
      throw Ec2Error.of(
          "SecurityGroupsPerInterfaceLimitExceeded",
          "The maximum number of security groups per interface has been reached.");
    }
    return distinct;
  }

  private String address(Region region, Subnet subnet) {
    Cidr cidr = Cidr.ipv4(subnet.cidr());
    Set<String> taken =
        region.interfaces().values().stream()
            .filter(eni -> eni.subnetId().equals(subnet.id()))
            .map(NetworkInterface::privateIp)
            .collect(Collectors.toSet());
    if (privateIp != null) {
      if (!cidr.contains(Cidr.address(privateIp))) {
        throw Ec2Error.invalid("Address " + privateIp + " does not fall within the subnet's range");
      }
      if (taken.contains(privateIp)) {
        throw Ec2Error.of("InvalidIPAddress.InUse", "Address " + privateIp + " is in use.");
      }
      return privateIp;
    }
    // The first four addresses and the last of a subnet are AWS's own.
    return LongStream.range(4, (1L << (32 - cidr.length())) - 1)
        .mapToObj(n -> cidr.host(n).addressText())
        .filter(text -> !taken.contains(text))
        .findFirst()
        .orElseThrow(
            () ->
                Ec2Error.of(
                    "InsufficientFreeAddressesInSubnet", "No free address in " + subnet.id()));
  }

  private static String publicAddress(World world) {
    return Cidr.ipv4("54.220.0.0/16").host(1024 + ++world.lastId % 60_000).addressText();
  }
}
