package io.postern.aws.exposure;

import io.postern.aws.domain.Rule;
import io.postern.enforcement.exposure.AddressSet;
import java.util.List;
import java.util.Optional;

/** What stands around the instances of a scope, as it was read last. */
public interface Surroundings {

  /** The inbound rules of a security group; none of one that is not there. */
  List<Rule> rules(String group);

  /** The account that a group belongs to; empty when unknown. */
  Optional<String> owner(String group);

  /** The instance whose access group this is; empty for any other group. */
  Optional<String> accessGroupOf(String group);

  /** The entries of a prefix list; empty when they are not known. */
  Optional<AddressSet> prefixList(String id);

  /** The private addresses of the network interfaces in a group. */
  AddressSet members(String group);
}
