package io.postern.simulator.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;

class ThrottlingTest {
  private final Lab lab = Lab.start(Ec2Simulator.Options.defaults().withThrottling(true));

  ThrottlingTest() {
    lab.simulator.server().clock().freeze();
  }

  @AfterEach
  void stop() {
    lab.close();
  }

  @Test
  void fiftyWritesPassAtOnceThenFiveInASecond() {
    assertThat(passed(60, this::authorize)).isEqualTo(50);
    lab.simulator.server().clock().advance(Duration.ofSeconds(1));
    assertThat(passed(10, this::authorize)).isEqualTo(5);
  }

  @Test
  void theRefusalIsRequestLimitExceeded() {
    passed(50, this::authorize);

    ContractCase.refused(503, "RequestLimitExceeded", () -> authorize(1));
  }

  @Test
  void everyActionAndAccountHasItsOwnBucket() {
    passed(60, this::authorize);

    lab.revoke(Lab.BATCH_GROUP, 22, 22, "0.0.0.0/0");
    lab.post(
        "foreign",
        java.util.Map.of(
            "account", "123456789012", "region", "eu-west-1", "action", "DescribeVpcs"));
  }

  @Test
  void readsWithoutFilterHaveTheSmallerBucket() {
    assertThat(passed(120, i -> lab.ec2.describeSecurityGroups())).isEqualTo(50);
    assertThat(passed(120, i -> lab.ec2.describeSecurityGroups(r -> r.maxResults(5))))
        .isEqualTo(100);
  }

  @Test
  void otherToolsOfTheAccountShareTheBuckets() {
    lab.post(
        "drain",
        java.util.Map.of(
            "account", "123456789012",
            "region", "eu-west-1",
            "action", "AuthorizeSecurityGroupIngress",
            "tokens", 45));

    assertThat(passed(60, this::authorize)).isEqualTo(5);
  }

  private void authorize(int i) {
    lab.allow(Lab.WEB_GROUP, 1000 + i, 1000 + i, "10.0.0.0/8");
  }

  private static int passed(int calls, java.util.function.IntConsumer call) {
    int passed = 0;
    for (int i = 0; i < calls; i++) {
      try {
        call.accept(i);
        passed++;
      } catch (Ec2Exception e) {
        // A duplicate or a full group has passed the bucket too.
        passed += e.statusCode() == 503 ? 0 : 1;
      }
    }
    return passed;
  }
}
