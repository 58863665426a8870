package io.postern.aws.exposure;

import io.postern.aws.domain.Limits;
import io.postern.aws.domain.Observed;
import io.postern.aws.domain.Peer;
import io.postern.aws.domain.Rule;
import io.postern.model.Shortage;
import java.util.List;
import java.util.Optional;

/** How many rules of grants an instance has room for, by EC2's quotas. */
final class Room {
  private Room() {}

  /**
   * The shortage of the interface that is worst off, if any is: an interface without the instance's
   * access group needs a free place for it, one with it takes what the group still takes.
   */
  static Optional<Shortage> of(
      String instance,
      List<Observed.Interface> interfaces,
      Surroundings surroundings,
      Limits limits) {
    Optional<Shortage> worst = Optional.empty();
    for (Observed.Interface eni : interfaces) {
      worst = Shortage.worse(worst, of(instance, eni, surroundings, limits));
    }
    return worst;
  }

  private static Optional<Shortage> of(
      String instance, Observed.Interface eni, Surroundings surroundings, Limits limits) {
    Optional<String> group =
        eni.groups().stream()
            .filter(g -> surroundings.accessGroupOf(g).filter(instance::equals).isPresent())
            .findFirst();
    if (group.isPresent()) {
      return Shortage.of(
          limits.rulesPerGroup() - rulesOfOneFamily(surroundings.rules(group.get())),
          "access group %s is near its quota of %d rules"
              .formatted(group.get(), limits.rulesPerGroup()));
    }
    if (eni.groups().size() >= limits.groupsPerInterface()) {
      return Shortage.of(
          0,
          "%s has %d security groups, as many as EC2 allows: there is no room for an access group"
              .formatted(eni.id(), eni.groups().size()));
    }
    return Optional.empty();
  }

  private static int rulesOfOneFamily(List<Rule> rules) {
    int ipv6 =
        (int) rules.stream().filter(r -> r.permission().peer().kind() == Peer.Kind.IPV6).count();
    return Math.max(ipv6, rules.size() - ipv6);
  }
}
