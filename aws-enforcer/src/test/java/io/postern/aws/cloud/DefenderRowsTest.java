package io.postern.aws.cloud;

import static io.postern.aws.cloud.Lab.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.exposure.Mode;
import io.postern.enforcement.exposure.Posture;
import io.postern.enforcement.exposure.Severity;
import io.postern.enforcement.exposure.Verdict.Reason;
import io.postern.enforcement.exposure.Verdict.Result;
import io.postern.model.MachineFacts;
import io.postern.model.PolicyId;
import io.postern.model.PortSpec;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.ec2.model.IpPermission;
import software.amazon.awssdk.services.ec2.model.PrefixListState;

/** Defender's flow chart for AWS, row by row, each made of real resources with the owner's SDK. */
class DefenderRowsTest {
  private static final Optional<Lock> JIT =
      Optional.of(new Lock(List.of(new PolicyId("lab")), List.of(PortSpec.tcp(22)), false, false));

  private final Lab lab = new Lab();
  private final String vpc = lab.owner.createVpc(r -> r.cidrBlock("10.9.0.0/16")).vpc().vpcId();
  private final String group =
      lab.owner
          .createSecurityGroup(r -> r.groupName("row").description("row").vpcId(vpc))
          .groupId();
  private final String instance = instance();

  private String instance() {
    String subnet =
        lab.owner.createSubnet(r -> r.vpcId(vpc).cidrBlock("10.9.0.0/24")).subnet().subnetId();
    String image = lab.owner.describeImages(r -> {}).images().getFirst().imageId();
    return lab.owner
        .runInstances(
            r ->
                r.imageId(image)
                    .instanceType("t3.micro")
                    .minCount(1)
                    .maxCount(1)
                    .subnetId(subnet)
                    .securityGroupIds(group))
        .instances()
        .getFirst()
        .instanceId();
  }

  @AfterEach
  void closeLab() {
    lab.close();
  }

  private void allow(Consumer<IpPermission.Builder> permission) {
    lab.owner.authorizeSecurityGroupIngress(
        r -> r.groupId(group).ipPermissions(p -> permission.accept(p.ipProtocol("tcp"))));
  }

  private void allow(int from, int to, String cidr) {
    allow(p -> p.fromPort(from).toPort(to).ipRanges(i -> i.cidrIp(cidr)));
  }

  private Posture posture(String id, Optional<Lock> lock) {
    MachineFacts facts =
        lab.inventory().stream()
            .filter(m -> m.id().localName().equals(id))
            .findFirst()
            .orElseThrow();
    return lab.adapter.posture(new MachineIntent(facts, lock, List.of()));
  }

  private void assertRow(Optional<Lock> lock, Result result, Reason reason) {
    Posture posture = posture(instance, lock);
    assertThat(posture.verdict().result()).as(posture.toString()).isEqualTo(result);
    assertThat(posture.verdict().code()).as(posture.toString()).isEqualTo(reason);
  }

  @Test
  void row1JitOnIsHealthyWhateverElse() {
    allow(22, 22, "0.0.0.0/0");
    assertRow(JIT, Result.HEALTHY, Reason.JIT_ENABLED);
  }

  @ParameterizedTest
  @CsvSource({"22, 22", "3389, 3389", "5985, 5985", "5986, 5986", "1, 65535"})
  void row2AGroupThatAllowsOneFromAnyAddressIsUnhealthy(int from, int to) {
    allow(from, to, "0.0.0.0/0");
    assertRow(Optional.empty(), Result.UNHEALTHY, Reason.OPEN_TO_ANY_ADDRESS);
    assertThat(posture(instance, Optional.empty()).verdict().reason())
        .startsWith(group + "/sgr-")
        .contains("/TCP from any address");
  }

  @Test
  void row3AGroupThatAllowsNoneFromAnyAddressIsHealthy() {
    allow(22, 22, "203.0.113.0/24");
    allow(443, 443, "0.0.0.0/0");
    assertRow(Optional.empty(), Result.HEALTHY, Reason.NOT_OPEN_TO_ANY_ADDRESS);
    assertThat(posture(instance, Optional.empty()).severity()).isEqualTo(Severity.MEDIUM);
  }

