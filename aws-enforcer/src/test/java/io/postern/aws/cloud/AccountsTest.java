package io.postern.aws.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.aws.domain.Limits;
import io.postern.aws.domain.Observed;
import io.postern.aws.domain.Step;
import io.postern.enforcement.Reconciler;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.DriftLimits;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.exposure.Posture;
import io.postern.enforcement.exposure.Verdict;
import io.postern.model.Cidr;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.PolicyId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.Ec2Client;

/** Several accounts, regions and networks. */
class AccountsTest {
  private static final String ROLE = "arn:aws:iam::{account}:role/postern";
  private static final Scope OTHER = Scope.aws("210987654321", "eu-west-1");
  private static final Scope OTHER_REGION = Scope.aws("210987654321", "us-east-1");
  private final Lab lab = new Lab();
  private final Map<RuleSetId, RestorePoint> recorded = new HashMap<>();

  @AfterEach
  void closeLab() {
    lab.close();
  }

  private Ec2Clients clients(Optional<String> externalId) {
    URI endpoint = URI.create(lab.simulator.url());
    return new Ec2Clients(
        Optional.of(endpoint),
        AwsCredentials.assuming(
            AwsCredentials.simulator(), ROLE, externalId, Optional.of(endpoint)));
  }

  /** A machine with a group that lets in SSH from everywhere. */
  private static String machine(Ec2Client ec2, String block) {
    String vpc = ec2.createVpc(r -> r.cidrBlock(block)).vpc().vpcId();
    String subnet = ec2.createSubnet(r -> r.vpcId(vpc).cidrBlock(block)).subnet().subnetId();
    String group = group(ec2, vpc);
    String image = ec2.describeImages().images().getFirst().imageId();
    return ec2.runInstances(
            r -> r.imageId(image).minCount(1).maxCount(1).subnetId(subnet).securityGroupIds(group))
        .instances()
        .getFirst()
        .instanceId();
  }

  private static String group(Ec2Client ec2, String vpc) {
    String group =
        ec2.createSecurityGroup(r -> r.groupName("ssh").description("ssh").vpcId(vpc)).groupId();
    ec2.authorizeSecurityGroupIngress(
        r -> r.groupId(group).ipProtocol("tcp").fromPort(22).toPort(22).cidrIp("0.0.0.0/0"));
    return group;
  }

  private static Grant grant(MachineFacts machine) {
    RequestId request = new RequestId(UUID.randomUUID());
    return new Grant(
        GrantId.of(request, machine.id()),
        request,
        machine.id(),
        List.of(PortSpec.tcp(22)),
        List.of(Cidr.parse("203.0.113.7")),
        Lab.NOW,
        Lab.NOW.plus(Duration.ofMinutes(15)),
        new PolicyId("p"),
        Optional.empty(),
        false);
  }

  /** Brings every rule set of every machine of the scope to what must hold. */
  private void settle(Ec2Adapter adapter, Scope scope, boolean locked, List<Grant> grants)
      throws CloudException {
    Reconciler<Observed, Step> reconciler =
        new Reconciler<>(
            adapter,
            (s, r, point) ->
                point.ifPresentOrElse(p -> recorded.put(r, p), () -> recorded.remove(r)),
            DriftLimits.DEFAULT);
    Optional<Lock> lock =
        locked
            ? Optional.of(
                new Lock(List.of(new PolicyId("p")), List.of(PortSpec.tcp(22)), false, false))
            : Optional.empty();
    for (MachineFacts m : adapter.inventory(scope)) {
      MachineIntent intent =
          new MachineIntent(
              m, lock, grants.stream().filter(g -> g.machine().equals(m.id())).toList());
      for (RuleSetId r : m.ruleSets()) {
        assertThat(
                reconciler
                    .reconcile(
                        new RuleSetIntent(
                            r,
                            scope,
                            List.of(intent),
                            Optional.ofNullable(recorded.get(r)),
                            Lab.NOW))
                    .trouble())
            .isEmpty();
      }
    }
  }

  @Test
  void aGroupOfAnotherAccountCannotBeEditedAndTheAssessmentSaysSo() throws Exception {
    String subnet = lab.owner.describeSubnets().subnets().getFirst().subnetId();
    for (String shared : List.of(subnet, Lab.WEB_GROUP)) {
      lab.post(
          "shares",
          """
          {"region":"eu-west-1","resource":"%s","account":"%s"}"""
              .formatted(shared, OTHER.account()));
    }
    try (Ec2Clients clients = clients(Optional.empty())) {
      Ec2Client other = clients.of(OTHER).reads();
      String image = other.describeImages().images().getFirst().imageId();
      other.runInstances(
          r ->
              r.imageId(image)
                  .minCount(1)
                  .maxCount(1)
                  .subnetId(subnet)
                  .securityGroupIds(Lab.WEB_GROUP));
      Ec2Adapter adapter = new Ec2Adapter(clients, lab.marks, lab.limits, true);
      MachineFacts machine = adapter.inventory(OTHER).getFirst();
      Posture posture = adapter.posture(new MachineIntent(machine, Optional.empty(), List.of()));
      assertThat(posture.verdict().code()).isEqualTo(Verdict.Reason.GROUP_NOT_EDITABLE);
      assertThat(posture.verdict().result()).isEqualTo(Verdict.Result.NOT_APPLICABLE);
      assertThat(posture.verdict().reason())
          .isEqualTo(
              "security group %s belongs to account 123456789012 and can only be changed there"
                  .formatted(Lab.WEB_GROUP));
    }
  }

