package io.postern.simulator.ec2;

import java.util.Map;

record Subnet(
    String id,
    String owner,
    String vpcId,
    String cidr,
    String zone,
    boolean isDefault,
    Map<String, String> tags)
    implements Resource {

  Subnet withTags(Map<String, String> newTags) {
    return new Subnet(id, owner, vpcId, cidr, zone, isDefault, newTags);
  }
}
