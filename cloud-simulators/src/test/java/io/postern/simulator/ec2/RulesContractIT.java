package io.postern.simulator.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.AuthorizeSecurityGroupIngressResponse;
import software.amazon.awssdk.services.ec2.model.IpPermission;
import software.amazon.awssdk.services.ec2.model.IpRange;
import software.amazon.awssdk.services.ec2.model.Ipv6Range;
import software.amazon.awssdk.services.ec2.model.RevokeSecurityGroupIngressResponse;
import software.amazon.awssdk.services.ec2.model.SecurityGroupRule;

class RulesContractIT extends ContractCase {
  private String vpc = "";
  private String group = "";

  @BeforeEach
  void newGroupToWorkOn() {
    vpc = newVpc();
    group = newGroup(vpc);
  }

  @Test
  void theAnswerListsEveryRuleThatWasAdded() {
    IpPermission two =
        tcp(22, 22, "203.0.113.7/32").toBuilder()
            .ipRanges(
                IpRange.builder().cidrIp("203.0.113.7/32").description("one").build(),
                IpRange.builder().cidrIp("203.0.113.8/32").build())
            .ipv6Ranges(r -> r.cidrIpv6("2001:DB8:0:0::7/128"))
            .build();

    AuthorizeSecurityGroupIngressResponse answer =
        ec2.authorizeSecurityGroupIngress(
            r ->
                r.groupId(group)
                    .ipPermissions(two)
                    .tagSpecifications(
                        t ->
                            t.resourceType("security-group-rule")
                                .tags(tag -> tag.key("postern:grant").value("g1"))));

    assertThat(answer.returnValue()).isTrue();
    assertThat(answer.securityGroupRules())
        .hasSize(3)
        .allMatch(r -> r.securityGroupRuleId().startsWith("sgr-"));
    assertThat(answer.securityGroupRules().get(2).cidrIpv6()).isEqualTo("2001:db8::7/128");
    assertThat(ingress())
        .hasSize(3)
        .allSatisfy(r -> assertThat(r.tags().getFirst().value()).isEqualTo("g1"))
        .anySatisfy(r -> assertThat(r.description()).isEqualTo("one"));
  }

  @Test
  void aBlockWithHostBitsIsTheSameRuleAsItsCanonicalForm() {
    authorize(tcp(22, 22, "100.68.0.18/18"));

    assertThat(ingress().getFirst().cidrIpv4()).isEqualTo("100.68.0.0/18");
    refused(400, "InvalidPermission.Duplicate", () -> authorize(tcp(22, 22, "100.68.0.0/18")));
    refused(
        400,
        "InvalidPermission.Duplicate",
        () -> authorize(tcp(22, 22, "100.68.0.1/18").toBuilder().ipProtocol("6").build()));
  }

  @Test
  void oneDuplicateFailsTheWholeCall() {
    authorize(tcp(22, 22, "203.0.113.7/32"));

    refused(
        400,
        "InvalidPermission.Duplicate",
        () -> authorize(tcp(80, 80, "203.0.113.7/32"), tcp(22, 22, "203.0.113.7/32")));

    assertThat(ingress()).hasSize(1);
  }

  @Test
  void thePermissionTwiceInOneCallIsNotADuplicateButAnInvalidValue() {
    refused(
        400,
        "InvalidParameterValue",
        () -> authorize(tcp(22, 22, "10.0.0.1/8"), tcp(22, 22, "10.0.0.2/8")));
  }

  @Test
  void malformedPermissionsAreRefused() {
    refused(400, "InvalidParameterValue", () -> authorize(tcp(22, 22, "300.0.0.1/32")));
    refused(400, "InvalidParameterValue", () -> authorize(tcp(22, 22, "10.0.0.1")));
    refused(400, "InvalidParameterValue", () -> authorize(tcp(23, 22, "10.0.0.1/32")));
    refused(400, "InvalidParameterValue", () -> authorize(tcp(1, 65_536, "10.0.0.1/32")));
    refused(
        400,
        "InvalidParameterValue",
        () -> authorize(tcp(1, 1, "10.0.0.0/8").toBuilder().ipProtocol("quic").build()));
    IpPermission strange =
        tcp(22, 22, "10.0.0.1/32").toBuilder()
            .ipRanges(r -> r.cidrIp("10.0.0.1/32").description("für Jörg"))
            .build();
    refused(400, "InvalidParameterValue", () -> authorize(strange));
    assertThat(ingress()).isEmpty();
  }

