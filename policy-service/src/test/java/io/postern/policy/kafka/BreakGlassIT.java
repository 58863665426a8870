package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.event.AccessGranted;
import io.postern.event.BreakGlassReviewed;
import io.postern.event.BreakGlassUsed;
import io.postern.event.Person;
import io.postern.event.RequestSubmitted;
import io.postern.event.ReviewGiven;
import io.postern.model.BreakGlass;
import io.postern.model.MachineId;
import io.postern.model.PolicyTerms;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BreakGlassIT {
  @TempDir static Path state;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private double unreviewed() {
    return meters.get("postern.breakglass.unreviewed").gauge().value();
  }

  @Test
  void isCountedUntilSomebodyElseHasReviewedIt() throws Exception {
    Metrics.addRegistry(meters);
    MachineId machine =
        new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0aaaaaaaaaaaaaaa3");
    PolicyTerms terms =
        new PolicyTerms(
            false,
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.of("false"),
            Optional.of(new BreakGlass(Set.of("oncall"), Set.of(), Duration.ofHours(1))));
    try (PolicyHarness harness = new PolicyHarness(machine, state)) {
      harness.put(harness.policy("emergency", terms));
      RequestSubmitted plain =
          harness.request(new Person("alice", "i", List.of("oncall")), "203.0.113.1");
      RequestSubmitted request =
          RequestSubmitted.newBuilder(plain)
              .setBreakGlass(true)
              .setJustification("it burns")
              .build();
      harness.say(request.getRequestId(), request);
      AccessGranted granted =
          harness.probe.await(
              AccessGranted.class, g -> g.getRequestId().equals(request.getRequestId()));
      BreakGlassUsed used =
          harness.probe.await(
              BreakGlassUsed.class, b -> b.getGrantId().equals(granted.getGrantId()));
      assertThat(used.getJustification()).isEqualTo("it burns");
      assertThat(unreviewed()).isEqualTo(1);
      harness.say(
          request.getRequestId(),
          new ReviewGiven(
              UUID.randomUUID().toString(),
              Instant.now(),
              used.getGrantId(),
              used.getMachineId(),
              new Person("root", "i", List.of("admins")),
              "it did burn"));
      BreakGlassReviewed reviewed =
          harness.probe.await(
              BreakGlassReviewed.class, b -> b.getGrantId().equals(granted.getGrantId()));
      assertThat(reviewed.getReviewer().getSubject()).isEqualTo("root");
      await().untilAsserted(() -> assertThat(unreviewed()).isZero());
    }
  }
}
