package io.postern.azure.exposure;

import io.postern.azure.domain.ObservedFirewall;
import io.postern.azure.domain.ObservedNsg;
import io.postern.enforcement.exposure.Address;
import io.postern.enforcement.exposure.AddressSet;
import io.postern.model.RuleSetId;
import java.util.List;
import java.util.Optional;

/** What stands around the machines of a subscription, as it was read last. */
public interface Surroundings {

  /** Empty for a group that is gone. */
  Optional<ObservedNsg> group(RuleSetId id);

  List<Firewall> firewalls();

  /**
   * Addresses in one virtual network of the members of an application security group.
   *
   * @param network id in lower case
   * @param group likewise
   */
  AddressSet members(String network, String group);

  /**
   * An Azure Firewall.
   *
   * @param privateAddress as which machines see it
   */
  record Firewall(RuleSetId id, Optional<Address> privateAddress, ObservedFirewall observed) {}
}
