package io.postern.policy.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.Cidr;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Sources against a model that counts addresses one network at a time. */
class SourceRulesPropertyTest {
  private static final int CASES = 20_000;

  private static Policy policy(List<Cidr> networks, int v4) {
    MachineId id = new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
    return new Policy(
        new PolicyId("p"),
        1,
        List.of(new MachineSelector.ById(id)),
        List.of(new PortRule(PortSpec.tcp(22), networks, Duration.ofHours(1))),
        Set.of("g"),
        Set.of(),
        false,
        Optional.empty(),
        Policy.ExistingRules.PRIORITY,
        Policy.SharedGroups.REFUSE,
        v4,
        128);
  }

  private static Cidr publicV4(Random random, int shortest) {
    int length = shortest + random.nextInt(33 - shortest);
    long mask = length == 0 ? 0 : (0xffffffffL << (32 - length)) & 0xffffffffL;
    // 11.0.0.0/8 to 95.0.0.0/8 hold no special range.
    long address = ((11L + random.nextInt(84)) << 24 | random.nextInt(1 << 24)) & mask;
    return Cidr.parse(
        (address >> 24)
            + "."
            + (address >> 16 & 255)
            + "."
            + (address >> 8 & 255)
            + "."
            + (address & 255)
            + "/"
            + length);
  }

  @Test
  void widthsAreSummedAndContainmentIsExact() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < CASES; i++) {
      List<Cidr> sources = new ArrayList<>();
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        sources.add(publicV4(random, 8));
      }
      int max = 8 + random.nextInt(25);
      Policy any = policy(List.of(), max);
      BigInteger total = sources.stream().map(Cidr::size).reduce(BigInteger.ZERO, BigInteger::add);
      boolean fits = total.compareTo(BigInteger.TWO.pow(32 - max)) <= 0;
      assertThat(SourceRules.violation(sources, any.ports().get(0), any).isEmpty())
          .as("seed %d, case %d: %s under /%d", seed, i, sources, max)
          .isEqualTo(fits);

      List<Cidr> networks = List.of(publicV4(random, 8), publicV4(random, 8));
      Policy named = policy(networks, 32);
      boolean inside =
          sources.stream().allMatch(s -> networks.stream().anyMatch(n -> naivelyInside(s, n)));
      assertThat(SourceRules.violation(sources, named.ports().get(0), named).isEmpty())
          .as("seed %d, case %d: %s in %s", seed, i, sources, networks)
          .isEqualTo(inside);
    }
  }

  private static boolean naivelyInside(Cidr inner, Cidr outer) {
    return outer.first().compareTo(inner.first()) <= 0 && inner.last().compareTo(outer.last()) <= 0;
  }
}
