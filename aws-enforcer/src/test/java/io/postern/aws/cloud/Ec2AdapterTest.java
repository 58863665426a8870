package io.postern.aws.cloud;

import static io.postern.aws.cloud.Lab.BATCH_1;
import static io.postern.aws.cloud.Lab.BATCH_2;
import static io.postern.aws.cloud.Lab.BATCH_GROUP;
import static io.postern.aws.cloud.Lab.WEB;
import static io.postern.aws.cloud.Lab.WEB_GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.domain.RuleSetReport;
import io.postern.model.ErrorCode;
import io.postern.model.PortSpec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Ec2AdapterTest {
  private static final String PERSON = "203.0.113.7";
  private static final String STRANGER = "198.18.0.1";
  private final Lab lab = new Lab();

  @AfterEach
  void closeLab() {
    lab.close();
  }

  @Test
  void findsEveryMachineWithTheGroupsThatFilterItsTraffic() {
    var web =
        lab.inventory().stream()
            .filter(m -> m.id().equals(Lab.machine(WEB)))
            .findFirst()
            .orElseThrow();

    assertThat(lab.inventory()).hasSize(4);
    assertThat(web.name()).isEqualTo("web-01");
    assertThat(web.tags()).containsEntry("env", "prod");
    assertThat(web.publicAddresses()).containsExactly("54.220.1.10");
    assertThat(web.privateAddresses()).containsExactly("10.2.0.10");
    assertThat(web.running()).isTrue();
    assertThat(web.ruleSets()).containsExactly(Lab.ruleSet(WEB_GROUP), Lab.ruleSet(WEB));
  }

  @Test
  void closesThePortAndLeavesTheRestOfTheRangeOpen() {
    lab.lock(WEB, false, PortSpec.tcp(22));
    RuleSetReport report = lab.settle().of(WEB_GROUP);

    assertThat(lab.reaches(STRANGER, WEB, 22)).isFalse();
    for (int port : new int[] {20, 21, 23, 30, 443}) {
      assertThat(lab.reaches(STRANGER, WEB, port)).as("port %d", port).isTrue();
    }
    assertThat(report.assessment().orElseThrow().locked()).containsKey(Lab.machine(WEB));
    assertThat(report.assessment().orElseThrow().touched()).contains(Lab.machine(WEB));
    assertThat(lab.rules(WEB_GROUP))
        .contains("tcp 20-21 0.0.0.0/0nullnull 'ops range' {postern:managed=remainder}");
  }

  @Test
  void recordsWhatItTakesAwayBeforeItWrites() {
    lab.lock(WEB, false, PortSpec.tcp(22));
    lab.fault(
        "AuthorizeSecurityGroupIngress",
        1,
        1,
        io.postern.simulator.kernel.Fault.Kind.ERROR_BEFORE,
        500,
        "InternalError");

    RuleSetReport report = lab.look(WEB_GROUP);

    assertThat(report.trouble()).isPresent();
    RestorePoint point = lab.recorded.getOrDefault(Lab.ruleSet(WEB_GROUP), RestorePoint.NOTHING);
    assertThat(point.displaced())
        .singleElement()
        .satisfies(d -> assertThat(d.document()).contains("ops range", "\"team\":\"ops\""));
  }

  @Test
  void puttingBackIsExactFieldByField() {
    List<String> before = lab.rules(WEB_GROUP);
    lab.lock(WEB, false, PortSpec.tcp(22));
    lab.settle();
    lab.locks.clear();
    RuleSetReport report = lab.settle().of(WEB_GROUP);

    assertThat(lab.rules(WEB_GROUP)).isEqualTo(before);
    assertThat(lab.recorded).isEmpty();
    assertThat(report.assessment().orElseThrow().touched()).isEmpty();
  }

  @Test
  void asksNothingOfAGroupThatIsAsItShouldBe() {
    lab.lock(WEB, false, PortSpec.tcp(22));
    lab.settle();
    var intent = lab.intent(Lab.ruleSet(WEB_GROUP), lab.inventory());
    lab.calls();

    lab.look(intent);

    assertThat(lab.calls())
        .containsExactlyInAnyOrder("DescribeSecurityGroupRules", "DescribeNetworkInterfaces");
  }

  @Test
  void opensForOneAddressOnlyAndClosesWithoutCuttingTheSession() {
    lab.lock(WEB, false, PortSpec.tcp(22));
    lab.settle();
    Grant grant = lab.open(WEB, 22, PERSON);
    RuleSetReport opened = lab.settle().of(WEB);

    assertThat(opened.assessment().orElseThrow().satisfied()).containsExactly(grant.id());
    assertThat(opened.assessment().orElseThrow().present()).containsExactly(grant.id());
    assertThat(lab.reaches(PERSON, WEB, 22)).isTrue();
    assertThat(lab.reaches(STRANGER, WEB, 22)).isFalse();
    assertThat(lab.reaches(STRANGER, WEB, 443)).isTrue();

    String session = lab.connect(PERSON, WEB, 22);
    lab.grants.clear();
    RuleSetReport closed = lab.settle().of(WEB);

    assertThat(closed.assessment().orElseThrow().present()).isEmpty();
    assertThat(lab.reaches(PERSON, WEB, 22)).isFalse();
    assertThat(lab.isAlive(session)).isTrue();
    assertThat(lab.accessGroups()).isEmpty();
    assertThat(lab.recorded.keySet()).containsExactly(Lab.ruleSet(WEB_GROUP));
  }

  @Test
  void theAccessGroupLetsNothingOut() {
    lab.open(WEB, 22, PERSON);
    lab.settle();

    String group = lab.accessGroups().getFirst();
    assertThat(
            lab.owner
                .describeSecurityGroupRules(r -> r.filters(Ec2Reader.filter("group-id", group)))
                .securityGroupRules())
        .noneMatch(r -> r.isEgress());
    List<String> calls = lab.calls();
    assertThat(calls.indexOf("RevokeSecurityGroupEgress"))
        .isLessThan(calls.indexOf("ModifyNetworkInterfaceAttribute"));
  }

  @Test
  void anotherGrantOnAStandingGroupIsOneWrite() {
    lab.open(WEB, 22, PERSON);
    lab.settle();
    lab.open(WEB, 22, "203.0.113.8");
    var intent = lab.intent(Lab.ruleSet(WEB), lab.inventory());
    lab.calls();

    lab.look(intent);

    List<String> calls = lab.calls();
    assertThat(calls.stream().filter(c -> !c.startsWith("Describe")))
        .containsExactly("AuthorizeSecurityGroupIngress");
    assertThat(calls.indexOf("AuthorizeSecurityGroupIngress")).isLessThanOrEqualTo(2);
  }

  @Test
  void manyGrantsForDifferentSourcesAreOneWriteToOpenAndOneToClose() {
    lab.open(WEB, 22, PERSON);
    lab.settle();
    for (int i = 8; i < 33; i++) {
      lab.open(WEB, 22, "203.0.113." + i);
    }
    lab.calls();

    assertThat(lab.settle().of(WEB).assessment().orElseThrow().satisfied()).hasSize(26);
    assertThat(lab.calls().stream().filter(c -> !c.startsWith("Describe")))
        .containsExactly("AuthorizeSecurityGroupIngress");

    lab.grants.clear();
    lab.settle();
    assertThat(lab.calls().stream().filter(c -> !c.startsWith("Describe")))
        .containsExactly(
            "RevokeSecurityGroupIngress", "ModifyNetworkInterfaceAttribute", "DeleteSecurityGroup");
  }

  @Test
  void twoGrantsOnOneRuleAreTwoLeases() {
    Grant first = lab.open(WEB, 22, PERSON);
    lab.settle();
    Grant second = lab.grant(WEB, PortSpec.tcp(22), PERSON, Duration.ofMinutes(30));
    lab.add(second);
    assertThat(lab.settle().of(WEB).assessment().orElseThrow().present())
        .containsExactlyInAnyOrder(first.id(), second.id());

    lab.end(first);
    assertThat(lab.settle().of(WEB).assessment().orElseThrow().present())
        .containsExactly(second.id());
    assertThat(lab.reaches(PERSON, WEB, 22)).isTrue();

    lab.grants.clear();
    lab.settle();
    assertThat(lab.reaches(PERSON, WEB, 22)).isTrue(); // by the owner's own rule: no lock here
    assertThat(lab.accessGroups()).isEmpty();
  }

  @Test
  void theMarkOnARuleCarriesTheLastEnd() {
    lab.open(WEB, 22, PERSON);
    lab.settle();
    Grant longer = lab.grant(WEB, PortSpec.tcp(22), PERSON, Duration.ofHours(2));
    lab.add(longer);
    lab.settle();

    String description =
        lab.owner
            .describeSecurityGroupRules(
                r -> r.filters(Ec2Reader.filter("group-id", lab.accessGroups().getFirst())))
            .securityGroupRules()
            .getFirst()
            .description();
    var mark =
        lab.marks
            .read(Lab.ruleSet(WEB), "tcp/22-22 from 203.0.113.7/32", description)
            .orElseThrow();
    assertThat(mark.authentic()).isTrue();
    assertThat(mark.until()).isEqualTo(longer.expiresAt());
  }

  @Test
  void refusesToCloseASharedGroupAndNamesWhoElseIsInIt() {
    lab.lock(BATCH_1, false, PortSpec.tcp(22));
    RuleSetReport report = lab.settle().of(BATCH_GROUP);

    assertThat(report.refusedLocks())
        .hasEntrySatisfying(
            Lab.machine(BATCH_1),
            r -> assertThat(r.message()).startsWith("SHARED_GROUP: ").contains(BATCH_2));
    assertThat(report.assessment().orElseThrow().locked()).isEmpty();
    assertThat(lab.reaches(STRANGER, BATCH_1, 22)).isTrue();
    assertThat(lab.recorded).isEmpty();
  }

  @Test
  void closesASharedGroupByConsent() {
    lab.lock(BATCH_1, true, PortSpec.tcp(22));
    lab.settle();

    assertThat(lab.reaches(STRANGER, BATCH_1, 22)).isFalse();
    assertThat(lab.reaches(STRANGER, BATCH_2, 22)).isFalse();
  }

  @Test
  void closesASharedGroupWhenAllItsMachinesAreLocked() {
    lab.lock(BATCH_1, false, PortSpec.tcp(22));
    lab.lock(BATCH_2, false, PortSpec.tcp(22));
    lab.settle();

    assertThat(lab.reaches(STRANGER, BATCH_1, 22)).isFalse();
  }

  @Test
  void aClosedPortStaysClosedWhenSomebodyElseJoinsTheGroup() {
    lab.lock(WEB, false, PortSpec.tcp(22));
    lab.settle();
    lab.owner.modifyNetworkInterfaceAttribute(
        r -> r.networkInterfaceId("eni-0abc1234def567891").groups(Lab.DB_GROUP, WEB_GROUP));

    lab.settle();

    assertThat(lab.reaches(STRANGER, WEB, 22)).isFalse();
  }

  @Test
  void whatTheOwnerAddsIsClosedToo() {
    lab.lock(WEB, false, PortSpec.tcp(22));
    lab.settle();
    lab.owner.authorizeSecurityGroupIngress(
        r ->
            r.groupId(WEB_GROUP)
                .ipPermissions(p -> p.ipProtocol("-1").ipRanges(i -> i.cidrIp("198.18.0.0/15"))));
    lab.settle();

    assertThat(lab.reaches(STRANGER, WEB, 22)).isFalse();
    assertThat(lab.reaches(STRANGER, WEB, 8080)).isTrue();
    assertThat(lab.reaches(STRANGER, WEB, 53, "UDP")).isTrue();

    lab.locks.clear();
    lab.settle();
    assertThat(lab.rules(WEB_GROUP)).hasSize(3).anyMatch(r -> r.startsWith("-1 "));
  }

  @Test
  void whatTheOwnerTookAwayMeanwhileStaysAway() {
    lab.lock(WEB, false, PortSpec.tcp(22));
    lab.settle();
    String upper =
        lab
            .owner
            .describeSecurityGroupRules(r -> r.filters(Ec2Reader.filter("group-id", WEB_GROUP)))
            .securityGroupRules()
            .stream()
            .filter(r -> r.fromPort() == 23)
            .findFirst()
            .orElseThrow()
            .securityGroupRuleId();
    lab.owner.revokeSecurityGroupIngress(r -> r.groupId(WEB_GROUP).securityGroupRuleIds(upper));
    lab.settle();
    assertThat(lab.reaches(STRANGER, WEB, 25)).isFalse();

    lab.locks.clear();
    lab.settle();

    assertThat(lab.rules(WEB_GROUP))
        .anyMatch(r -> r.startsWith("tcp 20-22 0.0.0.0/0") && r.contains("ops range"))
        .hasSize(2);
    assertThat(lab.reaches(STRANGER, WEB, 25)).isFalse();
  }

  @Test
  void aRuleThatTheOwnerCreatedAgainIsNotDoubled() {
    lab.lock(WEB, false, PortSpec.tcp(22));
    lab.settle();
    lab.locks.clear();
    lab.owner.authorizeSecurityGroupIngress(
        r ->
            r.groupId(WEB_GROUP)
                .ipPermissions(
                    p ->
                        p.ipProtocol("tcp")
                            .fromPort(20)
                            .toPort(30)
                            .ipRanges(i -> i.cidrIp("0.0.0.0/0").description("mine again"))));
    lab.settle();

    assertThat(lab.rules(WEB_GROUP)).hasSize(2).anyMatch(r -> r.contains("mine again"));
  }

  @Test
  void aFullInterfaceIsRefusedInASentence() {
    for (int i = 0; i < 4; i++) {
      String name = "extra-" + i;
      String id =
          lab.owner
              .createSecurityGroup(
                  r -> r.groupName(name).description("x").vpcId("vpc-0abc1234def567800"))
              .groupId();
      List<String> now =
          new java.util.ArrayList<>(
              lab
                  .owner
                  .describeNetworkInterfaces(r -> r.networkInterfaceIds("eni-0abc1234def567890"))
                  .networkInterfaces()
                  .getFirst()
                  .groups()
                  .stream()
                  .map(g -> g.groupId())
                  .toList());
      now.add(id);
      lab.owner.modifyNetworkInterfaceAttribute(
          r -> r.networkInterfaceId("eni-0abc1234def567890").groups(now));
    }
    lab.lock(WEB, false, PortSpec.tcp(22));
    assertThat(lab.foresee(WEB))
        .singleElement()
        .asString()
        .startsWith("No grant could be opened now: eni-0abc1234def567890")
        .contains("no room");
    Grant grant = lab.open(WEB, 22, PERSON);
    RuleSetReport report = lab.settle().of(WEB);

    assertThat(report.refusedGrants())
        .hasEntrySatisfying(
            grant.id(),
            r -> {
              assertThat(r.message()).contains("no room");
              assertThat(r.code()).isEqualTo(ErrorCode.UNSUPPORTED_TARGET);
            });
    assertThat(lab.accessGroups()).isEmpty();
  }

  @Test
  void aGroupBySomebodyElseUnderOurNameIsLeftAlone() {
    lab.owner.createSecurityGroup(
        r -> r.groupName("postern-" + WEB).description("x").vpcId("vpc-0abc1234def567800"));
    Grant grant = lab.open(WEB, 22, PERSON);
    RuleSetReport report = lab.settle().of(WEB);

    assertThat(report.refusedGrants())
        .hasEntrySatisfying(grant.id(), r -> assertThat(r.code()).isEqualTo(ErrorCode.CONFLICT));
    lab.grants.clear();
    lab.settle();
    assertThat(lab.accessGroups()).hasSize(1);
  }

  @Test
  void theGrantIsClosedEvenWhileTheGroupCannotBeDeleted() {
    lab.open(WEB, 22, PERSON);
    lab.settle();
    lab.grants.clear();
    lab.post("settings", "{\"detachLinger\": \"PT1H\"}");
    Lab.Looks reports = lab.look();

    assertThat(reports.of(WEB).trouble()).containsInstanceOf(Outcome.Deferred.class);
    assertThat(reports.of(WEB).assessment().orElseThrow().present()).isEmpty();
    lab.post("settings", "{\"detachLinger\": \"PT0S\"}");
    lab.settle();
    assertThat(lab.accessGroups()).isEmpty();
  }

  @Test
  void whatATerminatedMachineLeavesBehindGoes() {
    lab.open(WEB, 22, PERSON);
    lab.settle();
    lab.owner.terminateInstances(r -> r.instanceIds(WEB));
    lab.settle();

    assertThat(lab.accessGroups()).isEmpty();
    assertThat(lab.recorded).isEmpty();
  }

  @Test
  void namesThePermissionThatIsMissing() {
    lab.post("denied", "{\"action\": \"CreateSecurityGroup\"}");
    lab.open(WEB, 22, PERSON);
    RuleSetReport report = lab.look(WEB);

    assertThat(report.trouble())
        .hasValueSatisfying(
            t ->
                assertThat(t)
                    .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        r -> {
                          assertThat(r.code()).isEqualTo(ErrorCode.CLOUD_DENIED);
                          assertThat(r.message()).contains("ec2:CreateSecurityGroup");
                        }));
  }

  @Test
  void aCloseThatIsDeniedIsTriedAgain() {
    lab.open(WEB, 22, PERSON);
    lab.settle();
    lab.grants.clear();
    lab.post("denied", "{\"action\": \"RevokeSecurityGroupIngress\"}");
    RuleSetReport report = lab.look(WEB);

    assertThat(report.trouble()).containsInstanceOf(Outcome.Failed.class);
    assertThat(report.assessment().orElseThrow().present()).hasSize(1);
  }

  @Test
  void anyProtocolMeansTcpAndUdp() {
    Grant grant =
        lab.grant(
            WEB,
            new PortSpec(new io.postern.model.PortRange(5000, 5001), io.postern.model.Protocol.ANY),
            "2001:db8::7",
            Duration.ofMinutes(5));
    lab.grants.put(WEB, new java.util.ArrayList<>(List.of(grant)));
    lab.settle();

    assertThat(lab.reaches("2001:db8::7", WEB, 5001)).isTrue();
    assertThat(lab.reaches("2001:db8::7", WEB, 5000, "UDP")).isTrue();
    assertThat(lab.reaches("2001:db8::8", WEB, 5000)).isFalse();
  }
}
