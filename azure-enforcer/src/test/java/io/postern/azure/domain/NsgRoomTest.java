package io.postern.azure.domain;

import static io.postern.azure.Samples.MARKS;
import static io.postern.azure.Samples.done;
import static io.postern.azure.Samples.facts;
import static io.postern.azure.Samples.grant;
import static io.postern.azure.Samples.intent;
import static io.postern.azure.Samples.lock;
import static io.postern.azure.Samples.machine;
import static io.postern.azure.Samples.nsg;
import static io.postern.azure.Samples.nsgId;
import static io.postern.azure.Samples.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.enforcement.domain.MachineIntent;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.SharedRule;
import io.postern.model.Shortage;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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

  @Test
  void aRuleTakesFurtherSourcesUnlessTheGroupsAddressesAreShort() {
    PortSpec ssh = PortSpec.tcp(22);
    MachineIntent granted =
        machine(
            facts("web", "10.1.0.4"),
            Optional.of(lock(false, ssh)),
            grant("web", "203.0.113.1", ssh));
    ObservedNsg open =
        done(nsg(), NsgPlanner.plan(intent("web-nsg", granted), nsg(), MARKS).steps());
    int used = Budget.mostValues(open.rules());
    SharedRule shared = SharedRule.of(false, Protocol.TCP, List.of(ssh));
    assertThat(crowded(granted, open, full(101, 999)))
        .hasValueSatisfying(s -> assertThat(s.shared()).containsExactly(shared));
    NsgRule[] wide = full(101, 999);
    wide[0] = wide[0].from(addresses(Budget.MAX_VALUES - used - (wide.length - 1) - 11));
    assertThat(crowded(granted, open, wide))
        .hasValueSatisfying(s -> assertThat(s.shared()).containsExactly(shared));
    wide[0] = wide[0].from(addresses(Budget.MAX_VALUES - used - (wide.length - 1) - 10));
    assertThat(crowded(granted, open, wide))
        .hasValueSatisfying(s -> assertThat(s.shared()).isEmpty());
  }

  private static Optional<Shortage> crowded(MachineIntent m, ObservedNsg ours, NsgRule... theirs) {
    return NsgRoom.of(
        nsgId("web-nsg"),
        m,
        nsg(Stream.concat(ours.rules().stream(), Stream.of(theirs)).toArray(NsgRule[]::new)),
        MARKS);
  }

  private static List<String> addresses(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "198.18.%d.%d".formatted(i / 256, i % 256))
        .toList();
  }
}
