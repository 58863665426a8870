package io.postern.request.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.ApprovalLevel;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Whatever the order and however often the facts come, what is told is the same. */
class ReadModelPropertyTest {
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final Instant T = Instant.parse("2026-03-01T12:00:00Z");

  @Test
  void orderAndRepetitionDoNotMatter() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      RequestId request = new RequestId(new UUID(0, i));
      GrantId grant = GrantId.of(request, MACHINE);
      List<Consumer<ReadModel>> facts = new ArrayList<>();
      facts.add(m -> m.submitted(request, "alice", List.of(MACHINE), Optional.empty(), T));
      GrantView.Given given =
          new GrantView.Given(
              "alice",
              List.of(PortSpec.tcp(22)),
              List.of(Cidr.parse("203.0.113.7")),
              T,
              T,
              T.plusSeconds(60),
              "web",
              List.of("bob"));
      GrantView.Over over = new GrantView.Over(T.plusSeconds(90), "USER_REQUESTED");
      facts.add(m -> m.asked(request, approval(T, 1)));
      facts.add(m -> m.asked(request, approval(T.plusMillis(1), 2)));
      facts.add(m -> m.refused(request, "e", new Refused("eve", "NOT_AN_APPROVER", "no")));
      facts.add(m -> m.granted(grant, request, MACHINE, given));
      facts.add(
          m ->
              m.opened(grant, request, MACHINE, new GrantView.Opened(T.plusSeconds(1), List.of())));
      facts.add(m -> m.extended(grant, request, MACHINE, T.plusSeconds(120)));
      facts.add(m -> m.expired(grant, request, MACHINE, T.plusSeconds(60)));
      facts.add(m -> m.revoked(grant, request, MACHINE, over));
      facts.add(m -> m.closed(grant, request, MACHINE, over));
      List<Consumer<ReadModel>> some = facts.subList(0, 1 + random.nextInt(facts.size()));
      ReadModel inOrder = new ReadModel();
      some.forEach(f -> f.accept(inOrder));
      List<Consumer<ReadModel>> shuffled = new ArrayList<>(some);
      for (int n = random.nextInt(4); n > 0; n--) {
        shuffled.add(some.get(random.nextInt(some.size())));
      }
      Collections.shuffle(shuffled, random);
      ReadModel other = new ReadModel();
      shuffled.forEach(f -> f.accept(other));
      assertThat(other.request(request))
          .as("seed %d, case %d", seed, i)
          .isEqualTo(inOrder.request(request));
      assertThat(other.grant(grant))
          .as("seed %d, case %d", seed, i)
          .isEqualTo(inOrder.grant(grant));
    }
  }

  private static ApprovalView approval(Instant askedAt, int level) {
    return new ApprovalView(
        MACHINE,
        "alice",
        List.of(PortSpec.tcp(22)),
        List.of(),
        Duration.ofMinutes(15),
        "web",
        "digest",
        level,
        List.of(new ApprovalLevel(false, Set.of("leads"), Set.of(), 1)),
        List.of(),
        T.plusSeconds(60),
        askedAt);
  }

  @Test
  void anEndThatAnExtensionMovedDoesNotEndTheGrant() {
    GrantView.Given given =
        new GrantView.Given(
            "alice",
            List.of(),
            List.of(),
            T,
            T.plusSeconds(10),
            T.plusSeconds(60),
            "web",
            List.of());
    RequestId request = new RequestId(new UUID(0, 1));
    GrantView grant =
        GrantView.unknown(GrantId.of(request, MACHINE), request, MACHINE).granted(given);
    assertThat(grant.state(T)).isEqualTo(GrantState.SCHEDULED);
    assertThat(grant.state(T.plusSeconds(10))).isEqualTo(GrantState.OPENING);
    GrantView extended = grant.expired(T.plusSeconds(60)).extended(T.plusSeconds(120));
    assertThat(extended.state(T.plusSeconds(61))).isEqualTo(GrantState.OPENING);
    assertThat(extended.expiresAt()).contains(T.plusSeconds(120));
    assertThat(extended.expired(T.plusSeconds(120)).state(T.plusSeconds(121)))
        .isEqualTo(GrantState.CLOSING);
  }
}
