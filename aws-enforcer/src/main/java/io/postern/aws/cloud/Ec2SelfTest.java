package io.postern.aws.cloud;

import io.postern.aws.domain.AccessPlanner;
import io.postern.aws.domain.OwnTags;
import io.postern.enforcement.cloud.CloudException;
import io.postern.model.Scope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.IpPermission;
import software.amazon.awssdk.services.ec2.model.NetworkInterface;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.SecurityGroup;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/**
 * Asks EC2 by {@code DryRun} whether the role may do what the enforcer does: nothing is written. A
 * dry run tells permission only, and for a resource that is there: what the shipped role allows on
 * our own groups alone is asked of such a group, or not at all while there is none.
 */
final class Ec2SelfTest {
  private static final String UNAUTHORIZED = "UnauthorizedOperation";

  private final Ec2Client ec2;
  private final Scope scope;
  private final String installation;
  private final TreeSet<String> missing = new TreeSet<>();

  Ec2SelfTest(Ec2Client ec2, Scope scope, String installation) {
    this.ec2 = ec2;
    this.scope = scope;
    this.installation = installation;
  }

  /**
   * Permissions that are missing, sorted.
   *
   * @throws CloudException when the account cannot be spoken to at all
   */
  List<String> missing() throws CloudException {
    reads();
    if (missing.isEmpty()) {
      Optional<NetworkInterface> eni =
          Ec2Reader.read(
              "DescribeNetworkInterfaces",
              () ->
                  ec2.describeNetworkInterfaces(r -> r.maxResults(5)).networkInterfaces().stream()
                      .findFirst());
      eni.ifPresent(this::writes);
      ownGroup().ifPresent(this::writesToOwn);
    }
    return List.copyOf(missing);
  }

  private Optional<SecurityGroup> ownGroup() throws CloudException {
    return Ec2Reader.read(
        "DescribeSecurityGroups",
        () ->
            ec2
                .describeSecurityGroups(
                    r ->
                        r.filters(
                            Ec2Reader.filter("tag:" + OwnTags.MANAGED, OwnTags.GROUP),
                            Ec2Reader.filter("tag:" + OwnTags.INSTALLATION, installation)))
                .securityGroups()
                .stream()
                .findFirst());
  }

  private void reads() throws CloudException {
    probe("DescribeInstances", () -> ec2.describeInstances(r -> r.dryRun(true)));
    probe("DescribeNetworkInterfaces", () -> ec2.describeNetworkInterfaces(r -> r.dryRun(true)));
    probe("DescribeSecurityGroups", () -> ec2.describeSecurityGroups(r -> r.dryRun(true)));
    probe("DescribeSecurityGroupRules", () -> ec2.describeSecurityGroupRules(r -> r.dryRun(true)));
    probe("DescribeManagedPrefixLists", () -> ec2.describeManagedPrefixLists(r -> r.dryRun(true)));
  }

  private void writes(NetworkInterface eni) {
    List<String> groups = eni.groups().stream().map(g -> g.groupId()).toList();
    quietly(
        "ModifyNetworkInterfaceAttribute",
        () ->
            ec2.modifyNetworkInterfaceAttribute(
                r -> r.networkInterfaceId(eni.networkInterfaceId()).groups(groups).dryRun(true)));
    Map<String, String> tags = new TreeMap<>();
    tags.put(OwnTags.MANAGED, OwnTags.GROUP);
    tags.put(OwnTags.INSTALLATION, installation);
    List<Tag> sdkTags = Ec2Rules.tags(tags);
    quietly(
        "CreateSecurityGroup",
        () ->
            ec2.createSecurityGroup(
                r ->
                    r.groupName(AccessPlanner.groupName("self-test"))
                        .description("never made: a test of permissions")
                        .vpcId(eni.vpcId())
                        .tagSpecifications(
                            TagSpecification.builder()
                                .resourceType(ResourceType.SECURITY_GROUP)
                                .tags(sdkTags)
                                .build())
                        .dryRun(true)));
    groups.stream().findFirst().ifPresent(this::writesToAny);
  }

  private void writesToAny(String group) {
    IpPermission permission =
        IpPermission.builder()
            .ipProtocol("tcp")
            .fromPort(22)
            .toPort(22)
            .ipRanges(r -> r.cidrIp("192.0.2.1/32"))
            .build();
    quietly(
        "AuthorizeSecurityGroupIngress",
        () ->
            ec2.authorizeSecurityGroupIngress(
                r -> r.groupId(group).ipPermissions(permission).dryRun(true)));
    quietly(
        "RevokeSecurityGroupIngress",
        () ->
            ec2.revokeSecurityGroupIngress(
                r -> r.groupId(group).ipPermissions(permission).dryRun(true)));
  }

  private void writesToOwn(SecurityGroup group) {
    String id = group.groupId();
    Tag tag = Tag.builder().key(OwnTags.MANAGED).value(OwnTags.GROUP).build();
    quietly("CreateTags", () -> ec2.createTags(r -> r.resources(id).tags(tag).dryRun(true)));
    quietly("DeleteTags", () -> ec2.deleteTags(r -> r.resources(id).tags(tag).dryRun(true)));
    quietly("DeleteSecurityGroup", () -> ec2.deleteSecurityGroup(r -> r.groupId(id).dryRun(true)));
    quietly(
        "RevokeSecurityGroupEgress",
        () ->
            ec2.revokeSecurityGroupEgress(
                r ->
                    r.groupId(id)
                        .ipPermissions(
                            IpPermission.builder()
                                .ipProtocol("-1")
                                .ipRanges(i -> i.cidrIp("0.0.0.0/0"))
                                .build())
                        .dryRun(true)));
  }

  private void quietly(String action, Runnable call) {
    try {
      probe(action, call);
    } catch (CloudException e) {
      // Permission to it is not told by this; the real call will tell.
      return;
    }
  }

  private void probe(String action, Runnable call) throws CloudException {
    try {
      call.run();
    } catch (AwsServiceException e) {
      String code = Ec2Errors.codeOf(e);
      if (code.equals(UNAUTHORIZED)) {
        missing.add("ec2:" + action);
      } else if (e.statusCode() >= 500 || code.equals("AccessDenied")) {
        throw new CloudException(
            io.postern.model.ErrorCode.CLOUD_DENIED,
            "%s cannot be tested: %s: %s".formatted(scope, code, e.getMessage()),
            Optional.empty());
      }
    } catch (SdkException e) {
      throw Ec2Errors.exception(action, e);
    }
  }
}
