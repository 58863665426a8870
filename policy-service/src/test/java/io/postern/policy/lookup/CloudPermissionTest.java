package io.postern.policy.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Requestor;
import io.postern.policy.domain.Finding;
import io.postern.simulator.arm.ArmScene;
import io.postern.simulator.arm.ArmSimulator;
import io.postern.simulator.ec2.Ec2Scene;
import io.postern.simulator.ec2.Ec2Simulator;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Both clouds' word on who may, as their simulators say it. */
class CloudPermissionTest {
  private static final String SUBSCRIPTION = "/subscriptions/" + ArmScene.SUBSCRIPTION;
  private static final String AUTHORIZATION = "/providers/Microsoft.Authorization/";
  private static final MachineId VM =
      new MachineId(
          SUBSCRIPTION + "/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web-01");
  private static final MachineFacts INSTANCE =
      new MachineFacts(
          new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890"),
          "web-01",
          Map.of("env", "prod"),
          List.of(),
          List.of(),
          true,
          List.of());
  private static final String ALICE = "arn:aws:iam::123456789012:user/alice";
  private static final String ROLE = "11111111-0000-0000-0000-000000000001";
  private static final BoundedLookup.Limits LIMITS =
      new BoundedLookup.Limits(
          16, 2, Duration.ofMillis(1), Duration.ofSeconds(20), 100, Duration.ofMinutes(1));

  private final HttpClient http = HttpClient.newHttpClient();
  private final ArmSimulator arm = ArmSimulator.start(ArmSimulator.Options.defaults());
  private final Ec2Simulator ec2 = Ec2Simulator.start(Ec2Simulator.Options.defaults());
  private final AzurePermissions azure =
      new AzurePermissions(
          new AzurePermissions.Settings(
              URI.create(arm.url()),
              List.of(
                  "Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action",
                  "Microsoft.Compute/virtualMachines/read"),
              Duration.ofSeconds(10)),
          Map::of,
          LIMITS);
  private final AwsPermissions aws = aws(ec2.url());

  private static AwsPermissions aws(String url) {
    return new AwsPermissions(
        new AwsPermissions.Settings(
            Optional.of(URI.create(url)),
            List.of("ec2-instance-connect:SendSSHPublicKey"),
            Duration.ofSeconds(10)),
        StaticCredentialsProvider.create(AwsBasicCredentials.create("simulator", "simulator")),
        LIMITS);
  }

  @BeforeEach
  void scene() throws Exception {
    ArmScene.small(arm);
    Ec2Scene.small(ec2);
    send(
        "POST",
        arm.url() + "/_simulator/directory",
        "{\"groups\":{\"inner\":[\"alice\",\"bob\"],\"outer\":[\"inner\"]}}");
    put(
        "roleDefinitions/" + ROLE,
        """
        {"properties":{"roleName":"JIT","type":"CustomRole","permissions":[{"actions":
        ["microsoft.security/locations/jitNetworkAccessPolicies/*", "*/read"],
        "notActions":["Microsoft.Security/locations/jitNetworkAccessPolicies/delete"]}]}}""");
  }

  @AfterEach
  void stop() {
    azure.close();
    aws.close();
    arm.close();
    ec2.close();
  }

