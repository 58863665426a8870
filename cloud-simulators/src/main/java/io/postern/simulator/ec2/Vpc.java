package io.postern.simulator.ec2;

import java.util.Map;

record Vpc(String id, String owner, String cidr, boolean isDefault, Map<String, String> tags)
    implements Resource {

  Vpc withTags(Map<String, String> newTags) {
    return new Vpc(id, owner, cidr, isDefault, newTags);
  }
}