  @Test
  void eachAccountAndRegionIsWorkedOnUnderItsOwnRole() throws Exception {
    lab.post(
        "roles", "{\"arn\": \"arn:aws:iam::210987654321:role/postern\", \"externalId\": \"e-1\"}");
    try (Ec2Clients clients = clients(Optional.of("e-1"))) {
      Ec2Adapter adapter = new Ec2Adapter(clients, lab.marks, Limits.DEFAULT, false);
      machine(clients.of(OTHER).writes(), "10.8.0.0/24");
      machine(clients.of(OTHER_REGION).writes(), "10.9.0.0/24");
      for (Scope scope : List.of(OTHER, OTHER_REGION)) {
        MachineFacts machine = adapter.inventory(scope).getFirst();
        assertThat(machine.id().scope()).isEqualTo(scope);
        settle(adapter, scope, true, List.of());
        assertThat(reaches("198.18.0.1", machine)).isFalse();

        settle(adapter, scope, true, List.of(grant(machine)));
        assertThat(reaches("203.0.113.7", machine)).isTrue();
        assertThat(reaches("198.18.0.1", machine)).isFalse();

        settle(adapter, scope, true, List.of());
        settle(adapter, scope, false, List.of());
        assertThat(reaches("198.18.0.1", machine)).isTrue();
      }
      assertThat(recorded).isEmpty();
      assertThat(lab.inventory()).as("the account of our own keys").hasSize(4);
    }
  }

  @Test
  void withoutTheExternalIdNothingIsDoneAndTheReasonIsTold() {
    lab.post(
        "roles", "{\"arn\": \"arn:aws:iam::210987654321:role/postern\", \"externalId\": \"e-1\"}");
    try (Ec2Clients clients = clients(Optional.empty())) {
      Ec2Adapter adapter = new Ec2Adapter(clients, lab.marks, Limits.DEFAULT, false);

      org.assertj.core.api.Assertions.assertThatThrownBy(() -> adapter.inventory(OTHER))
          .asInstanceOf(InstanceOfAssertFactories.type(CloudException.class))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOUD_DENIED))
          .extracting(CloudException::getMessage)
          .asString()
          .contains("sts:AssumeRole");
    }
  }

  @Test
  void aMachineInTwoNetworksHasAnAccessGroupInEach() throws Exception {
    Ec2Client owner = lab.owner;
    String vpc = owner.createVpc(r -> r.cidrBlock("10.7.0.0/16")).vpc().vpcId();
    String subnet =
        owner
            .createSubnet(r -> r.vpcId(vpc).cidrBlock("10.7.0.0/24").availabilityZone("eu-west-1a"))
            .subnet()
            .subnetId();
    String group = group(owner, vpc);
    String eni =
        owner
            .createNetworkInterface(r -> r.subnetId(subnet).groups(group))
            .networkInterface()
            .networkInterfaceId();
    owner.attachNetworkInterface(r -> r.networkInterfaceId(eni).instanceId(Lab.WEB).deviceIndex(1));
    lab.lock(Lab.WEB, false, PortSpec.tcp(22));
    lab.settle();
    assertThat(lab.reaches("198.18.0.1", Lab.WEB, 22)).isFalse();

    lab.open(Lab.WEB, 22, "203.0.113.7");
    lab.settle();

    assertThat(lab.accessGroups()).hasSize(2);
    assertThat(lab.reaches("203.0.113.7", Lab.WEB, 22)).isTrue();
    assertThat(
            owner
                .describeNetworkInterfaces(r -> r.networkInterfaceIds(eni))
                .networkInterfaces()
                .getFirst()
                .groups())
        .hasSize(2);

    lab.grants.clear();
    lab.locks.clear();
    lab.settle();
    assertThat(lab.accessGroups()).isEmpty();
    assertThat(lab.recorded).isEmpty();
    assertThat(lab.rules(group)).hasSize(1);
  }

  private boolean reaches(String source, MachineFacts machine) {
    return lab.post(
            "reachable",
            """
            {"source": "%s", "machine": "%s", "port": 22, "protocol": "TCP"}"""
                .formatted(source, machine.id()))
        .contains("\"reachable\":true");
  }
}