  private int send(String method, String url, String body) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(url))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
    return answer.statusCode();
  }

  private void put(String what, String body) throws Exception {
    send("PUT", arm.url() + SUBSCRIPTION + AUTHORIZATION + what + "?api-version=2022-04-01", body);
  }

  private void assign(String principal, String more) throws Exception {
    put(
        "roleAssignments/a1",
        """
        {"properties":{"roleDefinitionId":"%s%sroleDefinitions/%s","principalId":"%s"%s}}"""
            .formatted(SUBSCRIPTION, AUTHORIZATION, ROLE, principal, more));
  }

  private static void assertThatIt(Finding finding, Finding.Result result) {
    assertThat(finding.result()).as(finding.detail()).isEqualTo(result);
  }

  @Test
  void azuresRolesReachMembersOfNestedGroups() throws Exception {
    assign("outer", "");
    assertThatIt(azure.find("alice", VM), Finding.Result.HOLDS);
    assertThatIt(azure.find("mallory", VM), Finding.Result.FAILS);
  }

  @Test
  void azuresConditionGrantsNothing() throws Exception {
    assign("alice", ",\"condition\":\"true\",\"conditionVersion\":\"2.0\"");
    assertThatIt(azure.find("alice", VM), Finding.Result.FAILS);
  }

  @Test
  void azuresDenialWinsUnlessThePrincipalIsExcluded() throws Exception {
    assign("outer", "");
    put(
        "denyAssignments/d1",
        """
        {"properties":{"permissions":[{"actions":["Microsoft.Security/*"]}],
        "principals":[{"id":"00000000-0000-0000-0000-000000000000"}],
        "excludePrincipals":[{"id":"bob"}]}}""");
    assertThatIt(azure.find("alice", VM), Finding.Result.FAILS);
    assertThatIt(azure.find("bob", VM), Finding.Result.HOLDS);
  }

  @Test
  void whatIsNoObjectIdIsNotAsked() {
    assertThatIt(azure.find("x') or atScope('", VM), Finding.Result.FAILS);
  }

  @Test
  void anAzureThatAnswersWithErrorsIsUnavailable() {
    try (Outside broken = new Outside(uri -> Outside.Reply.of(500, ""));
        AzurePermissions permissions =
            new AzurePermissions(
                new AzurePermissions.Settings(
                    broken.url(), List.of("a/read"), Duration.ofSeconds(5)),
                Map::of,
                LIMITS)) {
      assertThatIt(permissions.find("alice", VM), Finding.Result.UNAVAILABLE);
      assertThat(broken.asked).hasSize(2);
    }
  }

  @Test
  void aListThatGoesOnElsewhereIsNotTakenForTheWhole() {
    try (Outside odd =
            new Outside(
                uri ->
                    Outside.Reply.of(
                        200, "{\"value\":[],\"nextLink\":\"https://elsewhere.example/x\"}"));
        AzurePermissions permissions =
            new AzurePermissions(
                new AzurePermissions.Settings(odd.url(), List.of("a/read"), Duration.ofSeconds(5)),
                Map::of,
                LIMITS)) {
      assertThatIt(permissions.find("alice", VM), Finding.Result.UNAVAILABLE);
    }
  }

  private void policy(String effect, String conditions) throws Exception {
    send(
        "POST",
        ec2.url() + "/_simulator/policies",
        """
        {"principal":"%s","statements":[{"effect":"%s","actions":["ec2-instance-connect:*"],
        "resources":["*"]%s}]}"""
            .formatted(ALICE, effect, conditions));
  }

  @Test
  void iamAllowsByTheMachinesTags() throws Exception {
    policy("Allow", ",\"conditions\":{\"aws:ResourceTag/env\":[\"prod\"]}");
    assertThatIt(aws.find(ALICE, INSTANCE), Finding.Result.HOLDS);
    MachineFacts untagged = MachineFacts.unseen(INSTANCE.id());
    assertThatIt(aws.find(ALICE, untagged), Finding.Result.FAILS);
  }

  @Test
  void iamsDenyWins() throws Exception {
    policy("Allow", "");
    policy("Deny", "");
    assertThatIt(aws.find(ALICE, INSTANCE), Finding.Result.FAILS);
  }

  @Test
  void aYesThatDependsOnWhatIsNotKnownIsANo() throws Exception {
    policy("Allow", "");
    policy("Deny", ",\"conditions\":{\"aws:SourceVpc\":[\"vpc-1\"]}");
    assertThatIt(aws.find(ALICE, INSTANCE), Finding.Result.FAILS);
  }

  @Test
  void whomIamDoesNotKnowItDoesNotLetIn() {
    assertThatIt(aws.find(ALICE, INSTANCE), Finding.Result.FAILS);
    assertThatIt(
        aws.find("arn:aws:sts::123456789012:assumed-role/a/b", INSTANCE), Finding.Result.FAILS);
  }

  @Test
  void anIamThatDoesNotAnswerIsUnavailable() {
    try (Outside broken = new Outside(uri -> Outside.Reply.of(500, ""));
        AwsPermissions permissions = aws(broken.url().toString())) {
      assertThatIt(permissions.find(ALICE, INSTANCE), Finding.Result.UNAVAILABLE);
      assertThat(broken.asked).hasSize(2);
    }
  }

  @Test
  void aSubjectOfAnotherIssuerIsNobodyToTheCloud() {
    Principals principals =
        new Principals(
            "https://ours",
            Map.of("carl", "c-1"),
            Optional.of("arn:aws:iam::{account}:user/{subject}"));
    assertThat(principals.of(new Requestor("alice", "https://ours", Set.of()), INSTANCE.id()))
        .hasValue(ALICE);
    assertThat(principals.of(new Requestor("carl", "https://ours", Set.of()), INSTANCE.id()))
        .hasValue("c-1");
    assertThat(principals.of(new Requestor("alice", "https://theirs", Set.of()), INSTANCE.id()))
        .isEmpty();
  }
}
