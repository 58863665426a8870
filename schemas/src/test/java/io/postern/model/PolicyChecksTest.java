package io.postern.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PolicyChecksTest {
  private static final MachineId ID =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final MachineFacts MACHINE =
      new MachineFacts(
          ID, "web", Map.of("env", "prod", "tier", "db"), List.of(), List.of(), true, List.of());

  private static Policy policy(String name, MachineSelector selector, int port) {
    return new Policy(
        new PolicyId(name),
        1,
        List.of(selector),
        List.of(new PortRule(PortSpec.tcp(port), List.of(), Duration.ofHours(3))),
        Set.of("sre"),
        Set.of(),
        false,
        Optional.empty(),
        Policy.ExistingRules.PRIORITY,
        Policy.SharedGroups.REFUSE,
        32,
        128);
  }

  private static MachineSelector tag(String key, String value) {
    return new MachineSelector.Aws(
        Optional.empty(), Optional.empty(), Map.of(key, value), Optional.empty());
  }

  private static final Policy ENV = policy("env", tag("env", "prod"), 22);

  private static List<FieldError> ties(Policy policy, Policy... others) {
    return PolicyChecks.ties(policy, List.of(others), List.of(MACHINE));
  }

  @Test
  void equallyCloseForTheSamePortIsAnErrorThatNamesThePolicyAndTheMachine() {
    assertThat(ties(policy("tier", tag("tier", "db"), 22), ENV))
        .singleElement()
        .satisfies(
            e -> {
              assertThat(e.field()).isEqualTo("machines");
              assertThat(e.rule()).contains("env");
              assertThat(e.given()).contains(ID.value(), "22/TCP");
            });
    Policy byId = policy("one", new MachineSelector.ById(ID), 22);
    assertThat(
            PolicyChecks.ties(
                byId, List.of(policy("two", new MachineSelector.ById(ID), 22)), List.of()))
        .hasSize(1);
  }

  @Test
  void whatIsCloserOrAboutAnotherPortOrTheSamePolicyIsNoTie() {
    assertThat(ties(policy("one", new MachineSelector.ById(ID), 22), ENV)).isEmpty();
    assertThat(ties(policy("tier", tag("tier", "db"), 3389), ENV)).isEmpty();
    assertThat(ties(policy("tier", tag("tier", "web"), 22), ENV)).isEmpty();
    assertThat(ties(policy("env", tag("tier", "db"), 22), ENV)).isEmpty();
  }

  @Test
  void durationsLieWithinTheOperatorsBounds() {
    Policy extended =
        ENV.withTerms(
            new PolicyTerms(
                false,
                Optional.empty(),
                Optional.of(Duration.ofHours(30)),
                List.of(),
                Optional.empty(),
                Optional.empty()));
    assertThat(PolicyChecks.outside(extended, Duration.ofMinutes(5), Duration.ofHours(2)))
        .extracting(FieldError::field)
        .containsExactly("ports[0].maxDuration", "extension.maxTotal");
    assertThat(PolicyChecks.outside(ENV, Duration.ofMinutes(5), Duration.ofHours(24))).isEmpty();
  }

  @Test
  void aReminderIsShorterThanTheLongestGrant() {
    Duration longest = ENV.ports().get(0).maxDuration();
    assertThat(remindedBefore(longest))
        .containsExactly(
            new FieldError(
                "reminder",
                "must be shorter than the longest grant, " + longest,
                longest.toString()));
    assertThat(remindedBefore(longest.minusSeconds(1))).isEmpty();
  }

  private static List<FieldError> remindedBefore(Duration reminder) {
    return PolicyChecks.outside(
        ENV.withTerms(PolicyTerms.NONE.withReminder(Optional.of(reminder))),
        Duration.ofMinutes(5),
        Duration.ofHours(24));
  }
}
