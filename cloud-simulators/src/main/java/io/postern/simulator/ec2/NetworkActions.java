package io.postern.simulator.ec2;

import java.util.List;
import java.util.Map;

/** VPCs and subnets, as far as a scene needs them. */
final class NetworkActions {
  private static final Listing<Vpc> VPCS =
      new Listing<>(
          "vpcSet",
          "VpcId",
          "InvalidVpcID.NotFound",
          new FilterSet<Vpc>()
              .add("vpc-id", (region, vpc) -> List.of(vpc.id()))
              .add("cidr", (region, vpc) -> List.of(vpc.cidr()))
              .add("state", (region, vpc) -> List.of("available"))
              .add("is-default", (region, vpc) -> List.of(Boolean.toString(vpc.isDefault()))));
  private static final Listing<Subnet> SUBNETS =
      new Listing<>(
          "subnetSet",
          "SubnetId",
          "InvalidSubnetID.NotFound",
          new FilterSet<Subnet>()
              .add("subnet-id", (region, subnet) -> List.of(subnet.id()))
              .add("vpc-id", (region, subnet) -> List.of(subnet.vpcId()))
              .add("availability-zone", (region, subnet) -> List.of(subnet.zone()))
              .add(
                  "default-for-az",
                  (region, subnet) -> List.of(Boolean.toString(subnet.isDefault()))));

  private NetworkActions() {}

  static void register(Map<String, Action> actions) {
    actions.put("CreateVpc", NetworkActions::createVpc);
    actions.put("CreateDefaultVpc", NetworkActions::createDefaultVpc);
    actions.put("CreateSubnet", NetworkActions::createSubnet);
    actions.put(
        "DescribeVpcs",
        (call, out) -> VPCS.run(call, out, r -> r.vpcs().values(), (region, vpc) -> vpc(out, vpc)));
    actions.put(
        "DescribeSubnets",
        (call, out) ->
            SUBNETS.run(
                call, out, r -> r.subnets().values(), (region, subnet) -> subnet(out, subnet)));
  }

  private static void createVpc(Call call, Xml out) {
    String cidr = Cidr.ipv4(call.in.required("CidrBlock")).toString();
    boolean v6 = call.in.flag("AmazonProvidedIpv6CidrBlock", false);
    Map<String, String> tags = Tags.specified(call.in, "vpc");
    Region region = call.write();
    vpcAnswer(out, addVpc(call, region, cidr, v6, false, tags));
  }

  private static void createDefaultVpc(Call call, Xml out) {
    Region region = call.write();
    if (region.vpcs().values().stream()
        .anyMatch(vpc -> vpc.isDefault() && vpc.owner().equals(call.account()))) {
      throw Ec2Error.of(
          "DefaultVpcAlreadyExists", "A Default VPC already exists for this account.");
    }
    Vpc vpc = addVpc(call, region, "172.31.0.0/16", false, true, Map.of());
    Subnet subnet =
        new Subnet(
            call.world.id("subnet"),
            call.account(),
            vpc.id(),
            "172.31.0.0/20",
            region.name() + "a",
            true,
            Map.of());
    region.subnets().put(subnet.id(), subnet);
    vpcAnswer(out, vpc);
  }

  private static Vpc addVpc(
      Call call,
      Region region,
      String cidr,
      boolean v6,
      boolean isDefault,
      Map<String, String> tags) {
    String ipv6 =
        v6
            ? Cidr.ipv6(
                    "2600:1f18:0:" + Long.toHexString(++call.world.lastId % 256 * 256) + "::/56")
                .toString()
            : null;
    Vpc vpc = new Vpc(call.world.id("vpc"), call.account(), cidr, ipv6, isDefault, tags);
    region.vpcs().put(vpc.id(), vpc);
    SecurityGroup group =
        GroupActions.open(
            call.world,
            vpc,
            call.account(),
            "default",
            "default VPC security group",
            Map.of(),
            call.now);
    Permission itself = Permission.of("-1", null, null, new Peer(Peer.Kind.GROUP, group.id()));
    Rule ingress =
        new Rule(call.world.id("sgr"), group.id(), call.account(), false, itself, null, Map.of());
    region.groups().put(group.id(), group.plus(List.of(ingress)));
    return vpc;
  }

  private static void createSubnet(Call call, Xml out) {
    String vpcId = call.in.required("VpcId");
    Cidr cidr = Cidr.ipv4(call.in.required("CidrBlock"));
    String zone = call.in.text("AvailabilityZone", call.regionName() + "a");
    Map<String, String> tags = Tags.specified(call.in, "subnet");
    Region region = call.write();
    Vpc vpc = Finder.vpc(call, region, vpcId);
    if (!Cidr.ipv4(vpc.cidr()).contains(cidr)) {
      throw Ec2Error.of("InvalidSubnet.Range", "The CIDR '" + cidr + "' is invalid.");
    }
    for (Subnet other : region.subnets().values()) {
      Cidr taken = Cidr.ipv4(other.cidr());
      if (other.vpcId().equals(vpcId) && (taken.contains(cidr) || cidr.contains(taken))) {
        throw Ec2Error.of(
            "InvalidSubnet.Conflict", "The CIDR '" + cidr + "' conflicts with another subnet");
      }
    }
    Subnet subnet =
        new Subnet(
            call.world.id("subnet"), call.account(), vpcId, cidr.toString(), zone, false, tags);
    region.subnets().put(subnet.id(), subnet);
    out.open("subnet");
    subnet(out, subnet);
    out.close("subnet");
  }

  private static void vpcAnswer(Xml out, Vpc vpc) {
    out.open("vpc");
    vpc(out, vpc);
    out.close("vpc");
  }

  private static void vpc(Xml out, Vpc vpc) {
    out.text("vpcId", vpc.id()).text("ownerId", vpc.owner()).text("state", "available");
    out.text("cidrBlock", vpc.cidr()).text("isDefault", vpc.isDefault());
    out.text("instanceTenancy", "default");
    if (vpc.ipv6() != null) {
      out.list(
          "ipv6CidrBlockAssociationSet",
          List.of(vpc.ipv6()),
          block -> {
            out.text("ipv6CidrBlock", block).open("ipv6CidrBlockState");
            out.text("state", "associated").close("ipv6CidrBlockState");
          });
    }
    Tags.write(out, vpc.tags());
  }

  private static void subnet(Xml out, Subnet subnet) {
    out.text("subnetId", subnet.id()).text("ownerId", subnet.owner()).text("state", "available");
    out.text("vpcId", subnet.vpcId()).text("cidrBlock", subnet.cidr());
    out.text("availabilityZone", subnet.zone()).text("defaultForAz", subnet.isDefault());
    Tags.write(out, subnet.tags());
  }
}
