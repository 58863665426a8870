package io.postern.simulator.ec2;

import java.util.List;

/** How instances look in answers. */
final class InstanceXml {
  private InstanceXml() {}

  static void instance(Xml out, Region region, Instance instance) {
    instance(out, region, instance, instance.state());
  }

  static void instance(Xml out, Region region, Instance instance, Instance.State shown) {
    List<NetworkInterface> interfaces = region.interfacesOf(instance.id());
    out.text("instanceId", instance.id()).text("imageId", instance.imageId());
    state(out, "instanceState", shown);
    out.text("instanceType", instance.type()).time("launchTime", instance.launchedAt());
    out.text("amiLaunchIndex", instance.launchIndex()).text("clientToken", instance.clientToken());
    out.text("architecture", "x86_64").text("hypervisor", "xen").text("virtualizationType", "hvm");
    if (!interfaces.isEmpty()) {
      NetworkInterface primary = interfaces.getFirst();
      out.open("placement").text("availabilityZone", InterfaceXml.zone(region, primary));
      out.text("tenancy", "default").close("placement");
      out.text("subnetId", instance.subnetId()).text("vpcId", instance.vpcId());
      out.text("privateIpAddress", primary.privateIp()).text("ipAddress", primary.publicIp());
      InterfaceXml.groups(out, region, primary.groups());
    }
    out.list(
        "networkInterfaceSet", interfaces, eni -> InterfaceXml.insideInstance(out, region, eni));
    Tags.write(out, instance.tags());
  }

  static void change(Xml out, Instance before, Instance.State current) {
    out.text("instanceId", before.id());
    boolean ended = before.state() == Instance.State.TERMINATED;
    state(out, "currentState", ended ? before.state() : current);
    state(out, "previousState", before.state());
  }

  private static void state(Xml out, String tag, Instance.State state) {
    out.open(tag).text("code", state.code).text("name", state.text).close(tag);
  }
}
