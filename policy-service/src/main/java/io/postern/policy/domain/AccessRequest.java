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
 * @param findings what was looked up for it outside
 * @param together all machines of a request that is granted for all of them or for none; empty when
 *     each is decided by itself
 * @param grantId the id of the grant that it yields, which follows from request and machine
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
    String digest,
    List<Finding> findings,
    List<MachineId> together,
    GrantId grantId) {
  public AccessRequest {
    ports = List.copyOf(ports);
    sources = List.copyOf(sources);
    findings = List.copyOf(findings);
    together = List.copyOf(together);
  }

  /** A request for this machine, whose grant's id is found. */
  public AccessRequest(
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
      String digest,
      List<Finding> findings,
      List<MachineId> together) {
    this(
        id,
        machine,
        requestor,
        ports,
        sources,
        startAt,
        duration,
        justification,
        breakGlass,
        submittedAt,
        digest,
        findings,
        together,
        GrantId.of(id, machine));
  }

  /** A request for this machine alone, for which nothing was looked up. */
  public AccessRequest(
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
    this(
        id,
        machine,
        requestor,
        ports,
        sources,
        startAt,
        duration,
        justification,
        breakGlass,
        submittedAt,
        digest,
        List.of(),
        List.of());
  }

  /** The same request with other findings. */
  public AccessRequest withFindings(List<Finding> other) {
    return with(other, together);
  }

  /** The same request as one of several that are granted together. */
  public AccessRequest withTogether(List<MachineId> all) {
    return with(findings, all);
  }

  private AccessRequest with(List<Finding> found, List<MachineId> all) {
    return new AccessRequest(
        id,
        machine,
        requestor,
        ports,
        sources,
        startAt,
        duration,
        justification,
        breakGlass,
        submittedAt,
        digest,
        found,
        all,
        grantId);
  }

  /** The sources in order, each once. */
  public List<Cidr> canonicalSources() {
    return sources.size() == 1 ? sources : sources.stream().distinct().sorted().toList();
  }

  /** When it begins if it is granted at this moment. */
  Instant startsAt(Instant now) {
    return startAt.filter(s -> s.isAfter(now)).orElse(now);
  }
}
