package io.postern.aws.cloud;

import static io.postern.aws.cloud.Lab.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.exposure.Posture;
import io.postern.model.MachineFacts;
import io.postern.model.PortSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A machine whose interface takes no further group, with a group that its owner lends to grants.
 */
class StandingGroupTest {
  private static final String PERSON = "203.0.113.7";
  private static final String OTHER = "203.0.113.8";

  private final Lab lab = new Lab();
  private final StandingScene scene = StandingScene.set(lab);
  private final String standing = scene.standing();

  @BeforeEach
  void lock() {
    StandingScene.lock(lab, 22);
  }

  @AfterEach
  void closeLab() {
    lab.close();
  }

  private List<String> groups() {
    return StandingScene.groups(lab, WEB);
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
    List<String> both = new ArrayList<>(StandingScene.groups(lab, Lab.DB));
    both.add(standing);
    scene.attach(Lab.DB, both);
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
    scene.attach(WEB, groups().stream().filter(g -> !g.equals(scene.filler())).toList());
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
