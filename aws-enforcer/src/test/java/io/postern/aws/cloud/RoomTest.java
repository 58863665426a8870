package io.postern.aws.cloud;

import static io.postern.aws.cloud.Lab.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.model.MachineFacts;
import io.postern.model.PolicyId;
import io.postern.model.PortSpec;
import io.postern.model.Shortage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.Instance;

/** Whether an instance has room for a grant, before one is promised. */
class RoomTest {
  private final Lab lab = new Lab();

  @AfterEach
  void closeLab() {
    lab.close();
  }

  private Optional<Shortage> room(boolean locked) {
    MachineFacts facts =
        lab.inventory().stream()
            .filter(m -> m.id().localName().equals(WEB))
            .findFirst()
            .orElseThrow();
    Lock lock = new Lock(List.of(new PolicyId("lab")), List.of(PortSpec.tcp(22)), false, false);
    return lab.adapter
        .posture(new MachineIntent(facts, locked ? Optional.of(lock) : Optional.empty(), List.of()))
        .shortage();
  }

  private Instance web() {
    return lab.owner
        .describeInstances(r -> r.instanceIds(WEB))
        .reservations()
        .getFirst()
        .instances()
        .getFirst();
  }

  private String eni() {
    return web().networkInterfaces().getFirst().networkInterfaceId();
  }

  private List<String> fill(int count) {
    List<String> groups = new ArrayList<>();
    web().securityGroups().forEach(g -> groups.add(g.groupId()));
    while (groups.size() < count) {
      String name = "filler-" + groups.size();
      groups.add(
          lab.owner
              .createSecurityGroup(
                  r -> r.groupName(name).description("filler").vpcId(web().vpcId()))
              .groupId());
    }
    lab.owner.modifyNetworkInterfaceAttribute(r -> r.networkInterfaceId(eni()).groups(groups));
    return groups;
  }

  @Test
  void anInterfaceWithAsManyGroupsAsEc2AllowsHasNone() {
    assertThat(room(true)).isEmpty();
    fill(5);
    assertThat(room(true))
        .hasValueSatisfying(
            s -> {
              assertThat(s.rulesLeft()).isZero();
              assertThat(s.reason()).contains(eni()).contains("5 security groups");
            });
    assertThat(room(false)).as("nobody can ask for it").isEmpty();
  }

  @Test
  void anAccessGroupTakesAsManyRulesAsItsQuota() {
    lab.lock(WEB, true, PortSpec.tcp(22));
    for (int i = 0; i < 57; i++) {
      lab.open(WEB, 22, "203.0.113." + i);
    }
    lab.settle();
    assertThat(room(true)).map(Shortage::rulesLeft).contains(3);
  }
}
