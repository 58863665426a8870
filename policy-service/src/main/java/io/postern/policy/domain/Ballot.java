package io.postern.policy.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * What one machine of an all-or-nothing request says. The last one counts until the request is
 * settled.
 *
 * @param together all machines of the request
 * @param reason why not; empty for a yes
 */
public record Ballot(
    RequestId request,
    MachineId machine,
    List<MachineId> together,
    boolean yes,
    String reason,
    Instant at) {
  public Ballot {
    together = List.copyOf(together);
  }

  static Ballot yes(AccessRequest r, Instant now) {
    return new Ballot(r.id(), r.machine(), r.together(), true, "", now);
  }

  static Ballot no(AccessRequest r, String reason, Instant now) {
    return new Ballot(r.id(), r.machine(), r.together(), false, reason, now);
  }

  GrantId grantId() {
    return GrantId.of(request, machine);
  }

  /** The machine whose partition settles the request. */
  public MachineId home() {
    return together.stream().min(Comparator.naturalOrder()).orElse(machine);
  }
}
