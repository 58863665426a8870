package io.postern.simulator.ec2;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A rule of a group; description and tags are no part of its identity. */
record Rule(
    String id,
    String groupId,
    String owner,
    boolean egress,
    Permission permission,
    @Nullable String description,
    Map<String, String> tags)
    implements Resource {

  boolean is(boolean outbound, Permission other) {
    return egress == outbound && permission.equals(other);
  }

  Rule withTags(Map<String, String> newTags) {
    return new Rule(id, groupId, owner, egress, permission, description, newTags);
  }

  Rule with(Permission newPermission, @Nullable String newDescription) {
    return new Rule(id, groupId, owner, egress, newPermission, newDescription, tags);
  }
}