  @Test
  void revokesByIdInOneCall() {
    List<SecurityGroupRule> rules =
        authorize(tcp(22, 22, "10.0.0.0/8"), tcp(80, 80, "10.0.0.0/8")).securityGroupRules();

    RevokeSecurityGroupIngressResponse answer =
        ec2.revokeSecurityGroupIngress(
            r ->
                r.groupId(group)
                    .securityGroupRuleIds(
                        rules.stream().map(SecurityGroupRule::securityGroupRuleId).toList()));

    assertThat(answer.revokedSecurityGroupRules()).hasSize(2);
    assertThat(ingress()).isEmpty();
    refused(
        400,
        "InvalidSecurityGroupRuleId.NotFound",
        () ->
            ec2.revokeSecurityGroupIngress(
                r ->
                    r.groupId(group).securityGroupRuleIds(rules.getFirst().securityGroupRuleId())));
  }

  @Test
  void revokingAnUnknownPermissionRevokesNothing() {
    authorize(tcp(22, 22, "10.0.0.0/8"));

    refused(
        400,
        "InvalidPermission.NotFound",
        () ->
            ec2.revokeSecurityGroupIngress(
                r ->
                    r.groupId(group)
                        .ipPermissions(tcp(22, 22, "10.0.0.0/8"), tcp(1, 1, "10.0.0.0/8"))));

    assertThat(ingress()).hasSize(1);
  }

  @Test
  void inTheDefaultVpcAnUnknownPermissionIsOnlyListed() {
    String defaultVpc =
        ec2.describeVpcs(r -> r.filters(f -> f.name("is-default").values("true"))).vpcs().stream()
            .findFirst()
            .orElseGet(() -> ec2.createDefaultVpc(r -> {}).vpc())
            .vpcId();
    group = newGroup(defaultVpc);

    RevokeSecurityGroupIngressResponse answer =
        ec2.revokeSecurityGroupIngress(
            r -> r.groupId(group).ipPermissions(tcp(22, 22, "10.0.0.0/8")));

    assertThat(answer.unknownIpPermissions()).hasSize(1);
    assertThat(answer.revokedSecurityGroupRules()).isEmpty();
    ec2.deleteSecurityGroup(r -> r.groupId(group));
  }

  @Test
  void sixtyRulesOfAFamilyAreTheMost() {
    authorize(
        IntStream.rangeClosed(1, 60)
            .mapToObj(i -> tcp(i, i, "10.0.0.0/8"))
            .toArray(IpPermission[]::new));

    refused(400, "RulesPerSecurityGroupLimitExceeded", () -> authorize(tcp(99, 99, "10.0.0.0/8")));
    authorize(
        IpPermission.builder()
            .ipProtocol("tcp")
            .fromPort(1)
            .toPort(1)
            .ipv6Ranges(r -> r.cidrIpv6("::/0"))
            .build());
  }

  @Test
  void aGroupReferenceCountsInBothFamilies() {
    authorize(
        IpPermission.builder().ipProtocol("-1").userIdGroupPairs(u -> u.groupId(group)).build());
    for (boolean v6 : new boolean[] {false, true}) {
      authorize(sources(59, v6));
      refused(
          400,
          "RulesPerSecurityGroupLimitExceeded",
          () -> authorize(sources(1, v6).toBuilder().fromPort(2).toPort(2).build()));
    }
  }

  private static IpPermission sources(int count, boolean v6) {
    IpPermission.Builder permission =
        IpPermission.builder().ipProtocol("tcp").fromPort(1).toPort(1);
    IntStream numbers = IntStream.rangeClosed(1, count);
    return v6
        ? permission
            .ipv6Ranges(
                numbers
                    .mapToObj(i -> Ipv6Range.builder().cidrIpv6("2001:db8::" + i + "/128").build())
                    .toList())
            .build()
        : permission
            .ipRanges(
                numbers
                    .mapToObj(i -> IpRange.builder().cidrIp("10.0.0." + i + "/32").build())
                    .toList())
            .build();
  }

