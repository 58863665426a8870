package io.postern.simulator.ec2;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

record NetworkInterface(
    String id,
    String owner,
    String vpcId,
    String subnetId,
    String privateIp,
    @Nullable String publicIp,
    List<String> ipv6,
    List<String> groups,
    String description,
    @Nullable Attachment attachment,
    Map<String, String> tags)
    implements Resource {

  record Attachment(
      String id,
      String instanceId,
      int deviceIndex,
      boolean deleteOnTermination,
      Instant attachedAt) {}

  boolean attachedTo(String instanceId) {
    return attachment != null && attachment.instanceId().equals(instanceId);
  }

  boolean hasAddress(Cidr address) {
    String text = address.addressText();
    return privateIp.equals(text) || ipv6.contains(text);
  }

  NetworkInterface withTags(Map<String, String> newTags) {
    return new NetworkInterface(
        id,
        owner,
        vpcId,
        subnetId,
        privateIp,
        publicIp,
        ipv6,
        groups,
        description,
        attachment,
        newTags);
  }

  NetworkInterface withGroups(List<String> newGroups) {
    return new NetworkInterface(
        id,
        owner,
        vpcId,
        subnetId,
        privateIp,
        publicIp,
        ipv6,
        newGroups,
        description,
        attachment,
        tags);
  }

  NetworkInterface withDescription(String text) {
    return new NetworkInterface(
        id, owner, vpcId, subnetId, privateIp, publicIp, ipv6, groups, text, attachment, tags);
  }

  NetworkInterface withAttachment(@Nullable Attachment newAttachment) {
    return new NetworkInterface(
        id,
        owner,
        vpcId,
        subnetId,
        privateIp,
        publicIp,
        ipv6,
        groups,
        description,
        newAttachment,
        tags);
  }
}
