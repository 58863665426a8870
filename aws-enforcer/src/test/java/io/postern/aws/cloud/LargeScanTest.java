package io.postern.aws.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.aws.domain.Limits;
import io.postern.enforcement.domain.Marks;
import io.postern.model.MachineFacts;
import io.postern.model.Scope;
import io.postern.simulator.ec2.Ec2Simulator;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;

/** A scope with many machines, on an EC2 that keeps to its documented buckets. */
class LargeScanTest {
  private static final int MACHINES = Integer.getInteger("postern.machines", 2_500);
  private static final int GROUPS = 40;
  private static final int AT_ONCE = 1_000;
  private static final Scope SCOPE = Scope.aws("123456789012", "eu-west-1");

  @Test
  void isSeenInOneScanOfWholePagesAndNoCallIsThrottled() throws Exception {
    try (Ec2Simulator simulator =
        Ec2Simulator.start(Ec2Simulator.Options.defaults().withThrottling(true))) {
      populate(simulator);
      simulator.server().journal().clear();
      try (Ec2Clients clients =
          new Ec2Clients(
              Optional.of(URI.create(simulator.url())), s -> AwsCredentials.simulator())) {
        Ec2Adapter adapter =
            new Ec2Adapter(clients, new Marks("lab", new byte[32]), Limits.DEFAULT, true);
        List<MachineFacts> seen = adapter.inventory(SCOPE);

        assertThat(seen).hasSize(MACHINES);
        assertThat(seen).allSatisfy(m -> assertThat(m.ruleSets()).hasSize(2));
      }
      var calls = simulator.server().journal().entries();
      assertThat(calls).allSatisfy(c -> assertThat(c.response().status()).isEqualTo(200));
      Map<String, Long> byAction =
          calls.stream().collect(Collectors.groupingBy(c -> c.action(), Collectors.counting()));
      int pages = (MACHINES + 999) / 1_000;
      assertThat(byAction)
          .containsOnlyKeys(
              "DescribeInstances",
              "DescribeSecurityGroups",
              "DescribeSecurityGroupRules",
              "DescribeNetworkInterfaces");
      assertThat(byAction.values()).allSatisfy(n -> assertThat(n).isLessThanOrEqualTo(pages));
    }
  }

  private static void populate(Ec2Simulator simulator) {
    try (Ec2Client owner =
        Ec2Client.builder()
            .endpointOverride(URI.create(simulator.url()))
            .region(Region.EU_WEST_1)
            .credentialsProvider(AwsCredentials.simulator())
            .overrideConfiguration(o -> o.retryStrategy(RetryMode.STANDARD))
            .build()) {
      String vpc = owner.createVpc(r -> r.cidrBlock("10.0.0.0/16")).vpc().vpcId();
      String subnet =
          owner.createSubnet(r -> r.vpcId(vpc).cidrBlock("10.0.0.0/16")).subnet().subnetId();
      String image = owner.describeImages().images().getFirst().imageId();
      int left = MACHINES;
      for (int g = 0; g < GROUPS; g++) {
        String name = "group-" + g;
        String group =
            owner
                .createSecurityGroup(r -> r.groupName(name).description(name).vpcId(vpc))
                .groupId();
        owner.authorizeSecurityGroupIngress(
            r -> r.groupId(group).ipProtocol("tcp").fromPort(22).toPort(22).cidrIp("0.0.0.0/0"));
        int count = g == GROUPS - 1 ? left : MACHINES / GROUPS;
        left -= count;
        for (int made = 0; made < count; made += AT_ONCE) {
          int now = Math.min(AT_ONCE, count - made);
          owner.runInstances(
              r ->
                  r.imageId(image)
                      .minCount(now)
                      .maxCount(now)
                      .subnetId(subnet)
                      .securityGroupIds(group));
        }
      }
    }
  }
}
