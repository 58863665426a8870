package io.postern.enforcement.exposure;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.enforcement.domain.Lock;
import io.postern.model.GrantId;
import io.postern.model.PolicyId;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrictRulesTest {
  private static final PortSpec SSH = PortSpec.tcp(22);
  private static final DecidingRule THEIRS =
      DecidingRule.foreign("/subscriptions/x/networksecuritygroups/web-nsg", "allow-ssh");

  private static PortExposure port(PortSpec ports, boolean managed, Exposed... from) {
    return new PortExposure(ports, managed, List.of(from));
  }

  private static Exposed theirs(String... networks) {
    return new Exposed(AddressSet.of(networks), List.of(), List.of(THEIRS));
  }

  private static Exposed granted(String... networks) {
    GrantId grant = GrantId.parse(new UUID(1, 2).toString());
    return new Exposed(
        AddressSet.of(networks),
        List.of(),
        List.of(new DecidingRule("nsg", "postern-allow", List.of(grant))));
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0/0,                        CRITICAL, OPEN_TO_THE_WORLD",
    "::/0,                             CRITICAL, OPEN_TO_THE_WORLD",
    "0.0.0.0/1 128.0.0.0/1,            CRITICAL, OPEN_TO_THE_WORLD",
    "2000::/4,                         CRITICAL, OPEN_TO_THE_WORLD",
    "0.0.0.0/2,                        HIGH,     OPEN_TO_A_WIDE_RANGE",
    "198.51.100.0/23,                  HIGH,     OPEN_TO_A_WIDE_RANGE",
    "2001:db8::/63,                    HIGH,     OPEN_TO_A_WIDE_RANGE",
    "198.51.100.0/24,                  MEDIUM,   OPEN_TO_FEW_ADDRESSES",
    "203.0.113.7/32 10.0.0.0/8,        MEDIUM,   OPEN_TO_FEW_ADDRESSES",
    "2001:db8::/64,                    MEDIUM,   OPEN_TO_FEW_ADDRESSES",
    "10.0.0.0/8 168.63.129.16,         LOW,      OPEN_TO_THE_NETWORK",
    "fd00::/8,                         LOW,      OPEN_TO_THE_NETWORK"
  })
  void howFarItIsOpenIsHowBadItIs(String networks, Severity severity, Verdict.Reason code) {
    List<PortExposure> exposure = List.of(port(SSH, false, theirs(networks.split(" "))));
    assertThat(StrictRules.severity(exposure)).isEqualTo(severity);
    Verdict verdict = StrictRules.judge(false, exposure, Optional.empty(), List.of());
    assertThat(verdict.result()).isEqualTo(Verdict.Result.UNHEALTHY);
    assertThat(verdict.code()).isEqualTo(code);
    assertThat(verdict.reason()).startsWith("22/TCP is open to ").endsWith("web-nsg/allow-ssh");
  }

  @Test
  void whatGrantsAllowIsNoExposure() {
    List<PortExposure> exposure = List.of(port(SSH, true, granted("203.0.113.7")));
    assertThat(StrictRules.severity(exposure)).isEqualTo(Severity.NONE);
    assertThat(StrictRules.judge(true, exposure, Optional.empty(), List.of()).code())
        .isEqualTo(Verdict.Reason.LOCKED);
    assertThat(StrictRules.bypasses(exposure)).isEmpty();
  }

  @Test
  void namesTheRuleThatBypassesALockDown() {
    List<PortExposure> exposure =
        List.of(port(SSH, true, granted("203.0.113.7"), theirs("198.51.100.0/24")));
    Verdict verdict = StrictRules.judge(true, exposure, Optional.empty(), List.of());
    assertThat(verdict.code()).isEqualTo(Verdict.Reason.LOCKED_BUT_BYPASSED);
    assertThat(verdict.reason()).contains("web-nsg/allow-ssh");
    assertThat(StrictRules.bypasses(exposure))
        .singleElement()
        .satisfies(
            b -> {
              assertThat(b.bypass().rule()).isEqualTo("allow-ssh");
              assertThat(b.bypass().explanation()).isEqualTo("lets 198.51.100.0/24 reach 22/TCP");
            });
  }

  @Test
  void aManagementPortThatNoPolicyNamesIsNoBypassButOpenAllTheSame() {
    List<PortExposure> exposure =
        List.of(port(SSH, true), port(PortSpec.tcp(3389), false, theirs("0.0.0.0/0")));
    assertThat(StrictRules.judge(true, exposure, Optional.empty(), List.of()).code())
        .isEqualTo(Verdict.Reason.OPEN_TO_THE_WORLD);
    assertThat(StrictRules.bypasses(exposure)).isEmpty();
  }

  @Test
  void aSourceKnownByNameOnlyCountsAsAWideRange() {
    Exposed tag = new Exposed(AddressSet.NONE, List.of("AzureCloud"), List.of(THEIRS));
    assertThat(StrictRules.severity(List.of(port(SSH, false, tag)))).isEqualTo(Severity.HIGH);
  }

  @Test
  void looksAtThePoliciesPortsAndAtThoseOfDefenderThatNoneNames() {
    Lock lock =
        new Lock(
            List.of(new PolicyId("p")),
            List.of(
                new PortSpec(new PortRange(20, 30), Protocol.TCP),
                new PortSpec(PortRange.of(53), Protocol.ANY)),
            false,
            false);
    assertThat(ManagementPorts.of(Optional.of(lock)))
        .map(PortSpec::toString)
        .containsExactly("20-30/TCP", "53/TCP", "53/UDP", "3389/TCP", "5985/TCP", "5986/TCP");
  }

  @Test
  void cutsARangeWhereItsPortsDifferAndOnlyThere() {
    Lock lock =
        new Lock(
            List.of(new PolicyId("p")),
            List.of(new PortSpec(new PortRange(20, 30), Protocol.TCP)),
            false,
            false);
    Passage open = Passage.of(AddressSet.of("192.0.2.1"), List.of(THEIRS));
    List<PortExposure> exposure =
        ManagementPorts.exposure(
            Optional.of(lock),
            p -> List.of(22, 24, 26),
            (protocol, port) -> port >= 22 && port < 26 ? open : Passage.NOBODY);
    assertThat(exposure.stream().filter(PortExposure::managed))
        .map(e -> e.ports() + " " + e.reachableFrom().size())
        .containsExactly("20-21/TCP 0", "22-25/TCP 1", "26-30/TCP 0");
  }
}
