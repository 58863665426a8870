package io.postern.policy.domain;

import io.postern.model.Cidr;
import io.postern.model.Cloud;
import io.postern.model.ErrorCode;
import io.postern.model.MachineFacts;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.SharedRule;
import io.postern.model.Shortage;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether the rules that a grant needs fit on its machine, as its enforcer last saw it. */
final class RoomRules {
  private static final String NAME = "room";

  private RoomRules() {}

  /**
   * Holds the request against what room there is. One that replaces grants of its own takes their
   * place, and is let pass.
   */
  static Check check(AccessRequest request, MachineFacts machine, boolean replaces) {
    Optional<Shortage> shortage = machine.shortage();
    if (shortage.isEmpty()) {
      return Check.passed(NAME, "no shortage is known");
    }
    int needed = rules(request, shortage.get());
    int left = shortage.get().rulesLeft();
    String told =
        "%d rules are needed, %d fit: %s".formatted(needed, left, shortage.get().reason());
    return replaces || needed <= left
        ? Check.passed(NAME, told)
        : Check.failed(NAME, ErrorCode.NO_ROOM, told);
  }

  /**
   * Rules that the enforcers write for it: in Azure one for each protocol and address family,
   * unless it can share one that stands; in AWS one for each protocol, range of ports and source.
   */
  private static int rules(AccessRequest request, Shortage shortage) {
    if (request.machine().cloud() == Cloud.AZURE) {
      Set<SharedRule> needed = new HashSet<>();
      for (Cidr source : request.sources()) {
        for (Protocol protocol : List.of(Protocol.TCP, Protocol.UDP)) {
          needed.add(SharedRule.of(source.isIpv6(), protocol, request.ports()));
        }
      }
      needed.removeIf(r -> r.ports().isEmpty() || shortage.shared().contains(r));
      return needed.size();
    }
    int flows = request.ports().stream().mapToInt(RoomRules::flows).sum();
    return flows * (int) request.sources().stream().distinct().count();
  }

  private static int flows(PortSpec port) {
    return port.protocol() == Protocol.ANY ? 2 : 1;
  }
}
