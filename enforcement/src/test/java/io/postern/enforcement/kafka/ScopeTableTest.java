package io.postern.enforcement.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.log.PoisonException;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.model.RuleSetId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ScopeTableTest {
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
  private static final Instant END = NOW.plusSeconds(900);
  private static final RuleSetId GROUP = new RuleSetId("aws:123456789012:eu-west-1:sg-1");

  private final ScopeTable table = new ScopeTable(List::of);

  private static Grant grant(int number, Instant end, Optional<Grant.End> ended) {
    RequestId request = new RequestId(new UUID(1, number));
    return new Grant(
        GrantId.of(request, MACHINE),
        request,
        MACHINE,
        List.of(PortSpec.tcp(22)),
        List.of(Cidr.parse("203.0.113.7")),
        NOW,
        end,
        new PolicyId("ssh"),
        ended,
        false);
  }

  private static Grant running(int number, Instant end) {
    return grant(number, end, Optional.empty());
  }

  private boolean isLive(int number) {
    return table.grants().stream()
        .filter(g -> g.id().equals(running(number, END).id()))
        .anyMatch(g -> g.isLive(NOW));
  }

  @Test
  void aGrantThatIsOverNeverRunsAgain() {
    assertThat(table.put(running(1, END), NOW)).isTrue();
    assertThat(isLive(1)).isTrue();
    Grant ended = grant(1, END, Optional.of(Grant.End.USER_REQUESTED));
    assertThat(table.put(ended, NOW)).isTrue();
    assertThat(table.put(running(1, END), NOW)).as("as it ran, put there again").isFalse();
    assertThat(table.put(ended, NOW)).as("said twice").isTrue();
    assertThat(table.remove(ended.id(), NOW)).contains(MACHINE);
    assertThat(table.put(running(1, END.plusSeconds(60)), NOW)).isFalse();
    assertThat(isLive(1)).isFalse();
  }

  @Test
  void norDoesOneOfWhichOnlyTheTombstoneIsKnown() {
    table.remove(running(1, END).id(), NOW);
    assertThat(table.put(running(1, END), NOW)).isFalse();
  }

  @Test
  void itIsForgottenOnceItsLeaseCouldNotRunAnyMore() {
    for (int i = 0; i < 3_000; i++) {
      Instant at = NOW.plus(Duration.ofHours(i));
      table.put(grant(i, at, Optional.of(Grant.End.USER_REQUESTED)), at);
      table.remove(running(i, at).id(), at);
    }
    assertThat(table.put(running(2_999, END), NOW)).isFalse();
    assertThat(table.put(running(1, NOW), NOW)).as("ended by its own end").isTrue();
    assertThat(isLive(1)).isFalse();
  }

  @Test
  void anOfficialEndCountsForTheEndThatItNames() {
    table.expire(running(1, END).id(), END);
    table.put(running(1, END), NOW);
    assertThat(isLive(1)).as("announced before its lease came").isFalse();
    table.put(running(1, END.plusSeconds(60)), NOW);
    assertThat(isLive(1)).as("extended across the old end").isTrue();
    table.expire(running(1, END).id(), END.plusSeconds(60));
    assertThat(isLive(1)).isFalse();
  }

  @Test
  void anOlderRestorePointDoesNotTakeThePlaceOfAYoungerOne() throws Exception {
    RestorePoint first = new RestorePoint(List.of(new RestorePoint.Displaced("r", "ssh")));
    table.put(GROUP, Optional.of(first), NOW);
    table.put(GROUP, Optional.of(RestorePoint.NOTHING), NOW.plusSeconds(3_600));
    assertThatThrownBy(() -> table.put(GROUP, Optional.of(first), NOW))
        .isInstanceOfSatisfying(
            PoisonException.class,
            e -> assertThat(e.reason()).isEqualTo(PoisonException.Cause.TOO_OLD));
    assertThatThrownBy(() -> table.put(GROUP, Optional.empty(), NOW))
        .isInstanceOf(PoisonException.class);
    assertThat(table.restorePoint(GROUP)).contains(RestorePoint.NOTHING);
    table.put(GROUP, Optional.empty(), NOW.plusSeconds(3_500));
    assertThat(table.restorePoint(GROUP)).as("clocks differ by a little").isEmpty();
  }
}
