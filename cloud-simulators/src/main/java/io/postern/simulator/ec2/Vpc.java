package io.postern.simulator.ec2;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * @param ipv6 the block that Amazon has provided, if one was asked for
 */
record Vpc(
    String id,
    String owner,
    String cidr,
    @Nullable String ipv6,
    boolean isDefault,
    Map<String, String> tags)
    implements Resource {

  Vpc withTags(Map<String, String> newTags) {
    return new Vpc(id, owner, cidr, ipv6, isDefault, newTags);
  }
}
