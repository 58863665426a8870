package io.postern.simulator.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.IpPermission;
import software.amazon.awssdk.services.ec2.model.Ipv6Range;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.SecurityGroup;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagDescription;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

class GroupsContractIT extends ContractCase {

  @Test
  void aNewGroupLetsNothingInAndEverythingOut() {
    String id = newGroup(newVpc());

    SecurityGroup group = describe(id);
    assertThat(group.ipPermissions()).isEmpty();
    assertThat(group.ipPermissionsEgress()).hasSize(1);
    IpPermission egress = group.ipPermissionsEgress().getFirst();
    assertThat(egress.ipProtocol()).isEqualTo("-1");
    assertThat(egress.fromPort()).isNull();
    assertThat(egress.ipRanges().getFirst().cidrIp()).isEqualTo("0.0.0.0/0");
  }

  @Test
  void aVpcWithIpv6GivesItsGroupsASecondWayOut() {
    String vpc =
        ec2.createVpc(r -> r.cidrBlock("10.8.0.0/16").amazonProvidedIpv6CidrBlock(true))
            .vpc()
            .vpcId();

    SecurityGroup group = describe(newGroup(vpc));

    assertThat(group.ipPermissionsEgress())
        .flatExtracting(IpPermission::ipv6Ranges)
        .extracting(Ipv6Range::cidrIpv6)
        .containsExactly("::/0");
  }

  @Test
  void tagsAreListedByResource() {
    String id = newGroup(newVpc());
    ec2.createTags(r -> r.resources(id).tags(tag("a", "1"), tag("b", "2")));

    assertThat(ec2.describeTags(r -> r.filters(filter("resource-id", id))).tags())
        .extracting(TagDescription::key)
        .containsExactly("a", "b");
  }

  @Test
  void aGroupIsBornWithItsTags() {
    String vpc = newVpc();
    TagSpecification tags =
        TagSpecification.builder()
            .resourceType(ResourceType.SECURITY_GROUP)
            .tags(tag("postern:managed", "group"), tag("empty", ""))
            .build();

    String id =
        ec2.createSecurityGroup(
                r -> r.groupName("tagged").description("d").vpcId(vpc).tagSpecifications(tags))
            .groupId();

    assertThat(describe(id).tags())
        .containsExactlyInAnyOrder(tag("postern:managed", "group"), tag("empty", ""));
  }

  @Test
  void namesAreUniqueInAVpcWithoutRegardToCase() {
    String vpc = newVpc();
    ec2.createSecurityGroup(r -> r.groupName("Web").description("d").vpcId(vpc));

    refused(
        400,
        "InvalidGroup.Duplicate",
        () -> ec2.createSecurityGroup(r -> r.groupName("wEB").description("d").vpcId(vpc)));
    String other = newVpc();
    assertThat(
            ec2.createSecurityGroup(r -> r.groupName("web").description("d").vpcId(other))
                .groupId())
        .startsWith("sg-");
  }

  @Test
  void theDefaultGroupCannotBeDeleted() {
    String vpc = newVpc();
    String id = find(filter("vpc-id", vpc), filter("group-name", "default")).getFirst().groupId();

    refused(400, "CannotDelete", () -> ec2.deleteSecurityGroup(r -> r.groupId(id)));
  }

  @Test
  void aGroupThatAnotherRefersToCannotBeDeleted() {
    String vpc = newVpc();
    String target = newGroup(vpc);
    String referring = newGroup(vpc);
    ec2.authorizeSecurityGroupIngress(
        r ->
            r.groupId(referring)
                .ipPermissions(
                    p ->
                        p.ipProtocol("tcp")
                            .fromPort(1)
                            .toPort(1)
                            .userIdGroupPairs(u -> u.groupId(target))));

    refused(400, "DependencyViolation", () -> ec2.deleteSecurityGroup(r -> r.groupId(target)));
    ec2.deleteSecurityGroup(r -> r.groupId(referring));
    ec2.deleteSecurityGroup(r -> r.groupId(target));
    refused(400, "InvalidGroup.NotFound", () -> ec2.deleteSecurityGroup(r -> r.groupId(target)));
  }

