package io.postern.simulator.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConsistencyTest {
  private final Lab lab = Lab.start();

  ConsistencyTest() {
    lab.simulator.server().clock().freeze();
  }

  @AfterEach
  void stop() {
    lab.close();
  }

  @Test
  void readsLagBehindAndCatchUp() {
    lab.post("settings", Map.of("staleness", "PT10S", "seed", 42));
    advance(20);
    lab.allow(Lab.DB_GROUP, 3389, 3389, "10.0.0.0/8");

    List<Integer> seen = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      seen.add(ingressRules());
    }
    advance(5);
    for (int i = 0; i < 10; i++) {
      seen.add(ingressRules());
    }
    assertThat(seen.subList(0, 5)).as("nobody sees it at once").containsOnly(2);
    assertThat(seen.subList(5, 15)).as("some see it later").contains(2, 3);
    advance(10);
    for (int i = 0; i < 10; i++) {
      assertThat(ingressRules()).isEqualTo(3);
    }
  }

  @Test
  void aStaleReadDoesNotMakeTheWriteStale() {
    lab.post("settings", Map.of("staleness", "PT10S"));
    lab.allow(Lab.DB_GROUP, 3389, 3389, "10.0.0.0/8");

    ContractCase.refused(
        400,
        "InvalidPermission.Duplicate",
        () -> lab.allow(Lab.DB_GROUP, 3389, 3389, "10.0.0.0/8"));
  }

  @Test
  void aNewGroupIsNotFoundForAWhile() {
    lab.post("settings", Map.of("createVisibility", "PT3S"));
    String group = newGroup();

    ContractCase.refused(
        400, "InvalidGroup.NotFound", () -> lab.allow(group, 22, 22, "10.0.0.0/8"));
    advance(3);
    lab.allow(group, 22, 22, "10.0.0.0/8");
  }

  @Test
  void aGroupCannotBeDeletedForAWhileAfterTheDetach() {
    lab.post("settings", Map.of("detachLinger", "PT30S"));
    String group = newGroup();
    String eni = "eni-0abc1234def567891";
    lab.ec2.modifyNetworkInterfaceAttribute(
        r -> r.networkInterfaceId(eni).groups(Lab.DB_GROUP, group));
    lab.ec2.modifyNetworkInterfaceAttribute(r -> r.networkInterfaceId(eni).groups(Lab.DB_GROUP));

    ContractCase.refused(
        400, "DependencyViolation", () -> lab.ec2.deleteSecurityGroup(r -> r.groupId(group)));
    advance(30);
    lab.ec2.deleteSecurityGroup(r -> r.groupId(group));
  }

  @Test
  void anUnknownSettingIsRefused() {
    assertThat(lab.post("settings", Map.of("stalenes", "PT10S")).status()).isEqualTo(400);
    assertThat(lab.get("settings").json().get("rulesPerSecurityGroup").asInt()).isEqualTo(60);
  }

  private String newGroup() {
    return lab.ec2
        .createSecurityGroup(
            r -> r.groupName("new").description("d").vpcId("vpc-0abc1234def567800"))
        .groupId();
  }

  private int ingressRules() {
    return (int)
        lab
            .ec2
            .describeSecurityGroupRules(
                r -> r.filters(f -> f.name("group-id").values(Lab.DB_GROUP)))
            .securityGroupRules()
            .stream()
            .filter(rule -> !rule.isEgress())
            .count();
  }

  private void advance(int seconds) {
    lab.simulator.server().clock().advance(Duration.ofSeconds(seconds));
  }
}
