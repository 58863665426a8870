package io.postern.aws.cloud;

import static io.postern.aws.cloud.Lab.WEB;

import io.postern.aws.domain.AccessPlanner;
import io.postern.aws.domain.OwnTags;
import io.postern.enforcement.domain.Lock;
import io.postern.model.PolicyId;
import io.postern.model.PortSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/**
 * A machine whose interface takes no further group, with a group that its owner lends to grants.
 *
 * @param standing the group that is lent
 * @param filler one of those that take all the room
 */
record StandingScene(Lab lab, String standing, String filler) {

  static StandingScene set(Lab lab) {
    String standing =
        lab.owner
            .createSecurityGroup(
                r ->
                    r.groupName(AccessPlanner.standingName(WEB))
                        .description("lent to grants")
                        .vpcId(instance(lab, WEB).vpcId())
                        .tagSpecifications(
                            TagSpecification.builder()
                                .resourceType(ResourceType.SECURITY_GROUP)
                                .tags(
                                    Ec2Rules.tags(
                                        Map.of(
                                            OwnTags.MANAGED,
                                            OwnTags.STANDING,
                                            OwnTags.INSTALLATION,
                                            lab.marks.installation(),
                                            OwnTags.VM,
                                            WEB)))
                                .build()))
            .groupId();
    String filler = "";
    List<String> groups = new ArrayList<>(groups(lab, WEB));
    groups.add(standing);
    while (groups.size() < 5) {
      String name = "filler-" + groups.size();
      filler =
          lab.owner
              .createSecurityGroup(
                  r -> r.groupName(name).description("filler").vpcId(instance(lab, WEB).vpcId()))
              .groupId();
      groups.add(filler);
    }
    StandingScene scene = new StandingScene(lab, standing, filler);
    scene.attach(WEB, groups);
    return scene;
  }

  /** By a policy that lets grants into the group that is lent. */
  static void lock(Lab lab, int port) {
    lab.locks.put(
        WEB,
        new Lock(List.of(new PolicyId("lab")), List.of(PortSpec.tcp(port)), false, false, true));
  }

  private static Instance instance(Lab lab, String id) {
    return lab.owner
        .describeInstances(r -> r.instanceIds(id))
        .reservations()
        .getFirst()
        .instances()
        .getFirst();
  }

  /** What an instance is in. */
  static List<String> groups(Lab lab, String id) {
    return instance(lab, id).securityGroups().stream().map(g -> g.groupId()).toList();
  }

  void attach(String id, List<String> groups) {
    String eni = instance(lab, id).networkInterfaces().getFirst().networkInterfaceId();
    lab.owner.modifyNetworkInterfaceAttribute(r -> r.networkInterfaceId(eni).groups(groups));
  }
}
