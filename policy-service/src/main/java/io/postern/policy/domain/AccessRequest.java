package io.postern.policy.domain;

import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What somebody asks for, for one machine.
 *
 * @param startAt from when on; empty for as soon as it is granted
 * @param breakGlass whether it is an emergency
 * @param submittedAt when the log took the request
 * @param digest SHA-256, hex, of the whole request's content
 */
public record AccessRequest(
    RequestId id,
    MachineId machine,
    Requestor requestor,
    List<PortSpec> ports,
    List<Cidr> sources,
    Optional<Instant> startAt,
    Duration duration,
    Optional<String> justification,
    boolean breakGlass,
    Instant submittedAt,
    String digest) {
  public AccessRequest {
    ports = List.copyOf(ports);
    sources = List.copyOf(sources);
  }

  /** When it begins if it is granted at this moment. */
  Instant startsAt(Instant now) {
    return startAt.filter(s -> s.isAfter(now)).orElse(now);
  }

  public GrantId grantId() {
    return GrantId.of(id, machine);
  }
}
