package io.postern.aws.cloud;

import static io.postern.aws.cloud.Lab.WEB;
import static io.postern.aws.cloud.Lab.WEB_GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.domain.RuleSetReport;
import io.postern.model.PortSpec;
import io.postern.simulator.kernel.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What others do to groups that we wrote to. */
class DriftTest {
  private static final String PERSON = "203.0.113.7";
  private static final String STRANGER = "198.18.0.1";
  private final Lab lab = new Lab();

  @BeforeEach
  void lockWeb() {
    lab.lock(WEB, false, PortSpec.tcp(22));
    lab.settle();
    lab.pass(OwnWrites.LATELY);
  }

  @AfterEach
  void closeLab() {
    lab.close();
  }

  private String ruleIn(String group, int port) {
    return lab
        .owner
        .describeSecurityGroupRules(r -> r.filters(Ec2Reader.filter("group-id", group)))
        .securityGroupRules()
        .stream()
        .filter(r -> !r.isEgress() && r.fromPort() == port)
        .findFirst()
        .orElseThrow()
        .securityGroupRuleId();
  }

  private void opensToAll(int port) {
    lab.owner.authorizeSecurityGroupIngress(
        r ->
            r.groupId(WEB_GROUP).ipProtocol("tcp").fromPort(port).toPort(port).cidrIp("0.0.0.0/0"));
  }

  @Test
  void aRuleThatOpensALockedPortIsReportedAndClosed() {
    opensToAll(22);
    Report.Drifted drift = lab.settle().of(WEB_GROUP).drift().orElseThrow();

    assertThat(drift.machines()).containsExactly(Lab.machine(WEB));
    assertThat(drift.changes())
        .containsExactly(
            "Rule " + WEB_GROUP + "/tcp/22-22 from 0.0.0.0/0 is new: without description.");
    assertThat(drift.action())
        .isEqualTo("Put right: takes away from " + WEB_GROUP + ": tcp/22-22 from 0.0.0.0/0.");
    assertThat(lab.reaches(STRANGER, WEB, 22)).isFalse();
  }

  @Test
  void aRuleOnAnotherPortIsTheOwnersAffair() {
    opensToAll(8080);

    lab.settle();

    assertThat(lab.drifts).isEmpty();
    assertThat(lab.reaches(STRANGER, WEB, 8080)).isTrue();
  }

  @Test
  void aRemainderThatSomebodyTookAwayIsReportedAndStaysAway() {
    String upper = ruleIn(WEB_GROUP, 23);
    lab.owner.revokeSecurityGroupIngress(r -> r.groupId(WEB_GROUP).securityGroupRuleIds(upper));

    Report.Drifted drift = lab.settle().of(WEB_GROUP).drift().orElseThrow();

    assertThat(drift.changes()).singleElement().asString().contains("23-30", "is gone");
    assertThat(drift.action()).startsWith("Left as it is");
    assertThat(lab.reaches(STRANGER, WEB, 25)).isFalse();
  }

  @Test
  void aGrantsRuleThatSomebodyTookAwayIsPutBackThreeTimes() {
    Grant grant = lab.open(WEB, 22, PERSON);
    lab.settle();
    lab.pass(OwnWrites.LATELY);
    for (int time = 1; time <= 3; time++) {
      takeAway(lab.accessGroups().getFirst());
      assertThat(lab.settle().of(WEB).drift()).isPresent();
      assertThat(lab.reaches(PERSON, WEB, 22)).isTrue();
      lab.pass(OwnWrites.LATELY);
    }
    takeAway(lab.accessGroups().getFirst());
    RuleSetReport report = lab.settle().of(WEB);

    assertThat(report.refusedGrants()).containsKey(grant.id());
    assertThat(report.drift().orElseThrow().action()).startsWith("Closed: ");
    assertThat(lab.reaches(PERSON, WEB, 22)).isFalse();
    assertThat(lab.accessGroups()).isEmpty();
  }

  private void takeAway(String group) {
    String rule = ruleIn(group, 22);
    lab.owner.revokeSecurityGroupIngress(r -> r.groupId(group).securityGroupRuleIds(rule));
  }

  @Test
  void anAccessGroupThatSomebodyDetachedIsAttachedAgain() {
    lab.open(WEB, 22, PERSON);
    lab.settle();
    lab.pass(OwnWrites.LATELY);
    lab.owner.modifyNetworkInterfaceAttribute(
        r -> r.networkInterfaceId("eni-0abc1234def567890").groups(WEB_GROUP));

    Report.Drifted drift = lab.settle().of(WEB).drift().orElseThrow();

    assertThat(drift.changes()).singleElement().asString().startsWith("Rule eni-");
    assertThat(lab.reaches(PERSON, WEB, 22)).isTrue();
  }

  @Test
  void aGrantWhoseRuleWasRenamedIsNotClosedBeforeTheRuleIsGone() {
    Grant grant = lab.open(WEB, 22, PERSON);
    lab.settle();
    String group = lab.accessGroups().getFirst();
    lab.owner.modifySecurityGroupRules(
        m ->
            m.groupId(group)
                .securityGroupRules(
                    u ->
                        u.securityGroupRuleId(ruleIn(group, 22))
                            .securityGroupRule(
                                r ->
                                    r.ipProtocol("tcp")
                                        .fromPort(22)
                                        .toPort(22)
                                        .cidrIpv4(PERSON + "/32")
                                        .description("mine now"))));
    lab.end(grant);
    lab.fault("RevokeSecurityGroupIngress", 1, 1, Fault.Kind.ERROR_BEFORE, 500, "InternalError");

    RuleSetReport failed = lab.look(WEB);
    boolean reachable = lab.reaches(PERSON, WEB, 22);
    RuleSetReport done = lab.settle().of(WEB);

    assertThat(reachable).isTrue();
    assertThat(failed.assessment().orElseThrow().isClosed(grant.id())).isFalse();
    assertThat(done.assessment().orElseThrow().isClosed(grant.id())).isTrue();
    assertThat(lab.reaches(PERSON, WEB, 22)).isFalse();
  }

  @Test
  void whatTheSweeperTookAwayWasNotAForeignHand() {
    Grant grant = lab.open(WEB, 22, PERSON);
    lab.settle();
    lab.pass(OwnWrites.LATELY);
    assertThat(lab.sweeper(grant.expiresAt()).sweep()).isEqualTo(1);
    lab.now = grant.expiresAt();

    lab.settle();

    assertThat(lab.drifts).isEmpty();
  }
}
