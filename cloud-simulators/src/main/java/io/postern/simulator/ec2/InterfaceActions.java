package io.postern.simulator.ec2;

import io.postern.simulator.ec2.NetworkInterface.Attachment;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Network interfaces: create, describe, attach, detach, change groups, delete. */
final class InterfaceActions {
  private static final Listing<NetworkInterface> LISTING =
      new Listing<>(
          "networkInterfaceSet",
          "NetworkInterfaceId",
          "InvalidNetworkInterfaceID.NotFound",
          new FilterSet<NetworkInterface>()
              .add("network-interface-id", (region, eni) -> List.of(eni.id()))
              .add("group-id", (region, eni) -> eni.groups())
              .add(
                  "group-name",
                  (region, eni) -> eni.groups().stream().map(region::groupName).toList())
              .add("vpc-id", (region, eni) -> List.of(eni.vpcId()))
              .add("subnet-id", (region, eni) -> List.of(eni.subnetId()))
              .add("description", (region, eni) -> List.of(eni.description()))
              .add("status", (region, eni) -> List.of(InterfaceXml.status(eni)))
              .add("private-ip-address", (region, eni) -> List.of(eni.privateIp()))
              .add("addresses.private-ip-address", (region, eni) -> List.of(eni.privateIp()))
              .add("association.public-ip", (region, eni) -> optional(eni.publicIp()))
              .add(
                  "attachment.instance-id",
                  (region, eni) ->
                      eni.attachment() == null ? List.of() : List.of(eni.attachment().instanceId()))
              .add(
                  "attachment.attachment-id",
                  (region, eni) ->
                      eni.attachment() == null ? List.of() : List.of(eni.attachment().id()))
              .add(
                  "attachment.status",
                  (region, eni) -> eni.attachment() == null ? List.of() : List.of("attached")));

  private InterfaceActions() {}

  static void register(Map<String, Action> actions) {
    actions.put(
        "DescribeNetworkInterfaces",
        (call, out) ->
            LISTING.run(
                call,
                out,
                r -> r.interfaces().values(),
                (region, eni) -> InterfaceXml.networkInterface(out, region, eni)));
    actions.put("CreateNetworkInterface", InterfaceActions::create);
    actions.put("DeleteNetworkInterface", InterfaceActions::delete);
    actions.put("AttachNetworkInterface", InterfaceActions::attach);
    actions.put("DetachNetworkInterface", InterfaceActions::detach);
    actions.put("ModifyNetworkInterfaceAttribute", InterfaceActions::modify);
  }

  private static List<String> optional(@Nullable String value) {
    return value == null ? List.of() : List.of(value);
  }

  private static void create(Call call, Xml out) {
    InterfacePlan plan =
        new InterfacePlan(
            call.in.required("SubnetId"),
            call.in.list("SecurityGroupId"),
            call.in.text("PrivateIpAddress"),
            call.in.structures("Ipv6Addresses").stream()
                .map(p -> p.required("Ipv6Address"))
                .toList(),
            false,
            call.in.text("Description", ""));
    Map<String, String> tags = Tags.specified(call.in, "network-interface");
    call.in.text("ClientToken");
    Region region = call.write();
    NetworkInterface eni = plan.build(call, region, null, tags);
    region.interfaces().put(eni.id(), eni);
    out.open("networkInterface");
    InterfaceXml.networkInterface(out, region, eni);
    out.close("networkInterface");
  }

  private static void delete(Call call, Xml out) {
    String id = call.in.required("NetworkInterfaceId");
    Region region = call.write();
    NetworkInterface eni = Finder.networkInterface(call, region, id);
    if (eni.attachment() != null) {
      throw Ec2Error.of(
          "InvalidParameterValue", "Network interface '" + id + "' is currently in use.");
    }
    remove(call, region, eni);
    out.text("return", true);
  }

  /** Takes an interface away; its groups count as just detached. */
  static void remove(Call call, Region region, NetworkInterface eni) {
    region.interfaces().remove(eni.id());
    eni.groups().forEach(group -> region.detachedAt().put(group, call.now));
  }

  private static void attach(Call call, Xml out) {
    String id = call.in.required("NetworkInterfaceId");
    String instanceId = call.in.required("InstanceId");
    int index = call.in.number("DeviceIndex", -1);
    call.in.number("NetworkCardIndex");
    Region region = call.write();
    NetworkInterface eni = Finder.networkInterface(call, region, id);
    Instance instance = Finder.instance(call, region, instanceId);
    if (eni.attachment() != null) {
      throw Ec2Error.of("InvalidNetworkInterface.InUse", "Interface: [" + id + "] in use.");
    }
    if (instance.state() == Instance.State.TERMINATED) {
      throw Ec2Error.of("IncorrectState", "Instance '" + instanceId + "' is terminated");
    }
    if (index < 1
        || region.interfacesOf(instanceId).stream()
            .anyMatch(o -> o.attachment() != null && o.attachment().deviceIndex() == index)) {
      throw Ec2Error.invalid(
          "Instance '"
              + instanceId
              + "' already has an interface attached at device index "
              + index);
    }
    Attachment attachment =
        new Attachment(call.world.id("eni-attach"), instanceId, index, false, call.now);
    region.interfaces().put(id, eni.withAttachment(attachment));
    out.text("attachmentId", attachment.id()).text("networkCardIndex", 0);
  }

  private static void detach(Call call, Xml out) {
    String id = call.in.required("AttachmentId");
    call.in.flag("Force", false);
    Region region = call.write();
    NetworkInterface eni =
        region.interfaces().values().stream()
            .filter(each -> each.attachment() != null && each.attachment().id().equals(id))
            .filter(each -> region.visible(call.account(), each))
            .findFirst()
            .orElseThrow(
                () ->
                    Ec2Error.of(
                        "InvalidAttachmentID.NotFound",
                        "The attachment '" + id + "' does not exist"));
    if (eni.attachment() != null && eni.attachment().deviceIndex() == 0) {
      throw Ec2Error.of(
          "OperationNotPermitted", "The network interface at device index 0 cannot be detached.");
    }
    region.interfaces().put(eni.id(), eni.withAttachment(null));
    out.text("return", true);
  }

  private static void modify(Call call, Xml out) {
    String id = call.in.required("NetworkInterfaceId");
    List<String> groups = call.in.list("SecurityGroupId");
    String description = call.in.structure("Description").text("Value");
    if (groups.isEmpty() == (description == null)) {
      throw groups.isEmpty()
          ? Ec2Error.missing("one attribute to modify")
          : Ec2Error.of(
              "InvalidParameterCombination", "Only one attribute can be modified at a time");
    }
    Region region = call.write();
    NetworkInterface eni = Finder.networkInterface(call, region, id);
    if (!eni.owner().equals(call.account())) {
      throw Ec2Error.unauthorized(call.action);
    }
    if (description != null) {
      region.interfaces().put(id, eni.withDescription(description));
    } else {
      List<String> wanted = InterfacePlan.checkGroups(call, region, eni.vpcId(), groups);
      TreeSet<String> left = new TreeSet<>(eni.groups());
      left.removeAll(wanted);
      left.forEach(group -> region.detachedAt().put(group, call.now));
      region.interfaces().put(id, eni.withGroups(wanted));
    }
    out.text("return", true);
  }
}
