package io.postern.request.web;

import io.postern.event.ExposedSources;
import io.postern.event.MachineAssessed;
import io.postern.event.PortExposure;
import io.postern.log.Convert;
import io.postern.model.Cidr;
import io.postern.model.Cloud;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A policy for machines as they are: the ports that are really open, from where they are really
 * reached. It is a draft for people, and nothing is put: pure.
 */
final class SuggestedPolicy {
  /** Beyond these a list says less than leaving the source to who asks. */
  private static final int MOST_SOURCES = 20;

  /** Half of IPv4: whoever is that open is open to the world. */
  private static final BigInteger WORLD = BigInteger.ONE.shiftLeft(31);

  /** As Defender's just-in-time access suggests. */
  private static final Duration LONGEST = Duration.ofHours(3);

  private SuggestedPolicy() {}

  /** Empty when no port of these machines is open to anybody without a grant. */
  static Optional<Policy> of(PolicyId name, List<MachineAssessed> machines, Set<String> groups) {
    Map<PortSpec, Set<String>> open = new TreeMap<>();
    for (MachineAssessed m : machines) {
      for (PortExposure e : m.getExposure()) {
        for (ExposedSources s : MachineReports.ungranted(e)) {
          open.computeIfAbsent(Convert.toModel(e.getPorts()), p -> new TreeSet<>())
              .addAll(s.getOmitted() > 0 ? List.of("*") : s.getSources());
        }
      }
    }
    if (open.isEmpty()) {
      return Optional.empty();
    }
    boolean azure =
        machines.stream().anyMatch(m -> new MachineId(m.getMachineId()).cloud() == Cloud.AZURE);
    return Optional.of(
        new Policy(
            name,
            0,
            machines.stream()
                .map(m -> new MachineId(m.getMachineId()))
                .sorted()
                .<MachineSelector>map(MachineSelector.ById::new)
                .toList(),
            open.entrySet().stream()
                .map(e -> new PortRule(e.getKey(), sources(e.getValue()), LONGEST))
                .toList(),
            groups,
            Set.of(),
            true,
            Optional.empty(),
            // Behind the rules that are there the lock-down of an open port would close nothing.
            azure ? Policy.ExistingRules.OVERRIDE : Policy.ExistingRules.PRIORITY,
            Policy.SharedGroups.REFUSE,
            32,
            128));
  }

  /** Empty, which stands for any, where naming them says nothing or cannot be done. */
  private static List<Cidr> sources(Set<String> texts) {
    try {
      List<Cidr> all = texts.stream().map(Cidr::parse).sorted().toList();
      BigInteger ipv4 =
          all.stream()
              .filter(c -> !c.isIpv6())
              .map(Cidr::size)
              .reduce(BigInteger.ZERO, BigInteger::add);
      return all.size() > MOST_SOURCES || ipv4.compareTo(WORLD) >= 0 ? List.of() : all;
    } catch (InvalidValueException e) {
      return List.of();
    }
  }
}
