package io.postern.enforcement.domain;

import io.postern.model.PolicyId;
import io.postern.model.PortSpec;
import java.util.List;

/**
 * The lock-down of one machine, all its policies taken together.
 *
 * @param policies sorted
 * @param ports sorted, without doubles
 * @param override whether it goes before rules that were there (Azure); true when any policy says
 *     so
 * @param lockShared whether groups that other machines share may be locked (AWS); true when any
 *     policy says so
 * @param standing whether grants may go into a standing group where a network interface takes no
 *     other (AWS); true when any policy says so
 */
public record Lock(
    List<PolicyId> policies,
    List<PortSpec> ports,
    boolean override,
    boolean lockShared,
    boolean standing) {
  public Lock {
    policies = List.copyOf(policies);
    ports = List.copyOf(ports);
  }

  /** One without use of standing groups. */
  public Lock(List<PolicyId> policies, List<PortSpec> ports, boolean override, boolean lockShared) {
    this(policies, ports, override, lockShared, false);
  }
}
