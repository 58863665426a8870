package io.postern.simulator.ec2;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Instances: describe, terminate, stop, start; and the one image there is. */
final class InstanceActions {
  /** How long a terminated instance is still shown. */
  private static final Duration SHOWN_AFTER_END = Duration.ofHours(1);

  private static final Listing<Instance> LISTING =
      new Listing<>(
          "reservationSet",
          "InstanceId",
          "InvalidInstanceID.NotFound",
          new FilterSet<Instance>()
              .add("instance-id", (region, i) -> List.of(i.id()))
              .add("instance-state-name", (region, i) -> List.of(i.state().text))
              .add("instance-state-code", (region, i) -> List.of(Integer.toString(i.state().code)))
              .add("instance-type", (region, i) -> List.of(i.type()))
              .add("image-id", (region, i) -> List.of(i.imageId()))
              .add("reservation-id", (region, i) -> List.of(i.reservationId()))
              .add("vpc-id", (region, i) -> List.of(i.vpcId()))
              .add("subnet-id", (region, i) -> List.of(i.subnetId()))
              .add(
                  "client-token",
                  (region, i) -> i.clientToken() == null ? List.of() : List.of(i.clientToken()))
              .add("instance.group-id", InstanceActions::groups)
              .add("network-interface.group-id", InstanceActions::groups)
              .add(
                  "instance.group-name",
                  (region, i) -> groups(region, i).stream().map(region::groupName).toList())
              .add(
                  "network-interface.network-interface-id",
                  (region, i) ->
                      region.interfacesOf(i.id()).stream().map(NetworkInterface::id).toList())
              .add(
                  "private-ip-address",
                  (region, i) ->
                      region.interfacesOf(i.id()).stream()
                          .map(NetworkInterface::privateIp)
                          .toList()));

  private InstanceActions() {}

  static void register(Map<String, Action> actions) {
    actions.put("DescribeInstances", InstanceActions::describe);
    actions.put("RunInstances", RunInstances::run);
    actions.put("TerminateInstances", (c, out) -> change(c, out, Instance.State.SHUTTING_DOWN));
    actions.put("StopInstances", (c, out) -> change(c, out, Instance.State.STOPPING));
    actions.put("StartInstances", (c, out) -> change(c, out, Instance.State.PENDING));
    actions.put("DescribeImages", Images::describe);
  }

  private static List<String> groups(Region region, Instance instance) {
    return region.interfacesOf(instance.id()).stream()
        .flatMap(eni -> eni.groups().stream())
        .toList();
  }

  private static void describe(Call call, Xml out) {
    LISTING.run(
        call,
        out,
        region -> region.instances().values().stream().filter(i -> isShown(call, i)).toList(),
        (region, instance) -> {
          out.text("reservationId", instance.reservationId()).text("ownerId", instance.owner());
          out.list("groupSet", List.<String>of(), out::raw);
          out.list("instancesSet", List.of(instance), i -> InstanceXml.instance(out, region, i));
        });
  }

  private static boolean isShown(Call call, Instance instance) {
    return instance.terminatedAt() == null
        || instance.terminatedAt().plus(SHOWN_AFTER_END).isAfter(call.now);
  }

  /** Answers the passing state and goes to the lasting one at once. */
  private static void change(Call call, Xml out, Instance.State passing) {
    List<String> ids = call.in.list("InstanceId");
    if (ids.isEmpty()) {
      throw Ec2Error.missing("InstanceId");
    }
    Region region = call.write();
    List<Instance> before = new ArrayList<>();
    for (String id : ids) {
      Instance instance = Finder.instance(call, region, id);
      if (instance.state() == Instance.State.TERMINATED
          && passing != Instance.State.SHUTTING_DOWN) {
        throw Ec2Error.of("IncorrectInstanceState", "The instance '" + id + "' is terminated");
      }
      before.add(instance);
    }
    for (Instance instance : before) {
      region.instances().put(instance.id(), instance.withState(lasting(passing), call.now));
      if (passing == Instance.State.SHUTTING_DOWN) {
        releaseInterfaces(call, region, instance);
      }
    }
    out.list("instancesSet", before, instance -> InstanceXml.change(out, instance, passing));
  }

  private static Instance.State lasting(Instance.State passing) {
    return switch (passing) {
      case PENDING, RUNNING -> Instance.State.RUNNING;
      case STOPPING, STOPPED -> Instance.State.STOPPED;
      case SHUTTING_DOWN, TERMINATED -> Instance.State.TERMINATED;
    };
  }

  private static void releaseInterfaces(Call call, Region region, Instance instance) {
    for (NetworkInterface eni : region.interfacesOf(instance.id())) {
      if (eni.attachment() != null && eni.attachment().deleteOnTermination()) {
        InterfaceActions.remove(call, region, eni);
      } else {
        region.interfaces().put(eni.id(), eni.withAttachment(null));
      }
    }
  }
}
