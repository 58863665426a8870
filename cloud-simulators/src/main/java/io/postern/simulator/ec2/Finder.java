package io.postern.simulator.ec2;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks resources up for a call and refuses as EC2 does. */
final class Finder {
  private Finder() {}

  static SecurityGroup group(Call call, Region region, String id) {
    if (!id.startsWith("sg-")) {
      throw Ec2Error.of(
          "InvalidGroupId.Malformed", "Invalid id: \"" + id + "\" (expecting \"sg-...\")");
    }
    SecurityGroup group =
        find(call, region, region.groups(), id, "InvalidGroup.NotFound", "security group");
    if (!call.isThere(group)) {
      throw notFound("InvalidGroup.NotFound", "security group", id);
    }
    return group;
  }

  /** A group that the caller may edit: his own. */
  static SecurityGroup ownGroup(Call call, Region region, String id) {
    SecurityGroup group = group(call, region, id);
    if (!group.owner().equals(call.account())) {
      throw Ec2Error.unauthorized(call.action);
    }
    return group;
  }

  static NetworkInterface networkInterface(Call call, Region region, String id) {
    return find(
        call,
        region,
        region.interfaces(),
        id,
        "InvalidNetworkInterfaceID.NotFound",
        "networkInterface ID");
  }

  static Instance instance(Call call, Region region, String id) {
    return find(call, region, region.instances(), id, "InvalidInstanceID.NotFound", "instance ID");
  }

  static Subnet subnet(Call call, Region region, String id) {
    return find(call, region, region.subnets(), id, "InvalidSubnetID.NotFound", "subnet ID");
  }

  static Vpc vpc(Call call, Region region, String id) {
    return find(call, region, region.vpcs(), id, "InvalidVpcID.NotFound", "vpc ID");
  }

  static PrefixList prefixList(Call call, Region region, String id) {
    return find(
        call, region, region.prefixLists(), id, "InvalidPrefixListID.NotFound", "prefix list ID");
  }

  static Vpc defaultVpc(Call call, Region region) {
    return region.vpcs().values().stream()
        .filter(vpc -> vpc.isDefault() && vpc.owner().equals(call.account()))
        .findFirst()
        .orElseThrow(() -> Ec2Error.of("VPCIdNotSpecified", "No default VPC for this user"));
  }

  private static <T extends Resource> T find(
      Call call, Region region, Map<String, T> table, String id, String code, String what) {
    @Nullable T resource = table.get(id);
    if (resource == null || !region.visible(call.account(), resource)) {
      throw notFound(code, what, id);
    }
    return resource;
  }

  private static Ec2Error notFound(String code, String what, String id) {
    return Ec2Error.of(code, "The " + what + " '" + id + "' does not exist");
  }
}
