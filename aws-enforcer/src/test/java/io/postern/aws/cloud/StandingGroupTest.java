package io.postern.aws.cloud;

import static io.postern.aws.cloud.Lab.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.aws.domain.AccessPlanner;
import io.postern.aws.domain.OwnTags;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.exposure.Posture;
import io.postern.model.MachineFacts;
import io.postern.model.PolicyId;
import io.postern.model.PortSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/**
 * A machine whose interface takes no further group, with a group that its owner lends to grants.
 */
class StandingGroupTest {
  private static final String PERSON = "203.0.113.7";
  private static final String OTHER = "203.0.113.8";

  private final Lab lab = new Lab();
  private String standing = "";
  private String filler = "";

  @BeforeEach
  void fillTheInterface() {
    standing =
        lab.owner
            .createSecurityGroup(
                r ->
                    r.groupName(AccessPlanner.standingName(WEB))
                        .description("lent to grants")
                        .vpcId(instance(WEB).vpcId())
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
    List<String> groups = new ArrayList<>(groups());
    groups.add(standing);
    while (groups.size() < 5) {
      String name = "filler-" + groups.size();
      filler =
          lab.owner
              .createSecurityGroup(
                  r -> r.groupName(name).description("filler").vpcId(instance(WEB).vpcId()))
              .groupId();
      groups.add(filler);
    }
    attach(WEB, groups);
    lab.locks.put(
        WEB, new Lock(List.of(new PolicyId("lab")), List.of(PortSpec.tcp(22)), false, false, true));
  }

  @AfterEach
  void closeLab() {
    lab.close();
  }

  private Instance instance(String id) {
    return lab.owner
        .describeInstances(r -> r.instanceIds(id))
        .reservations()
        .getFirst()
        .instances()
        .getFirst();
  }

  private List<String> groups() {
    return instance(WEB).securityGroups().stream().map(g -> g.groupId()).toList();
  }

  private void attach(String id, List<String> groups) {
    String eni = instance(id).networkInterfaces().getFirst().networkInterfaceId();
    lab.owner.modifyNetworkInterfaceAttribute(r -> r.networkInterfaceId(eni).groups(groups));
  }

  private Posture posture() {
    MachineFacts facts =
        lab.inventory().stream()
            .filter(m -> m.id().localName().equals(WEB))
            .findFirst()
            .orElseThrow();
    return lab.adapter.posture(
        new MachineIntent(facts, Optional.ofNullable(lab.locks.get(WEB)), List.of()));
  }

  @Test
  void carriesAGrantAndGivesExactlyThatBack() {
    List<String> attached = groups();
    lab.owner.authorizeSecurityGroupIngress(
        r -> r.groupId(standing).ipProtocol("tcp").fromPort(443).toPort(443).cidrIp("0.0.0.0/0"));
    List<String> before = lab.rules(standing);
    Grant first = lab.open(WEB, 22, PERSON);
    Grant second = lab.open(WEB, 22, OTHER);
    assertThat(lab.settle().of(WEB).assessment().orElseThrow().satisfied())
        .contains(first.id(), second.id());
    assertThat(lab.reaches(PERSON, WEB, 22)).isTrue();
    assertThat(lab.reaches(OTHER, WEB, 22)).isTrue();
    assertThat(lab.reaches("203.0.113.9", WEB, 22)).isFalse();
    assertThat(lab.accessGroups()).as("no group is made").containsExactly(standing);

    lab.end(first);
    lab.settle();
    assertThat(lab.reaches(PERSON, WEB, 22)).isFalse();
    assertThat(lab.reaches(OTHER, WEB, 22)).isTrue();

    lab.end(second);
    lab.settle();
    assertThat(lab.rules(standing)).isEqualTo(before);
    assertThat(groups()).containsExactlyInAnyOrderElementsOf(attached);
    assertThat(
            lab.owner
                .describeSecurityGroups(r -> r.groupIds(standing))
                .securityGroups()
                .getFirst()
                .ipPermissionsEgress())
        .as("the owner's way out is his")
        .isNotEmpty();
    lab.calls();
    lab.settle();
    assertThat(lab.calls()).as("nothing is left to do").allMatch(c -> c.startsWith("Describe"));
  }

  @Test
  void withoutAPolicyThatSaysSoNothingIsPutThere() {
    lab.lock(WEB, false, PortSpec.tcp(22));
    assertThat(lab.foresee(WEB)).singleElement().asString().contains("fullInterfaces: standing");
    assertThat(posture().shortage()).map(s -> s.rulesLeft()).contains(0);
    lab.open(WEB, 22, PERSON);
    lab.settle();
    assertThat(lab.reaches(PERSON, WEB, 22)).isFalse();
    assertThat(lab.rules(standing)).isEmpty();
  }

  @Test
  void withOneItIsForeseenAndTheExposureNamesTheGrant() {
    assertThat(lab.foresee(WEB)).isEmpty();
    assertThat(posture().shortage()).isEmpty();
    Grant grant = lab.open(WEB, 22, PERSON);
    lab.settle();
    assertThat(posture().exposure())
        .flatExtracting(e -> e.reachableFrom())
        .flatExtracting(e -> e.rules())
        .anySatisfy(
            r -> {
              assertThat(r.ruleSet()).endsWith(standing);
              assertThat(r.grants()).containsExactly(grant.id());
            });
  }

  @Test
  void oneThatAnotherMachineIsInCarriesNothing() {
    lab.open(WEB, 22, PERSON);
    lab.settle();
    assertThat(lab.reaches(PERSON, WEB, 22)).isTrue();
    List<String> both = new ArrayList<>();
    instance(Lab.DB).securityGroups().forEach(g -> both.add(g.groupId()));
    both.add(standing);
    attach(Lab.DB, both);
    assertThat(lab.reaches(PERSON, Lab.DB, 22)).as("the owner's hand opened it").isTrue();
    lab.settle();
    assertThat(lab.reaches(PERSON, Lab.DB, 22)).isFalse();
    assertThat(lab.reaches(PERSON, WEB, 22)).isFalse();
    assertThat(lab.foresee(WEB)).singleElement().asString().contains(Lab.DB);
  }

  @Test
  void aRuleThatSomebodyTakesAwayComesBackAndIsReported() {
    lab.open(WEB, 22, PERSON);
    lab.settle();
    lab.pass(OwnWrites.LATELY);
    lab.owner.revokeSecurityGroupIngress(
        r -> r.groupId(standing).ipProtocol("tcp").fromPort(22).toPort(22).cidrIp(PERSON + "/32"));
    Report.Drifted drift = lab.settle().of(WEB).drift().orElseThrow();
    assertThat(drift.changes())
        .singleElement()
        .asString()
        .contains(standing + "/tcp/22-22", "is gone");
    assertThat(lab.reaches(PERSON, WEB, 22)).isTrue();
  }

  @Test
  void isSweptLikeAnyOtherAndStays() {
    lab.open(WEB, 22, PERSON);
    lab.settle();
    assertThat(lab.sweeper(Lab.NOW.plus(Duration.ofMinutes(14))).sweep()).isZero();
    assertThat(lab.sweeper(Lab.NOW.plus(Duration.ofMinutes(15))).sweep()).isEqualTo(1);
    assertThat(lab.sweeper(Lab.NOW.plus(Duration.ofDays(1))).sweep()).isZero();
    assertThat(lab.reaches(PERSON, WEB, 22)).isFalse();
    assertThat(lab.accessGroups()).containsExactly(standing);
    assertThat(groups()).contains(standing);
  }

  @Test
  void grantsStayInItWhenRoomIsMadeAndTheNextOnesHaveAGroupOfTheirOwn() {
    Grant grant = lab.open(WEB, 22, PERSON);
    lab.settle();
    attach(WEB, groups().stream().filter(g -> !g.equals(filler)).toList());
    lab.settle();
    assertThat(lab.accessGroups()).containsExactly(standing);
    assertThat(lab.reaches(PERSON, WEB, 22)).isTrue();
    lab.end(grant);
    lab.settle();
    lab.open(WEB, 22, OTHER);
    lab.settle();
    assertThat(lab.accessGroups()).hasSize(2);
    assertThat(lab.rules(standing)).isEmpty();
    assertThat(lab.reaches(OTHER, WEB, 22)).isTrue();
  }
}
