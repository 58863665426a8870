package io.postern.policy.domain;

import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.PortSpec;
import java.util.List;

/** A grant on the machine that has not ended. */
public record RunningGrant(GrantId id, String requestor, List<PortSpec> ports, List<Cidr> sources) {

  /** Whether the request asks again, as the same person, for everything that this grant gives. */
  boolean isSupersededBy(AccessRequest request) {
    return requestor.equals(request.requestor().subject())
        && ports.stream().allMatch(p -> request.ports().stream().anyMatch(r -> r.covers(p)))
        && sources.stream().allMatch(s -> request.sources().stream().anyMatch(r -> r.contains(s)));
  }
}
