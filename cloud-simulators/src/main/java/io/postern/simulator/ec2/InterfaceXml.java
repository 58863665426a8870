package io.postern.simulator.ec2;

import java.util.List;

/** How network interfaces look in answers, on their own and inside an instance. */
final class InterfaceXml {
  private InterfaceXml() {}

  static String status(NetworkInterface eni) {
    return eni.attachment() == null ? "available" : "in-use";
  }

  static void networkInterface(Xml out, Region region, NetworkInterface eni) {
    common(out, region, eni);
    out.text("availabilityZone", zone(region, eni));
    out.text("interfaceType", "interface").text("requesterManaged", false);
    Tags.write(out, eni.tags());
  }

  static void insideInstance(Xml out, Region region, NetworkInterface eni) {
    common(out, region, eni);
    out.text("interfaceType", "interface");
  }

  private static void common(Xml out, Region region, NetworkInterface eni) {
    out.text("networkInterfaceId", eni.id()).text("subnetId", eni.subnetId());
    out.text("vpcId", eni.vpcId()).text("ownerId", eni.owner());
    out.text("description", eni.description()).text("status", status(eni));
    out.text("privateIpAddress", eni.privateIp()).text("sourceDestCheck", true);
    groups(out, region, eni.groups());
    NetworkInterface.Attachment attachment = eni.attachment();
    if (attachment != null) {
      out.open("attachment").text("attachmentId", attachment.id());
      out.text("instanceId", attachment.instanceId()).text("instanceOwnerId", eni.owner());
      out.text("deviceIndex", attachment.deviceIndex()).text("networkCardIndex", 0);
      out.text("status", "attached").time("attachTime", attachment.attachedAt());
      out.text("deleteOnTermination", attachment.deleteOnTermination()).close("attachment");
    }
    association(out, eni);
    out.list("ipv6AddressesSet", eni.ipv6(), address -> out.text("ipv6Address", address));
    out.list(
        "privateIpAddressesSet",
        List.of(eni),
        each -> {
          out.text("privateIpAddress", eni.privateIp()).text("primary", true);
          association(out, eni);
        });
  }

  private static void association(Xml out, NetworkInterface eni) {
    if (eni.publicIp() != null) {
      out.open("association").text("publicIp", eni.publicIp()).text("ipOwnerId", "amazon");
      out.close("association");
    }
  }

  static void groups(Xml out, Region region, List<String> ids) {
    out.list(
        "groupSet", ids, id -> out.text("groupId", id).text("groupName", region.groupName(id)));
  }

  static String zone(Region region, NetworkInterface eni) {
    Subnet subnet = region.subnets().get(eni.subnetId());
    return subnet == null ? "" : subnet.zone();
  }
}
