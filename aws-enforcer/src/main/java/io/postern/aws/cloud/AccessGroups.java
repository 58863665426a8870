package io.postern.aws.cloud;

import io.postern.aws.domain.AccessPlanner;
import io.postern.aws.domain.Observed;
import io.postern.aws.domain.OwnTags;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.ec2.model.NetworkInterface;
import software.amazon.awssdk.services.ec2.model.SecurityGroup;
import software.amazon.awssdk.services.ec2.model.SecurityGroupRule;

/** A machine's access group and standing group, by what EC2 says of them. */
final class AccessGroups {
  private AccessGroups() {}

  /**
   * @param rules all of the group, in and out
   * @param members what it is attached to; may be left out for an access group
   */
  static Observed.AccessGroup read(
      String instance,
      String installation,
      SecurityGroup group,
      List<SecurityGroupRule> rules,
      List<Observed.Member> members) {
    Map<String, String> tags = Ec2Rules.tags(group.tags());
    boolean standing = AccessPlanner.standingName(instance).equals(group.groupName());
    boolean ours =
        (standing ? OwnTags.STANDING : OwnTags.GROUP).equals(tags.get(OwnTags.MANAGED))
            && installation.equals(tags.get(OwnTags.INSTALLATION))
            && instance.equals(tags.get(OwnTags.VM));
    return new Observed.AccessGroup(
        group.groupId(),
        String.valueOf(group.vpcId()),
        ours,
        standing,
        members.stream()
            .filter(m -> m.instance().filter(instance::equals).isEmpty())
            .map(m -> m.instance().orElse(m.interfaceId()))
            .distinct()
            .sorted()
            .toList(),
        Optional.ofNullable(tags.get(OwnTags.UNTIL)),
        rules.stream().filter(r -> !isEgress(r)).map(Ec2Rules::rule).toList(),
        rules.stream()
            .filter(AccessGroups::isEgress)
            .map(SecurityGroupRule::securityGroupRuleId)
            .toList());
  }

  /** Whose group it is by its name, ours or not; empty for any other group. */
  static Optional<String> instance(SecurityGroup group) {
    return AccessPlanner.instanceOf(String.valueOf(group.groupName()));
  }

  static Observed.Member member(NetworkInterface eni) {
    return new Observed.Member(
        eni.networkInterfaceId(), Optional.ofNullable(eni.attachment()).map(a -> a.instanceId()));
  }

  static boolean isEgress(SecurityGroupRule rule) {
    return Boolean.TRUE.equals(rule.isEgress());
  }
}
