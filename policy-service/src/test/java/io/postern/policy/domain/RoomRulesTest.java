package io.postern.policy.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.Cidr;
import io.postern.model.ErrorCode;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.model.SharedRule;
import io.postern.model.Shortage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What there must be room for on a machine in Azure. */
class RoomRulesTest {
  private static final MachineId ID =
      new MachineId(
          "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop"
              + "/providers/Microsoft.Compute/virtualMachines/web-01");
  private static final PortSpec SSH = PortSpec.tcp(22);
  private static final String OUTSIDE = "203.0.113.7";
  private static final Shortage FULL = new Shortage(0, "the group is full");
  private static final Shortage FIREWALL = new Shortage(3, "Azure Firewall fw has 247 NAT rules");

  private static Check room(
      Optional<Shortage> shortage,
      Optional<Shortage> publicShortage,
      List<PortSpec> ports,
      String... sources) {
    AccessRequest request =
        new AccessRequest(
            new RequestId(UUID.randomUUID()),
            ID,
            new Requestor("alice", "issuer", Set.of("sre")),
            ports,
            List.of(sources).stream().map(Cidr::parse).toList(),
            Optional.empty(),
            Duration.ofHours(1),
            Optional.empty(),
            false,
            Instant.EPOCH,
            "digest");
    MachineFacts machine =
        new MachineFacts(
            ID,
            "web-01",
            Map.of(),
            List.of(),
            List.of(),
            true,
            List.of(),
            shortage,
            publicShortage);
    return RoomRules.check(request, machine, false);
  }

  private static Check inGroup(Shortage shortage, List<PortSpec> ports, String... sources) {
    return room(Optional.of(shortage), Optional.empty(), ports, sources);
  }

  private static Check behindFirewall(List<PortSpec> ports, String... sources) {
    return room(Optional.empty(), Optional.of(FIREWALL), ports, sources);
  }

  private static void assertNoRoom(Check check, String why) {
    assertThat(check.result()).isEqualTo(Check.Result.FAILED);
    assertThat(check.code()).isEqualTo(ErrorCode.NO_ROOM);
    assertThat(check.detail()).contains(why);
  }

  private static void assertRoom(Check check) {
    assertThat(check.result()).as(check.detail()).isEqualTo(Check.Result.PASSED);
  }

  @Test
  void aRuleThatTakesFurtherSourcesNeedsNoRoom() {
    Shortage shared = FULL.with(List.of(SharedRule.of(false, Protocol.TCP, List.of(SSH))));
    assertNoRoom(inGroup(FULL, List.of(SSH), OUTSIDE), "1 rules are needed, 0 fit: the group");
    assertRoom(inGroup(shared, List.of(SSH), OUTSIDE));
    assertRoom(inGroup(shared, List.of(SSH, SSH), OUTSIDE, "198.51.100.1"));
  }

  @Test
  void whatDiffersFromThatRuleNeedsOneOfItsOwn() {
    Shortage shared = FULL.with(List.of(SharedRule.of(false, Protocol.TCP, List.of(SSH))));
    assertNoRoom(inGroup(shared, List.of(PortSpec.tcp(23)), OUTSIDE), "1 rules are needed");
    assertNoRoom(inGroup(shared, List.of(SSH, PortSpec.tcp(23)), OUTSIDE), "1 rules are needed");
    assertNoRoom(inGroup(shared, List.of(SSH), OUTSIDE, "2001:db8::1"), "1 rules are needed");
    PortSpec any = new PortSpec(PortRange.of(22), Protocol.ANY);
    assertNoRoom(inGroup(shared, List.of(any), OUTSIDE), "1 rules are needed");
  }

  @Test
  void sourcesInTheInternetNeedARuleOfTheFirewallForEachPortAndProtocol() {
    assertRoom(behindFirewall(List.of(SSH), OUTSIDE, "198.51.100.1"));
    assertRoom(behindFirewall(List.of(new PortSpec(new PortRange(20, 22), Protocol.TCP)), OUTSIDE));
    assertNoRoom(
        behindFirewall(List.of(new PortSpec(new PortRange(20, 23), Protocol.TCP)), OUTSIDE),
        "4 rules are needed, 3 fit: Azure Firewall fw");
    assertNoRoom(
        behindFirewall(
            List.of(new PortSpec(new PortRange(22, 23), Protocol.ANY)), "10.1.2.3", OUTSIDE),
        "4 rules are needed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.1.2.3", "172.16.9.0/24", "192.168.0.1", "100.64.0.1", "2001:db8::1"})
  void sourcesThatDoNotComeInThroughTheFirewallNeedNothingOfIt(String source) {
    assertRoom(behindFirewall(List.of(new PortSpec(new PortRange(20, 40), Protocol.TCP)), source));
  }

  @Test
  void bothMustHaveRoom() {
    Check check = room(Optional.of(FULL), Optional.of(FIREWALL), List.of(SSH), OUTSIDE);
    assertNoRoom(check, "the group is full");
    assertThat(check.detail()).contains("Azure Firewall fw");
  }
}
