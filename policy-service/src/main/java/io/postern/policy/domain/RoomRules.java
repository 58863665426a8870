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
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether the rules that a grant needs fit on its machine, as its enforcer last saw it. */
final class RoomRules {
  private static final String NAME = "room";
  private static final String NO_SHORTAGE = "no shortage is known";

  private RoomRules() {}

  /**
   * Holds the request against what room there is. One that replaces grants of its own takes their
   * place, and is let pass.
   */
  static Check check(AccessRequest request, MachineFacts machine, boolean replaces) {
    if (machine.shortage().isEmpty() && machine.publicShortage().isEmpty()) {
      return Check.passed(NAME, NO_SHORTAGE);
    }
    List<Need> needs =
        Stream.concat(
                machine.shortage().map(s -> new Need(rules(request, s), s)).stream(),
                machine.publicShortage().map(s -> new Need(translations(request), s)).stream())
            .filter(n -> n.rules() > 0)
            .toList();
    if (needs.isEmpty()) {
      return Check.passed(NAME, NO_SHORTAGE);
    }
    String told = needs.stream().map(Need::told).collect(Collectors.joining("; "));
    return replaces || needs.stream().allMatch(Need::fits)
        ? Check.passed(NAME, told)
        : Check.failed(NAME, ErrorCode.NO_ROOM, told);
  }

  /** Rules that are needed of those that are short. */
  private record Need(int rules, Shortage shortage) {
    boolean fits() {
      return rules <= shortage.rulesLeft();
    }

    String told() {
      return "%d rules are needed, %d fit: %s"
          .formatted(rules, shortage.rulesLeft(), shortage.reason());
    }
  }

  /** Rules of a firewall: one for each port and protocol, if any source is in the internet. */
  private static int translations(AccessRequest request) {
    if (request.sources().stream().noneMatch(Cidr::isPublicIpv4)) {
      return 0;
    }
    return Stream.of(Protocol.TCP, Protocol.UDP)
        .flatMap(p -> SharedRule.of(false, p, request.ports()).ports().stream())
        .mapToInt(p -> p.ports().to() - p.ports().from() + 1)
        .sum();
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
