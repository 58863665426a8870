package io.postern.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is looked up is what asking one selector after the other would say. */
class MachineSelectionTest {
  private static final int CASES = 2_000;

  private static MachineFacts machine(int number) {
    MachineId id =
        new MachineId(
            "arn:aws:ec2:eu-west-%d:11112222333%d:instance/i-%017x"
                .formatted(number % 2 + 1, number % 3, number));
    return new MachineFacts(
        id,
        "web-" + number % 4,
        Map.of("env", number % 2 == 0 ? "prod" : "test"),
        List.of(),
        List.of(),
        true,
        List.of());
  }

  private static MachineSelector selector(Random random) {
    return random.nextBoolean()
        ? new MachineSelector.ById(machine(random.nextInt(12)).id())
        : new MachineSelector.Aws(
            some(random, "111122223331"),
            some(random, "eu-west-1"),
            random.nextBoolean() ? Map.of() : Map.of("env", "prod"),
            some(random, "web-*"));
  }

  private static Optional<String> some(Random random, String value) {
    return random.nextBoolean() ? Optional.of(value) : Optional.empty();
  }

  private static Policy policy(List<MachineSelector> selectors) {
    return new Policy(
        new PolicyId("p"),
        1,
        selectors,
        List.of(new PortRule(PortSpec.tcp(22), List.of(), Duration.ofHours(3))),
        Set.of("sre"),
        Set.of(),
        false,
        Optional.empty(),
        Policy.ExistingRules.PRIORITY,
        Policy.SharedGroups.REFUSE,
        32,
        128);
  }

  @Test
  void selectsAndWeighsAsItsSelectorsOneByOne() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < CASES; i++) {
      List<MachineSelector> selectors = new ArrayList<>();
      for (int n = random.nextInt(5); n >= 0; n--) {
        selectors.add(selector(random));
      }
      Policy policy = policy(selectors);
      MachineFacts machine = machine(random.nextInt(12));
      assertThat(policy.machines()).isEqualTo(selectors);
      assertThat(policy.selects(machine))
          .as("seed %d: %s of %s", seed, machine, selectors)
          .isEqualTo(selectors.stream().anyMatch(s -> s.matches(machine)));
      assertThat(Specificity.of(policy, machine))
          .as("seed %d: %s of %s", seed, machine, selectors)
          .isEqualTo(
              selectors.stream()
                  .mapToInt(s -> Specificity.of(policy(List.of(s)), machine))
                  .max()
                  .orElseThrow());
      boolean named =
          selectors.stream()
              .anyMatch(s -> s instanceof MachineSelector.ById b && b.id().equals(machine.id()));
      assertThat(Specificity.of(policy, machine) == Integer.MAX_VALUE).isEqualTo(named);
    }
  }
}
