package io.postern.policy.kafka;

import io.postern.event.Person;
import io.postern.event.RequestSubmitted;
import io.postern.log.PoisonException;
import io.postern.log.Topics;
import io.postern.model.MachineId;
import io.postern.model.PolicyTerms;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OldRequestIT {
  @TempDir static Path state;

  @Test
  void aRequestThatMayHaveBeenAnsweredAndForgottenIsNotDecidedAgain() throws Exception {
    MachineId machine =
        new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0aaaaaaaaaaaaaaa4");
    Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(30));
    try (PolicyHarness harness = new PolicyHarness(machine, state, later)) {
      harness.put(harness.policy("old", PolicyTerms.NONE));
      RequestSubmitted request =
          harness.request(new Person("alice", "i", List.of("sre")), "203.0.113.1");
      harness.say(request.getRequestId(), request);
      harness.awaitDeadLetter(Topics.VETTED, machine.value(), PoisonException.Cause.TOO_OLD);
    }
  }
}
