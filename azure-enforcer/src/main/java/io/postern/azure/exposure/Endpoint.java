package io.postern.azure.exposure;

import io.postern.enforcement.exposure.AddressSet;
import io.postern.enforcement.exposure.Span;
import io.postern.model.RuleSetId;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One address of a machine, with everything that stands before it.
 *
 * @param address private
 * @param front the public address that leads to it
 * @param subnetGroup the subnet's network security group
 * @param nicGroup the interface's
 * @param network id of the virtual network in lower case
 * @param spaces what the tag VirtualNetwork stands for: the network's own address space and its
 *     peers'
 * @param groups ids in lower case of the application security groups that it is in
 * @param routes of the subnet's route table, if it has one, and behind them those to the network's
 *     own address space and its peers'; of equally long ones the first counts
 */
public record Endpoint(
    String address,
    Front front,
    Optional<RuleSetId> subnetGroup,
    Optional<RuleSetId> nicGroup,
    String network,
    AddressSet spaces,
    Set<String> groups,
    List<Route> routes) {

  /** A public address. */
  public enum Front {
    NONE,
    /** Open where no group says otherwise. */
    BASIC,
    /** Closed where no group says otherwise. */
    STANDARD
  }

  /**
   * A route.
   *
   * @param hop address of the appliance that it leads to; empty for none
   */
  public record Route(Span prefix, String hop) {}

  public Endpoint {
    groups = Set.copyOf(groups);
    routes = List.copyOf(routes);
  }
}
