package io.postern.request.defender;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.RequestId;
import io.postern.request.domain.Connect;
import io.postern.request.domain.GrantView;
import io.postern.request.domain.Owner;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class JitDocumentsTest {
  private static final Instant T = Instant.parse("2026-11-24T10:00:00Z");
  private static final String FIREWALL = "198.51.100.1";
  private static final PortSpec SSH = PortSpec.tcp(22);

  private static Optional<Integer> mapped(List<PortSpec> ports, Connect... connect) {
    MachineId machine =
        new MachineId(
            "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web-01");
    RequestId request = new RequestId(new UUID(0, 1));
    GrantView.Given given =
        new GrantView.Given(
            new Owner("alice", "idp"),
            ports,
            List.of(Cidr.parse("203.0.113.7")),
            T,
            T,
            T.plusSeconds(60),
            "defender.westeurope.default.0123456789ab",
            List.of());
    GrantView grant =
        new GrantView(
            GrantId.of(request, machine),
            request,
            machine,
            Optional.of(given),
            Optional.empty(),
            Optional.of(new GrantView.Opened(T, List.of(connect))),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return JitDocuments.mappedPort(grant, given).stream().boxed().findFirst();
  }

  @Test
  void tellsThePortOfAFirewallForTcpBeforeUdp() {
    PortSpec any = new PortSpec(PortRange.of(22), Protocol.ANY);

    assertThat(mapped(List.of(SSH), new Connect(FIREWALL, 31_000, "TCP"))).contains(31_000);
    assertThat(
            mapped(
                List.of(any),
                new Connect(FIREWALL, 32_000, "UDP"),
                new Connect(FIREWALL, 31_000, "TCP")))
        .contains(31_000);
  }

  @Test
  void tellsNoneWhereNothingIsMappedOrItIsNotKnownWhichPort() {
    assertThat(mapped(List.of(SSH), new Connect("203.0.113.99", 22, "TCP"))).isEmpty();
    assertThat(
            mapped(
                List.of(SSH, PortSpec.tcp(3389)),
                new Connect(FIREWALL, 31_000, "TCP"),
                new Connect(FIREWALL, 32_000, "TCP")))
        .isEmpty();
  }
}