  @Test
  void anyAddressMayBeIpv6OrSaidInHalvesOrByAPrefixList() {
    allow(p -> p.fromPort(22).toPort(22).ipv6Ranges(i -> i.cidrIpv6("::/0")));
    assertRow(Optional.empty(), Result.UNHEALTHY, Reason.OPEN_TO_ANY_ADDRESS);
    revokeAll();
    allow(22, 22, "0.0.0.0/1");
    assertRow(Optional.empty(), Result.HEALTHY, Reason.NOT_OPEN_TO_ANY_ADDRESS);
    String list =
        lab.owner
            .createManagedPrefixList(
                r ->
                    r.prefixListName("upper")
                        .addressFamily("IPv4")
                        .maxEntries(2)
                        .entries(e -> e.cidr("128.0.0.0/1")))
            .prefixList()
            .prefixListId();
    assertThat(
            lab.owner
                .describeManagedPrefixLists(r -> r.prefixListIds(list))
                .prefixLists()
                .getFirst()
                .state())
        .isEqualTo(PrefixListState.CREATE_COMPLETE);
    allow(p -> p.fromPort(22).toPort(22).prefixListIds(i -> i.prefixListId(list)));
    assertRow(Optional.empty(), Result.UNHEALTHY, Reason.OPEN_TO_ANY_ADDRESS);
  }

  private void revokeAll() {
    List<String> ids =
        lab
            .owner
            .describeSecurityGroupRules(r -> r.filters(Ec2Reader.filter("group-id", group)))
            .securityGroupRules()
            .stream()
            .filter(r -> !r.isEgress())
            .map(r -> r.securityGroupRuleId())
            .toList();
    lab.owner.revokeSecurityGroupIngress(r -> r.groupId(group).securityGroupRuleIds(ids));
  }

  @Test
  void strictTellsAGrantFromABypass() {
    lab.adapter = strict();
    lab.lock(WEB, false, PortSpec.tcp(22));
    Grant grant = lab.open(WEB, 22, "203.0.113.7");
    lab.settle();
    Posture open = posture(WEB, JIT);
    assertThat(open.verdict().code()).as(open.toString()).isEqualTo(Reason.LOCKED);
    assertThat(open.exposure().getFirst().reachableFrom())
        .singleElement()
        .satisfies(
            e -> {
              assertThat(e.grants()).containsExactly(grant.id());
              assertThat(e.sources()).hasToString("[203.0.113.7/32]");
            });

    String access = lab.accessGroups().getFirst();
    lab.owner.authorizeSecurityGroupIngress(
        r ->
            r.groupId(access)
                .ipPermissions(
                    p ->
                        p.ipProtocol("tcp")
                            .fromPort(0)
                            .toPort(100)
                            .ipRanges(i -> i.cidrIp("198.51.100.0/22"))));
    Posture bypassed = posture(WEB, JIT);
    assertThat(bypassed.verdict().code()).isEqualTo(Reason.LOCKED_BUT_BYPASSED);
    assertThat(bypassed.severity()).isEqualTo(Severity.HIGH);
    assertThat(bypassed.bypasses())
        .singleElement()
        .satisfies(
            b -> {
              assertThat(b.ruleSet()).isEqualTo(Lab.ruleSet(access));
              assertThat(b.bypass().rule()).startsWith("sgr-");
            });
  }

  private Ec2Adapter strict() {
    return lab.newAdapter(Mode.STRICT);
  }

  @Test
  void aLookAtOneGroupIsKnownWithoutAnotherScan() throws Exception {
    lab.adapter = strict();
    MachineFacts web =
        lab.inventory().stream()
            .filter(m -> m.id().localName().equals(WEB))
            .findFirst()
            .orElseThrow();
    MachineIntent locked = new MachineIntent(web, JIT, List.of());
    assertThat(lab.adapter.posture(locked).verdict().code()).isEqualTo(Reason.LOCKED_BUT_BYPASSED);
    lab.lock(WEB, false, PortSpec.tcp(22));
    lab.look(lab.intent(Lab.ruleSet(Lab.WEB_GROUP), List.of(web)));
    assertThat(lab.adapter.posture(locked).verdict().code()).isEqualTo(Reason.LOCKED_BUT_BYPASSED);
    lab.adapter.observe(lab.intent(Lab.ruleSet(Lab.WEB_GROUP), List.of(web)));
    assertThat(lab.adapter.posture(locked).verdict().code()).isEqualTo(Reason.LOCKED);
  }

  @Test
  void aScanOfManyGroupsTakesAFewPages() {
    lab.calls();
    assertThat(lab.inventory()).isNotEmpty();
    assertThat(lab.calls())
        .containsExactly(
            "DescribeInstances",
            "DescribeSecurityGroups",
            "DescribeSecurityGroupRules",
            "DescribeNetworkInterfaces");
  }
}
