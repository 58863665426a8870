package io.postern.request.domain;

import io.postern.model.ApprovalLevel;
import io.postern.model.Cidr;
import io.postern.model.MachineId;
import io.postern.model.PortSpec;
import io.postern.model.Requestor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What approvers of one machine of a request are asked, as policy-service told it last.
 *
 * @param digest what an approval must name
 * @param level the level whose turn it is, from 1
 * @param approvers who has approved so far
 * @param askedAt when this was told; a later one replaces it
 */
public record ApprovalView(
    MachineId machine,
    String requestor,
    List<PortSpec> ports,
    List<Cidr> sources,
    Duration duration,
    String policy,
    String digest,
    int level,
    List<ApprovalLevel> levels,
    List<String> approvers,
    Instant timesOutAt,
    Instant askedAt) {
  public ApprovalView {
    ports = List.copyOf(ports);
    sources = List.copyOf(sources);
    levels = List.copyOf(levels);
    approvers = List.copyOf(approvers);
  }

  /** Whether the person may approve or refuse, at whatever level. */
  public boolean names(Requestor person) {
    return !person.subject().equals(requestor) && levels.stream().anyMatch(l -> l.names(person));
  }
}
