package io.postern.simulator.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.GroupIdentifier;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.NetworkInterface;

class InstancesContractIT extends ContractCase {
  private String vpc = "";
  private String subnet = "";
  private String group = "";
  private String image = "";

  @BeforeEach
  void newNetwork() {
    vpc = newVpc();
    subnet = newSubnet(vpc);
    group = newGroup(vpc);
    image = ec2.describeImages(r -> r.owners("amazon")).images().getFirst().imageId();
  }

  @Test
  void aClientTokenMakesOneInstanceOfTwoCalls() {
    String token = "token-" + vpc;

    String first = run(token);

    assertThat(run(token)).isEqualTo(first);
    assertThat(run("other-" + vpc)).isNotEqualTo(first);
  }

  @Test
  void anInstanceShowsItsInterfacesAndGroups() {
    String id = run(null);

    Instance instance = describe(id);

    assertThat(instance.state().nameAsString()).isEqualTo("running");
    assertThat(instance.vpcId()).isEqualTo(vpc);
    assertThat(instance.privateIpAddress()).isEqualTo("10.9.1.4");
    assertThat(instance.securityGroups())
        .extracting(GroupIdentifier::groupId)
        .containsExactly(group);
    assertThat(instance.networkInterfaces())
        .singleElement()
        .satisfies(eni -> assertThat(eni.attachment().deviceIndex()).isZero());
    assertThat(instance.tags().getFirst().value()).isEqualTo("vm");
  }

  @Test
  void theGroupsOfAnInterfaceAreReplacedAsASet() {
    String id = run(null);
    String more = newGroup(vpc);
    String eni = describe(id).networkInterfaces().getFirst().networkInterfaceId();

    ec2.modifyNetworkInterfaceAttribute(r -> r.networkInterfaceId(eni).groups(group, more));

    assertThat(describe(id).securityGroups())
        .extracting(GroupIdentifier::groupId)
        .containsExactlyInAnyOrder(group, more);
    refused(400, "DependencyViolation", () -> ec2.deleteSecurityGroup(r -> r.groupId(more)));
    ec2.modifyNetworkInterfaceAttribute(r -> r.networkInterfaceId(eni).groups(group));
    ec2.deleteSecurityGroup(r -> r.groupId(more));
  }

  @Test
  void sixGroupsAreTooManyAndForeignVpcsAreRefused() {
    String eni = describe(run(null)).networkInterfaces().getFirst().networkInterfaceId();
    List<String> six =
        List.of(group, newGroup(vpc), newGroup(vpc), newGroup(vpc), newGroup(vpc), newGroup(vpc));

    refused(
        400,
        "SecurityGroupsPerInterfaceLimitExceeded",
        () -> ec2.modifyNetworkInterfaceAttribute(r -> r.networkInterfaceId(eni).groups(six)));
    ec2.modifyNetworkInterfaceAttribute(r -> r.networkInterfaceId(eni).groups(six.subList(0, 5)));
    String elsewhere = newGroup(newVpc());
    refused(
        400,
        "InvalidParameterValue",
        () ->
            ec2.modifyNetworkInterfaceAttribute(r -> r.networkInterfaceId(eni).groups(elsewhere)));
  }

  @Test
  void interfacesComeAndGo() {
    String id = run(null);
    String eni =
        ec2.createNetworkInterface(r -> r.subnetId(subnet).groups(group).description("second"))
            .networkInterface()
            .networkInterfaceId();

    String attachment =
        ec2.attachNetworkInterface(r -> r.networkInterfaceId(eni).instanceId(id).deviceIndex(1))
            .attachmentId();

    assertThat(interfacesOf(id)).hasSize(2);
    assertThat(describe(id).networkInterfaces()).hasSize(2);
    ec2.detachNetworkInterface(r -> r.attachmentId(attachment));
    assertThat(interfacesOf(id)).hasSize(1);
  }

  @Test
  void anInstanceCanBeBornWithTwoInterfaces() {
    Instance born =
        ec2.runInstances(
                r ->
                    r.imageId(image)
                        .instanceType("t3.micro")
                        .minCount(1)
                        .maxCount(1)
                        .networkInterfaces(
                            n -> n.deviceIndex(0).subnetId(subnet).groups(group),
                            n -> n.deviceIndex(1).subnetId(subnet).groups(group)))
            .instances()
            .getFirst();

    assertThat(describe(born.instanceId()).networkInterfaces())
        .extracting(eni -> eni.privateIpAddress())
        .doesNotHaveDuplicates()
        .hasSize(2);
  }

  @Test
  void anInstanceThatCannotBeBornLeavesNoInterfaceBehind() {
    String elsewhere = newGroup(newVpc());

    refused(
        400,
        "InvalidParameterValue",
        () ->
            ec2.runInstances(
                r ->
                    r.imageId(image)
                        .minCount(1)
                        .maxCount(1)
                        .networkInterfaces(
                            n -> n.deviceIndex(0).subnetId(subnet).groups(group),
                            n -> n.deviceIndex(1).subnetId(subnet).groups(elsewhere))));

    ec2.deleteSecurityGroup(r -> r.groupId(group));
  }

  @Test
  void aTerminatedInstanceLosesItsInterfaces() {
    String id = run(null);

    ec2.terminateInstances(r -> r.instanceIds(id));

    assertThat(describe(id).state().nameAsString()).isIn("shutting-down", "terminated");
    assertThat(describe(id).networkInterfaces()).isEmpty();
    assertThat(interfacesOf(id)).isEmpty();
    ec2.deleteSecurityGroup(r -> r.groupId(group));
  }

  @Test
  void instancesAreFoundByTagStateAndGroup() {
    String id = run(null);

    assertThat(find("instance.group-id", group)).containsExactly(id);
    assertThat(find("vpc-id", vpc)).containsExactly(id);
    assertThat(
            ec2
                .describeInstancesPaginator(
                    r ->
                        r.filters(
                            f -> f.name("instance-state-name").values("running"),
                            f -> f.name("tag:Name").values("v*"),
                            f -> f.name("vpc-id").values(vpc)))
                .reservations()
                .stream()
                .flatMap(r -> r.instances().stream())
                .map(Instance::instanceId))
        .containsExactly(id);
    refused(
        400,
        "InvalidInstanceID.NotFound",
        () -> ec2.describeInstances(r -> r.instanceIds("i-00000000000000000")));
  }

  private String run(@org.jspecify.annotations.Nullable String token) {
    return ec2.runInstances(
            r ->
                r.imageId(image)
                    .instanceType("t3.micro")
                    .minCount(1)
                    .maxCount(1)
                    .subnetId(subnet)
                    .securityGroupIds(group)
                    .clientToken(token)
                    .tagSpecifications(
                        t -> t.resourceType("instance").tags(g -> g.key("Name").value("vm"))))
        .instances()
        .getFirst()
        .instanceId();
  }

  private static Instance describe(String id) {
    return ec2.describeInstances(r -> r.instanceIds(id))
        .reservations()
        .getFirst()
        .instances()
        .getFirst();
  }

  private static List<String> find(String filter, String value) {
    return ec2
        .describeInstances(r -> r.filters(f -> f.name(filter).values(value)))
        .reservations()
        .stream()
        .flatMap(r -> r.instances().stream())
        .map(Instance::instanceId)
        .toList();
  }

  private static List<NetworkInterface> interfacesOf(String id) {
    return ec2.describeNetworkInterfaces(
            r -> r.filters(f -> f.name("attachment.instance-id").values(id)))
        .networkInterfaces();
  }
}