  @Test
  void filtersAreAndedTheirValuesAreOred() {
    String vpc = newVpc();
    String a = named(vpc, "alpha-1");
    String b = named(vpc, "alpha-2");
    String c = named(vpc, "beta-1");
    ec2.createTags(r -> r.resources(a, c).tags(tag("env", "prod")));
    ec2.createTags(r -> r.resources(b).tags(tag("env", "test")));

    assertThat(ids(filter("vpc-id", vpc), filter("group-name", "alpha-*")))
        .containsExactlyInAnyOrder(a, b);
    assertThat(ids(filter("vpc-id", vpc), filter("tag:env", "prod", "stage")))
        .containsExactlyInAnyOrder(a, c);
    assertThat(ids(filter("vpc-id", vpc), filter("tag:env", "prod"), filter("group-name", "beta*")))
        .containsExactly(c);
    assertThat(ids(filter("vpc-id", vpc), filter("tag-key", "env")))
        .containsExactlyInAnyOrder(a, b, c);
    assertThat(ids(filter("group-id", a, c))).containsExactlyInAnyOrder(a, c);
  }

  @Test
  void unknownFiltersAndIdsAreRefused() {
    refused(400, "InvalidParameterValue", () -> find(filter("colour", "red")));
    refused(
        400,
        "InvalidGroup.NotFound",
        () -> ec2.describeSecurityGroups(r -> r.groupIds("sg-00000000000000000")));
  }

  @Test
  void pagesHoldEachGroupOnce() {
    String vpc = newVpc();
    for (int i = 0; i < 12; i++) {
      newGroup(vpc);
    }

    List<Integer> sizes =
        ec2
            .describeSecurityGroupsPaginator(r -> r.filters(filter("vpc-id", vpc)).maxResults(5))
            .stream()
            .map(page -> page.securityGroups().size())
            .toList();
    Set<String> seen =
        ec2
            .describeSecurityGroupsPaginator(r -> r.filters(filter("vpc-id", vpc)).maxResults(5))
            .securityGroups()
            .stream()
            .map(SecurityGroup::groupId)
            .collect(Collectors.toSet());

    assertThat(sizes).containsExactly(5, 5, 3);
    assertThat(seen).hasSize(13);
  }

  @Test
  void aPageSizeOutOfRangeAndAFalseTokenAreRefused() {
    refused(400, "InvalidParameterValue", () -> ec2.describeSecurityGroups(r -> r.maxResults(4)));
    refused(
        400, "InvalidNextToken", () -> ec2.describeSecurityGroups(r -> r.nextToken("nonsense!")));
  }

  @Test
  void aDryRunSaysWhetherItWouldAndDoesNot() {
    String vpc = newVpc();

    refused(
        412,
        "DryRunOperation",
        () ->
            ec2.createSecurityGroup(
                r -> r.groupName("dry").description("d").vpcId(vpc).dryRun(true)));
    assertThat(find(filter("vpc-id", vpc), filter("group-name", "dry"))).isEmpty();
  }

  @Test
  void tagsGoByKeyAndByValue() {
    String id = newGroup(newVpc());
    ec2.createTags(r -> r.resources(id).tags(tag("a", "1"), tag("b", "2")));
    ec2.createTags(r -> r.resources(id).tags(tag("a", "3")));

    ec2.deleteTags(r -> r.resources(id).tags(tag("a", "not this"), Tag.builder().key("b").build()));

    assertThat(describe(id).tags()).containsExactly(tag("a", "3"));
  }

  private static String named(String vpc, String name) {
    return ec2.createSecurityGroup(r -> r.groupName(name).description("d").vpcId(vpc)).groupId();
  }

  private static SecurityGroup describe(String id) {
    return ec2.describeSecurityGroups(r -> r.groupIds(id)).securityGroups().getFirst();
  }

  private static List<SecurityGroup> find(Filter... filters) {
    return ec2.describeSecurityGroups(r -> r.filters(filters)).securityGroups();
  }

  private static List<String> ids(Filter... filters) {
    return find(filters).stream().map(SecurityGroup::groupId).toList();
  }

  private static Filter filter(String name, String... values) {
    return Filter.builder().name(name).values(values).build();
  }

  private static Tag tag(String key, String value) {
    return Tag.builder().key(key).value(value).build();
  }
}