  @Test
  void aPrefixListWeighsItsGreatestSize() {
    String list =
        ec2.createManagedPrefixList(
                r ->
                    r.prefixListName("offices")
                        .addressFamily("IPv4")
                        .maxEntries(59)
                        .entries(e -> e.cidr("198.51.100.0/24")))
            .prefixList()
            .prefixListId();
    IpPermission fromList =
        IpPermission.builder()
            .ipProtocol("tcp")
            .fromPort(22)
            .toPort(22)
            .prefixListIds(p -> p.prefixListId(list))
            .build();

    authorize(fromList, tcp(1, 1, "10.0.0.0/8"));

    refused(400, "RulesPerSecurityGroupLimitExceeded", () -> authorize(tcp(2, 2, "10.0.0.0/8")));
    assertThat(ingress()).anyMatch(r -> list.equals(r.prefixListId()));
    assertThat(ec2.getManagedPrefixListEntries(r -> r.prefixListId(list)).entries())
        .singleElement()
        .satisfies(e -> assertThat(e.cidr()).isEqualTo("198.51.100.0/24"));
  }

  @Test
  void modifyingARuleKeepsItsIdAndReplacesTheRest() {
    String rule =
        authorize(tcp(20, 30, "10.0.0.0/8")).securityGroupRules().getFirst().securityGroupRuleId();

    ec2.modifySecurityGroupRules(
        r ->
            r.groupId(group)
                .securityGroupRules(
                    u ->
                        u.securityGroupRuleId(rule)
                            .securityGroupRule(
                                s ->
                                    s.ipProtocol("tcp")
                                        .fromPort(23)
                                        .toPort(30)
                                        .cidrIpv4("10.0.0.0/8"))));

    assertThat(ingress())
        .singleElement()
        .satisfies(
            r -> {
              assertThat(r.securityGroupRuleId()).isEqualTo(rule);
              assertThat(r.fromPort()).isEqualTo(23);
            });
  }

  @Test
  void egressCanBeTakenAway() {
    List<SecurityGroupRule> egress = rules().stream().filter(SecurityGroupRule::isEgress).toList();
    assertThat(egress).hasSize(1);

    ec2.revokeSecurityGroupEgress(
        r -> r.groupId(group).securityGroupRuleIds(egress.getFirst().securityGroupRuleId()));

    assertThat(rules()).isEmpty();
    ec2.authorizeSecurityGroupEgress(
        r -> r.groupId(group).ipPermissions(tcp(443, 443, "0.0.0.0/0")));
    assertThat(rules()).singleElement().matches(SecurityGroupRule::isEgress);
  }

  @Test
  void rulesOfTheSamePortsAreShownAsOnePermission() {
    authorize(tcp(22, 22, "10.0.0.0/8"));
    authorize(tcp(22, 22, "192.168.0.0/16"));

    List<IpPermission> permissions =
        ec2.describeSecurityGroups(r -> r.groupIds(group))
            .securityGroups()
            .getFirst()
            .ipPermissions();

    assertThat(permissions).singleElement().satisfies(p -> assertThat(p.ipRanges()).hasSize(2));
  }

  @Test
  void aGroupOfAnotherVpcCannotBeASource() {
    String elsewhere = newGroup(newVpc());

    refused(
        400,
        "InvalidGroup.NotFound",
        () ->
            authorize(
                IpPermission.builder()
                    .ipProtocol("-1")
                    .userIdGroupPairs(u -> u.groupId(elsewhere))
                    .build()));
  }

  private AuthorizeSecurityGroupIngressResponse authorize(IpPermission... permissions) {
    return ec2.authorizeSecurityGroupIngress(r -> r.groupId(group).ipPermissions(permissions));
  }

  private List<SecurityGroupRule> rules() {
    return ec2.describeSecurityGroupRules(r -> r.filters(f -> f.name("group-id").values(group)))
        .securityGroupRules();
  }

  private List<SecurityGroupRule> ingress() {
    return rules().stream().filter(r -> !r.isEgress()).toList();
  }
}
