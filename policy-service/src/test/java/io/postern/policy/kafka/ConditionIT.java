package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.event.Person;
import io.postern.event.PolicyPut;
import io.postern.event.RequestSubmitted;
import io.postern.log.PoisonException;
import io.postern.log.Topics;
import io.postern.model.MachineId;
import io.postern.model.PolicyTerms;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConditionIT {
  @TempDir static Path state;

  private static PolicyTerms condition(String expression) {
    return new PolicyTerms(
        false,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.of(expression),
        Optional.empty());
  }

  @Test
  void aConditionDecidesAndOneThatDoesNotCompileIsNotPutInForce() throws Exception {
    MachineId machine =
        new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0aaaaaaaaaaaaaaa2");
    try (PolicyHarness harness = new PolicyHarness(machine, state)) {
      harness.put(
          harness.policy(
              "conditional",
              condition("'oncall' in requestor.groups && machine.tags['env'] == 'prod'")));
      RequestSubmitted on =
          harness.request(new Person("alice", "i", List.of("sre", "oncall")), "203.0.113.1");
      harness.say(on.getRequestId(), on);
      harness.probe.await(AccessGranted.class, g -> g.getRequestId().equals(on.getRequestId()));
      RequestSubmitted off = harness.request(new Person("bob", "i", List.of("sre")), "203.0.113.1");
      harness.say(off.getRequestId(), off);
      AccessDenied denied =
          harness.probe.await(AccessDenied.class, a -> a.getRequestId().equals(off.getRequestId()));
      assertThat(denied.getReasons().get(0).getMessage()).startsWith("condition: not true");

      PolicyPut wrong = harness.putEvent(harness.policy("wrong", condition("requestor.age > 18")));
      harness.send(harness.encode(Topics.POLICY_CHANGES, "wrong", wrong));
      harness.awaitDeadLetter(
          Topics.POLICY_CHANGES, "wrong", PoisonException.Cause.INVALID_CONTENT);
    }
  }
}
