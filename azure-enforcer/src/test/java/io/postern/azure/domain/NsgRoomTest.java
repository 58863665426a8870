package io.postern.azure.domain;

import static io.postern.azure.Samples.MARKS;
import static io.postern.azure.Samples.facts;
import static io.postern.azure.Samples.lock;
import static io.postern.azure.Samples.machine;
import static io.postern.azure.Samples.nsg;
import static io.postern.azure.Samples.nsgId;
import static io.postern.azure.Samples.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.enforcement.domain.MachineIntent;
import io.postern.model.PortSpec;
import io.postern.model.Shortage;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NsgRoomTest {
  private static final MachineIntent LOCKED =
      machine(
          facts("web", "10.1.0.4"), Optional.of(lock(false, PortSpec.tcp(22), PortSpec.tcp(3389))));

  private static Optional<Shortage> room(MachineIntent machine, NsgRule... rules) {
    return NsgRoom.of(nsgId("web-nsg"), machine, nsg(rules), MARKS);
  }

  private static NsgRule[] full(int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(p -> rule("r" + p, true, p, "203.0.113.9", "443"))
        .toArray(NsgRule[]::new);
  }

  @Test
  void thereIsRoomInAnOrdinaryGroupAndAroundAMachineThatIsNotLockedDown() {
    assertThat(room(LOCKED, rule("https", true, 300, "*", "443"))).isEmpty();
    assertThat(room(machine(facts("web", "10.1.0.4"), Optional.empty()), full(100, 999))).isEmpty();
  }

  @Test
  void theFreePrioritiesBelowTheLockDownsCount() {
    assertThat(room(LOCKED, full(103, 999)))
        .hasValueSatisfying(
            s -> {
              assertThat(s.rulesLeft()).isEqualTo(3);
              assertThat(s.reason()).contains("web-nsg").contains("free priority");
            });
    assertThat(room(LOCKED, full(100, 999))).map(Shortage::rulesLeft).contains(0);
    assertThat(room(LOCKED, full(100, 988))).isEmpty();
  }

  @Test
  void whatDeniesEverybodyInFrontLeavesRoomOnlyBeforeItOnItsOwnPort() {
    NsgRule ssh = rule("no-ssh", false, 102, "*", "22");
    assertThat(room(LOCKED, ssh)).isEmpty();
    NsgRule rdp = rule("no-rdp", false, 104, "*", "3389");
    assertThat(room(LOCKED, ssh, rdp)).map(Shortage::rulesLeft).contains(3);
    NsgRule one = rule("not-him", false, 100, "203.0.113.9", "*");
    assertThat(room(LOCKED, one)).isEmpty();
  }

  @Test
  void azuresLimitsOfAWholeGroupCount() {
    assertThat(room(LOCKED, full(1_100, 2_095)))
        .hasValueSatisfying(
            s -> {
              assertThat(s.rulesLeft()).isEqualTo(4);
              assertThat(s.reason()).contains("1000 rules");
            });
  }
}
