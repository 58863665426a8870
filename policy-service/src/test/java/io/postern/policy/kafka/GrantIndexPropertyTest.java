package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.RequestId;
import io.postern.policy.domain.Grant;
import io.postern.policy.domain.Owner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The index over random histories, beside a list that is looked through. */
class GrantIndexPropertyTest {
  private static final int HISTORIES = 200;
  private static final int LENGTH = 300;
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final List<MachineId> MACHINES =
      List.of(
          new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890"),
          new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567891"));
  private static final List<Owner> OWNERS =
      List.of(new Owner("alice", "i"), new Owner("alice", "j"), new Owner("bob", "i"));

  private final long seed = Long.getLong("postern.seed", System.nanoTime());
  private final Random random = new Random(seed);

  private static Grant grant(int number, Optional<Grant.End> end) {
    return new Grant(
        new GrantId(new UUID(number * 0x9E3779B97F4A7C15L, 0)),
        new RequestId(new UUID(0, number)),
        MACHINES.get(number % MACHINES.size()),
        OWNERS.get(number / 2 % OWNERS.size()),
        List.of(),
        List.of(),
        NOW,
        NOW.plusSeconds(3600),
        new PolicyId("ssh"),
        1,
        Optional.empty(),
        end,
        false);
  }

  private static String key(Grant grant) {
    return grant.machine() + "|" + grant.id();
  }

  @Test
  void findsWhatALookThroughAllOfThemFinds() {
    for (int h = 0; h < HISTORIES; h++) {
      GrantIndex index = new GrantIndex();
      Map<String, Grant> model = new TreeMap<>();
      for (int step = 0; step < LENGTH; step++) {
        int number = random.nextInt(40);
        Grant grant =
            grant(
                number,
                random.nextBoolean() ? Optional.empty() : Optional.of(Grant.End.USER_REQUESTED));
        if (random.nextInt(3) == 0) {
          index.remove(grant);
          model.remove(key(grant));
        } else {
          index.put(grant);
          model.put(key(grant), grant);
        }
        assertThat(index.get(grant.machine(), grant.id()))
            .isEqualTo(Optional.ofNullable(model.get(key(grant))));
        assertSame(index, model);
      }
    }
  }

  private void assertSame(GrantIndex index, Map<String, Grant> model) {
    for (MachineId machine : MACHINES) {
      for (Owner owner : OWNERS) {
        assertThat(index.running(machine, owner))
            .as("seed %d", seed)
            .isEqualTo(
                model.values().stream()
                    .filter(g -> g.machine().equals(machine) && g.owner().equals(owner))
                    .filter(Grant::isRunning)
                    .toList());
      }
    }
    List<Grant> all = new ArrayList<>();
    index.forEach(all::add);
    assertThat(all).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(model.values());
  }

  @Test
  void keepsNothingOfThoseThatAreOver() {
    GrantIndex index = new GrantIndex();
    for (int number = 0; number < 40; number++) {
      index.put(grant(number, Optional.empty()));
    }
    assertThat(index.size()).isEqualTo(MACHINES.size() + MACHINES.size() * OWNERS.size());
    for (int number = 0; number < 40; number++) {
      Grant ended = grant(number, Optional.of(Grant.End.EXPIRED));
      index.put(ended);
    }
    assertThat(index.size()).isEqualTo(MACHINES.size());
    for (int number = 0; number < 40; number++) {
      Grant over = grant(number, Optional.of(Grant.End.EXPIRED));
      index.remove(over);
    }
    assertThat(index.size()).isZero();
  }
}
