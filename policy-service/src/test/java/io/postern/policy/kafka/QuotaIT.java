package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.event.Person;
import io.postern.event.Reason;
import io.postern.event.RequestSubmitted;
import io.postern.log.Topics;
import io.postern.model.ErrorCode;
import io.postern.model.MachineId;
import io.postern.model.PolicyTerms;
import io.postern.model.Quota;
import io.postern.model.Quotas;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuotaIT {
  private static final Person ALICE = new Person("alice", "i", List.of("sre"));
  private static final Person BOB = new Person("bob", "i", List.of("sre"));
  private static final MachineId HERE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0aaaaaaaaaaaaaaa5");
  private static final MachineId ELSEWHERE =
      new MachineId("arn:aws:ec2:eu-central-1:123456789012:instance/i-0aaaaaaaaaaaaaaa6");

  @TempDir static Path state;

  private static PolicyTerms terms(Quota perRequestor, Quota total) {
    return PolicyTerms.NONE.withQuotas(new Quotas(perRequestor, total));
  }

  private static RequestSubmitted ask(PolicyHarness harness, RequestSubmitted request)
      throws Exception {
    harness.say(request.getRequestId(), request);
    return request;
  }

  private static void assertGranted(PolicyHarness harness, RequestSubmitted request)
      throws Exception {
    harness.probe.await(AccessGranted.class, g -> g.getRequestId().equals(request.getRequestId()));
  }

  private static void assertOverQuota(PolicyHarness harness, RequestSubmitted request)
      throws Exception {
    AccessDenied denied =
        harness.probe.await(
            AccessDenied.class, d -> d.getRequestId().equals(request.getRequestId()));
    assertThat(denied.getReasons())
        .extracting(Reason::getCode)
        .containsExactly(ErrorCode.QUOTA_EXCEEDED.name());
  }

  @Test
  void countsOverAllPartitionsAndAfterARestart() throws Exception {
    try (PolicyHarness harness = new PolicyHarness(HERE, state.resolve("first"))) {
      assertThat(Topics.partition(HERE.scope(), harness.platform.partitions()))
          .isNotEqualTo(Topics.partition(ELSEWHERE.scope(), harness.platform.partitions()));
      harness.see(ELSEWHERE);
      harness.put(
          PolicyHarness.policy(
              "counted",
              terms(
                  new Quota(OptionalInt.of(1), OptionalInt.empty()),
                  new Quota(OptionalInt.empty(), OptionalInt.of(3))),
              HERE,
              ELSEWHERE));
      assertGranted(harness, ask(harness, PolicyHarness.request(ALICE, "203.0.113.1", HERE)));
      assertOverQuota(harness, ask(harness, PolicyHarness.request(ALICE, "203.0.113.2", HERE)));
      // The same once more supersedes, and is not one more.
      assertGranted(harness, ask(harness, PolicyHarness.request(ALICE, "203.0.113.1", HERE)));
    }
    // Another directory: what counts is on the log.
    try (PolicyHarness harness = new PolicyHarness(HERE, state.resolve("second"))) {
      assertOverQuota(
          harness, ask(harness, PolicyHarness.request(ALICE, "203.0.113.3", ELSEWHERE)));
      assertOverQuota(harness, ask(harness, PolicyHarness.request(ALICE, "203.0.113.4", HERE)));
      // Two were accepted; those over the quota do not count.
      assertGranted(harness, ask(harness, PolicyHarness.request(BOB, "203.0.113.5", HERE)));
      assertOverQuota(harness, ask(harness, PolicyHarness.request(BOB, "203.0.113.5", HERE)));
    }
  }
}
