package io.postern.policy.domain;

import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.PortSpec;
import io.postern.model.Requestor;
import java.util.List;

/** A grant on the machine that has not ended. */
public record RunningGrant(GrantId id, Owner owner, List<PortSpec> ports, List<Cidr> sources) {

  /** Whose it is: the same subject of another issuer is somebody else. */
  public record Owner(String subject, String issuer) {
    public static Owner of(Requestor person) {
      return new Owner(person.subject(), person.issuer());
    }
  }

  /** Whether the request asks again, as the same person, for everything that this grant gives. */
  boolean isSupersededBy(AccessRequest request) {
    return owner.equals(Owner.of(request.requestor()))
        && ports.stream().allMatch(p -> request.ports().stream().anyMatch(r -> r.covers(p)))
        && sources.stream().allMatch(s -> request.sources().stream().anyMatch(r -> r.contains(s)));
  }
}
