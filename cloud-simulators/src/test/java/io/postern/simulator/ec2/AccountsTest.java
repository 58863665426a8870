package io.postern.simulator.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.simulator.kernel.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.ec2.Ec2Client;

class AccountsTest {
  private static final String OTHER = "210987654321";
  private static final String ROLE = "arn:aws:iam::" + OTHER + ":role/postern";

  private final Lab lab = Lab.start();

  @AfterEach
  void stop() {
    lab.close();
  }

  @Test
  void anAssumedRoleActsInItsOwnAccount() {
    try (Ec2Client other = assume(ROLE)) {
      assertThat(other.describeInstances().reservations()).isEmpty();
      ContractCase.refused(
          400,
          "InvalidGroup.NotFound",
          () -> other.describeSecurityGroups(r -> r.groupIds(Lab.WEB_GROUP)));
    }
    assertThat(lab.ec2.describeInstances().reservations()).hasSize(4);
  }

  @Test
  void aRoleCanAskForItsExternalId() {
    lab.post("roles", Map.of("arn", ROLE, "externalId", "e-1"));

    Lab.Answer refused = lab.form(assumeRole(ROLE));
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.text()).contains("<Code>AccessDenied</Code>");
    assertThat(lab.form(assumeRole(ROLE) + "&ExternalId=e-1").status()).isEqualTo(200);
  }

  @Test
  void anAssumedRolesKeyEnds() {
    try (Ec2Client other = assume(ROLE)) {
      lab.simulator.server().clock().advance(Duration.ofMinutes(59));
      other.describeVpcs();
      lab.simulator.server().clock().advance(Duration.ofMinutes(1));
      ContractCase.refused(400, "RequestExpired", other::describeVpcs);
      lab.form(assumeRole(ROLE));
      ContractCase.refused(400, "RequestExpired", other::describeVpcs);
    }
  }

  @Test
  void anAssumedRolesKeyOutlivesAReset() {
    try (Ec2Client other = assume(ROLE)) {
      lab.post("reset", Map.of());

      assertThat(other.createVpc(r -> r.cidrBlock("10.0.0.0/16")).vpc().ownerId()).isEqualTo(OTHER);
    }
  }

  @Test
  void theCallerIsTold() {
    Lab.Answer answer = lab.form("Action=GetCallerIdentity&Version=2011-06-15");

    assertThat(answer.text())
        .contains("<GetCallerIdentityResult>")
        .contains("<Account>123456789012</Account>");
  }

  @Test
  void aSharedGroupIsSeenButNotEdited() {
    share(Lab.WEB_GROUP);
    try (Ec2Client other = assume(ROLE)) {
      assertThat(
              other
                  .describeSecurityGroups(r -> r.groupIds(Lab.WEB_GROUP))
                  .securityGroups()
                  .getFirst()
                  .ownerId())
          .isEqualTo("123456789012");
      ContractCase.refused(
          403,
          "UnauthorizedOperation",
          () ->
              other.authorizeSecurityGroupIngress(
                  r ->
                      r.groupId(Lab.WEB_GROUP)
                          .ipPermissions(ContractCase.tcp(1, 1, "10.0.0.0/8"))));
    }
  }

  @Test
  void instancesOfAnotherAccountCanLiveInASharedSubnet() {
    share(Lab.SUBNET);
    share(Lab.WEB_GROUP);
    try (Ec2Client other = assume(ROLE)) {
      String instance =
          other
              .runInstances(
                  r ->
                      r.imageId(Images.ONLY)
                          .minCount(1)
                          .maxCount(1)
                          .subnetId(Lab.SUBNET)
                          .securityGroupIds(Lab.WEB_GROUP))
              .instances()
              .getFirst()
              .instanceId();

      assertThat(lab.reachable("203.0.113.7", instance, 443)).isTrue();
      assertThat(other.describeSubnets().subnets().getFirst().ownerId()).isEqualTo("123456789012");
    }
    assertThat(lab.ec2.describeInstances().reservations()).hasSize(4);
  }

  @Test
  void aForeignHandEditsWithoutLimitsAndIsInTheJournal() {
    lab.post("denied", Map.of("action", "*"));
    lab.simulator.server().journal().clear();

    Lab.Answer answer =
        lab.post(
            "foreign",
            Map.of(
                "account", "123456789012",
                "region", "eu-west-1",
                "action", "AuthorizeSecurityGroupIngress",
                "parameters",
                    Map.of(
                        "GroupId", Lab.DB_GROUP,
                        "IpPermissions.1.IpProtocol", "tcp",
                        "IpPermissions.1.FromPort", 22,
                        "IpPermissions.1.ToPort", "22",
                        "IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0")));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(lab.reachable("203.0.113.7", Lab.DB, 22)).isTrue();
    assertThat(lab.get("journal").json().get("respHeaders").get("x-simulator-caller").asString())
        .endsWith("foreign-hand");
  }

  @Test
  void theJournalNamesActionAndCaller() {
    lab.ec2.describeVpcs();

    assertThat(lab.get("journal").text())
        .contains("\"action\":\"DescribeVpcs\"")
        .contains("arn:aws:iam::123456789012:user/AKIATEST");
  }

  @Test
  void ourCallerCanBeRefusedAnAction() {
    lab.post("denied", Map.of("action", "RevokeSecurityGroupIngress"));

    ContractCase.refused(
        403, "UnauthorizedOperation", () -> lab.revoke(Lab.BATCH_GROUP, 22, 22, "0.0.0.0/0"));
    lab.delete("denied");
    lab.revoke(Lab.BATCH_GROUP, 22, 22, "0.0.0.0/0");
  }

  @Test
  void aDryRunTellsPermissionAndNothingElse() {
    lab.post("denied", Map.of("action", "Create*"));

    ContractCase.refused(
        403,
        "UnauthorizedOperation",
        () -> lab.ec2.createTags(r -> r.resources("sg-none").tags(t -> t.key("a")).dryRun(true)));
    ContractCase.refused(
        412,
        "DryRunOperation",
        () -> lab.ec2.deleteSecurityGroup(r -> r.groupId("sg-none").dryRun(true)));
  }

  @Test
  void theDefaultGroupOfASharedVpcIsTheOwnersAlone() {
    share(Lab.SUBNET);
    try (Ec2Client other = assume(ROLE)) {
      ContractCase.refused(
          400,
          "InvalidGroup.NotFound",
          () -> other.createNetworkInterface(r -> r.subnetId(Lab.SUBNET)));
    }
  }

  @Test
  void aLostAnswerLeavesItsEffect() {
    lab.simulator
        .server()
        .faults()
        .arm(new Fault("Authorize*", 1, 1, Fault.Kind.LOST_ANSWER, 0, null, 0, 0));

    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> lab.allow(Lab.DB_GROUP, 3389, 3389, "10.0.0.0/8"))
        .isInstanceOf(SdkClientException.class);

    ContractCase.refused(
        400,
        "InvalidPermission.Duplicate",
        () -> lab.allow(Lab.DB_GROUP, 3389, 3389, "10.0.0.0/8"));
  }

  @Test
  void unknownActionsAndParametersAreRefused() {
    assertThat(lab.form("Action=LaunchRocket&Version=2016-11-15").text())
        .contains("<Code>InvalidAction</Code>");
    Lab.Answer answer =
        lab.form(
            "Action=DeleteSecurityGroup&Version=2016-11-15&GroupId="
                + Lab.WEB_GROUP
                + "&Force=true");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("<Code>UnknownParameter</Code>").contains("Force");
  }

  private void share(String resource) {
    lab.post("shares", Map.of("region", "eu-west-1", "resource", resource, "account", OTHER));
  }

  private static String assumeRole(String role) {
    return "Action=AssumeRole&Version=2011-06-15&RoleSessionName=test&RoleArn=" + role;
  }

  private Ec2Client assume(String role) {
    Matcher key =
        Pattern.compile("<AccessKeyId>(.*)</AccessKeyId>")
            .matcher(lab.form(assumeRole(role)).text());
    assertThat(key.find()).isTrue();
    return lab.as(List.of(key.group(1)).getFirst());
  }
}
