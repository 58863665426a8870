package io.postern.aws.cloud;

import io.postern.aws.domain.Step;
import io.postern.enforcement.domain.Outcome;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.SecurityGroupRuleUpdate;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/** Writes steps, one call each. */
final class Ec2Writer {
  private final Ec2Client ec2;

  private final OwnWrites writes;

  Ec2Writer(Ec2Client ec2, OwnWrites writes) {
    this.ec2 = ec2;
    this.writes = writes;
  }

  /** Writes one step; empty when EC2 took it. */
  Optional<Outcome> write(Step step) {
    try {
      call(step);
      return Optional.empty();
    } catch (SdkException e) {
      return Optional.of(Ec2Errors.outcome(step, action(step), e));
    }
  }

  static String action(Step step) {
    return switch (step) {
      case Step.Authorize s -> "ec2:AuthorizeSecurityGroupIngress";
      case Step.Revoke s -> "ec2:RevokeSecurityGroupIngress";
      case Step.Describe s -> "ec2:ModifySecurityGroupRules";
      case Step.Tag s -> "ec2:CreateTags";
      case Step.Untag s -> "ec2:DeleteTags";
      case Step.CreateGroup s -> "ec2:CreateSecurityGroup";
      case Step.RevokeEgress s -> "ec2:RevokeSecurityGroupEgress";
      case Step.SetGroups s -> "ec2:ModifyNetworkInterfaceAttribute";
      case Step.DeleteGroup s -> "ec2:DeleteSecurityGroup";
    };
  }

  private void call(Step step) {
    switch (step) {
      case Step.Authorize s -> authorize(s);
      case Step.Revoke s -> {
        ec2.revokeSecurityGroupIngress(r -> r.groupId(s.group()).securityGroupRuleIds(s.ruleIds()));
        writes.removed(s.group(), s.ruleIds());
      }
      case Step.Describe s ->
          ec2.modifySecurityGroupRules(
              r ->
                  r.groupId(s.group())
                      .securityGroupRules(
                          SecurityGroupRuleUpdate.builder()
                              .securityGroupRuleId(s.rule().id())
                              .securityGroupRule(
                                  Ec2Rules.request(s.rule().permission(), s.description()))
                              .build()));
      case Step.Tag s ->
          ec2.createTags(r -> r.resources(s.resource()).tags(Ec2Rules.tags(s.tags())));
      case Step.Untag s ->
          ec2.deleteTags(
              r ->
                  r.resources(s.resource())
                      .tags(
                          s.keys().stream()
                              .sorted()
                              .map(k -> Tag.builder().key(k).build())
                              .toList()));
      case Step.CreateGroup s ->
          ec2.createSecurityGroup(
              r ->
                  r.groupName(s.name())
                      .description(s.description())
                      .vpcId(s.vpc())
                      .tagSpecifications(
                          TagSpecification.builder()
                              .resourceType(ResourceType.SECURITY_GROUP)
                              .tags(Ec2Rules.tags(s.tags()))
                              .build()));
      case Step.RevokeEgress s ->
          ec2.revokeSecurityGroupEgress(
              r -> r.groupId(s.group()).securityGroupRuleIds(s.ruleIds()));
      case Step.SetGroups s ->
          ec2.modifyNetworkInterfaceAttribute(
              r -> r.networkInterfaceId(s.interfaceId()).groups(s.groups()));
      case Step.DeleteGroup s -> ec2.deleteSecurityGroup(r -> r.groupId(s.group()));
    }
  }

  private void authorize(Step.Authorize s) {
    List<TagSpecification> tags =
        s.tags().isEmpty()
            ? List.of()
            : List.of(
                TagSpecification.builder()
                    .resourceType(ResourceType.SECURITY_GROUP_RULE)
                    .tags(Ec2Rules.tags(s.tags()))
                    .build());
    var answer =
        ec2.authorizeSecurityGroupIngress(
            r -> {
              r.groupId(s.group())
                  .ipPermissions(
                      s.rules().stream()
                          .map(n -> Ec2Rules.permission(n.permission(), n.description()))
                          .toList());
              if (!tags.isEmpty()) {
                r.tagSpecifications(tags);
              }
            });
    writes.added(
        s.group(), answer.securityGroupRules().stream().map(r -> r.securityGroupRuleId()).toList());
  }
}
