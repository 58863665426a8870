package io.postern.simulator.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.DescribeSecurityGroupsResponse;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.IpPermission;
import software.amazon.awssdk.services.ec2.model.SecurityGroup;
import software.amazon.awssdk.services.ec2.model.SecurityGroupRule;

class PagingContractIT extends ContractCase {

  @Test
  void rulesComeInPages() {
    String group = newGroup(newVpc());
    IpPermission[] rules =
        IntStream.rangeClosed(1, 17)
            .mapToObj(i -> tcp(i, i, "10.0.0.0/8"))
            .toArray(IpPermission[]::new);
    ec2.authorizeSecurityGroupIngress(r -> r.groupId(group).ipPermissions(rules));

    assertThat(
            ec2
                .describeSecurityGroupRulesPaginator(
                    r -> r.filters(filter("group-id", group)).maxResults(6))
                .securityGroupRules()
                .stream()
                .map(SecurityGroupRule::securityGroupRuleId))
        .doesNotHaveDuplicates()
        .hasSize(18);
  }

  @Test
  void whatGoesBetweenPagesHidesNothingElse() {
    String vpc = newVpc();
    for (int i = 0; i < 9; i++) {
      newGroup(vpc);
    }
    Filter inVpc = filter("vpc-id", vpc);
    DescribeSecurityGroupsResponse first =
        ec2.describeSecurityGroups(r -> r.filters(inVpc).maxResults(5));
    first.securityGroups().stream()
        .filter(group -> !group.groupName().equals("default"))
        .map(SecurityGroup::groupId)
        .forEach(id -> ec2.deleteSecurityGroup(r -> r.groupId(id)));

    List<SecurityGroup> rest =
        ec2.describeSecurityGroups(r -> r.filters(inVpc).maxResults(5).nextToken(first.nextToken()))
            .securityGroups();

    assertThat(rest).hasSize(5);
  }

  @Test
  void thePageSizeDoesNotGoWithIds() {
    String group = newGroup(newVpc());

    refused(
        400,
        "InvalidParameterCombination",
        () -> ec2.describeSecurityGroups(r -> r.groupIds(group).maxResults(5)));
  }

  private static Filter filter(String name, String value) {
    return Filter.builder().name(name).values(value).build();
  }
}
