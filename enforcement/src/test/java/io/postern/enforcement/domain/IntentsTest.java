package io.postern.enforcement.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PolicyTerms;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IntentsTest {
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final MachineFacts FACTS =
      new MachineFacts(MACHINE, "web", Map.of(), List.of(), List.of(), true, List.of());

  private static Policy policy(String name, int port, Policy.SharedGroups shared) {
    return new Policy(
        new PolicyId(name),
        1,
        List.of(new MachineSelector.ById(MACHINE)),
        List.of(new PortRule(PortSpec.tcp(port), List.of(), Duration.ofHours(1))),
        Set.of("sre"),
        Set.of(),
        false,
        Optional.empty(),
        Policy.ExistingRules.PRIORITY,
        shared,
        32,
        128);
  }

  private static Lock lock(Policy... policies) {
    return Intents.of(FACTS, List.of(policies), List.of(), Instant.EPOCH).lock().orElseThrow();
  }

  @Test
  void oneConsentAmongTheMachinesPoliciesIsEnough() {
    Policy plain = policy("a", 22, Policy.SharedGroups.REFUSE);
    Policy sharing = policy("b", 3389, Policy.SharedGroups.LOCK);
    Policy standing =
        policy("c", 5986, Policy.SharedGroups.REFUSE)
            .withTerms(PolicyTerms.NONE.withFullInterfaces(PolicyTerms.FullInterfaces.STANDING));

    assertThat(lock(plain).lockShared()).isFalse();
    assertThat(lock(plain).standing()).isFalse();
    assertThat(lock(plain, sharing).lockShared()).isTrue();
    assertThat(lock(plain, sharing).standing()).isFalse();
    assertThat(lock(plain, standing).standing()).isTrue();
    assertThat(lock(standing, plain, sharing).ports())
        .containsExactly(PortSpec.tcp(22), PortSpec.tcp(3389), PortSpec.tcp(5986));
  }
}
