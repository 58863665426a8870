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
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Whatever the order and however often the facts come, what is told is the same. */
class RequestFactsPropertyTest {
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final Instant T = Instant.parse("2026-03-01T12:00:00Z");

  @Test
  void orderAndRepetitionDoNotMatter() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      RequestId request = new RequestId(new UUID(0, i));
      List<Fact> some = Histories.some(random, Histories.all(request, MACHINE, T));
      List<Fact> shuffled = Histories.disturbed(random, some);
      assertThat(fold(request, shuffled))
          .as("seed %d, case %d", seed, i)
          .isEqualTo(fold(request, some));
    }
  }

  private static RequestView fold(RequestId request, List<Fact> facts) {
    RequestFacts known = RequestFacts.unknown(request);
    Optional<GrantView> grant = Optional.empty();
    for (Fact fact : facts) {
      if (fact instanceof Fact.OfRequest of) {
        known = known.with(of);
      }
      if (fact instanceof Fact.GrantChanged changed) {
        grant = Optional.of(changed.applyTo(grant));
      }
    }
    return known.view(grant.stream().toList());
  }

  @Test
  void whatPolicyServiceSaysOfTheOwnerCountsMoreThanWhatIsClaimed() {
    RequestId request = new RequestId(new UUID(0, 1));
    Fact.OfRequest claimed =
        new Fact.Submitted(
            request, new Owner("alice", "bot"), List.of(MACHINE), Optional.empty(), T);
    Fact.OfRequest said = new Fact.Denied(request, new Owner("alice", "idp"), MACHINE, List.of());
    RequestFacts none = RequestFacts.unknown(request);
    assertThat(none.with(claimed).owner().issuer()).isEqualTo("bot");
    assertThat(none.with(claimed).with(said).owner().issuer()).isEqualTo("idp");
    assertThat(none.with(said).with(claimed).owner().issuer()).isEqualTo("idp");
  }

  @Test
  void anEndThatAnExtensionMovedDoesNotEndTheGrant() {
    GrantView.Given given =
        new GrantView.Given(
            new Owner("alice", "idp"),
            List.of(PortSpec.tcp(22)),
            List.of(Cidr.parse("203.0.113.7")),
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

  @Test
  void aTimeOutThatIsAskedAgainIsTheLaterOne() {
    RequestId request = new RequestId(new UUID(0, 1));
    Owner alice = new Owner("alice", "idp");
    ApprovalView first = Histories.approval(MACHINE, T, 1);
    ApprovalView second = Histories.approval(MACHINE, T.plusMillis(1), 2);
    RequestFacts known =
        RequestFacts.unknown(request)
            .with(new Fact.Asked(request, alice, second))
            .with(new Fact.Asked(request, alice, first));
    assertThat(known.view(List.of()).waiting()).containsExactly(second);
    assertThat(second.levels())
        .containsExactly(new ApprovalLevel(false, Set.of("leads"), Set.of(), 1));
    assertThat(second.duration()).isEqualTo(Duration.ofMinutes(15));
  }
}
