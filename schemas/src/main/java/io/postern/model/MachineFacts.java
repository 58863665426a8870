package io.postern.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A machine as its cloud describes it.
 *
 * @param shortage set when hardly any grant fits on it any more, as its enforcer last saw it
 * @param publicShortage likewise for grants with sources in the internet, which come through a
 *     firewall; in rules of that, one for each port and protocol
 */
public record MachineFacts(
    MachineId id,
    String name,
    Map<String, String> tags,
    List<String> privateAddresses,
    List<String> publicAddresses,
    boolean running,
    List<RuleSetId> ruleSets,
    Optional<Shortage> shortage,
    Optional<Shortage> publicShortage) {

  /** With room for grants, as far as is known. */
  public MachineFacts(
      MachineId id,
      String name,
      Map<String, String> tags,
      List<String> privateAddresses,
      List<String> publicAddresses,
      boolean running,
      List<RuleSetId> ruleSets) {
    this(
        id,
        name,
        tags,
        privateAddresses,
        publicAddresses,
        running,
        ruleSets,
        Optional.empty(),
        Optional.empty());
  }

  public MachineFacts {
    tags = Map.copyOf(tags);
    privateAddresses = List.copyOf(privateAddresses);
    publicAddresses = List.copyOf(publicAddresses);
    ruleSets = List.copyOf(ruleSets);
  }

  /** What is known of a machine that nobody has scanned: its id, and the name in it. */
  public static MachineFacts unseen(MachineId id) {
    return new MachineFacts(id, id.localName(), Map.of(), List.of(), List.of(), false, List.of());
  }
}
