package io.postern.policy.domain;

import io.postern.model.Cidr;
import io.postern.model.Policy;
import io.postern.model.PortRule;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/** Whether sources are within what a policy's rule allows. */
final class SourceRules {
  /** Ranges that name no single place on the internet; allowed only where a policy names them. */
  private static final List<Cidr> SPECIAL =
      List.of(
              "0.0.0.0/8",
              "10.0.0.0/8",
              "100.64.0.0/10",
              "127.0.0.0/8",
              "169.254.0.0/16",
              "172.16.0.0/12",
              "192.168.0.0/16",
              "224.0.0.0/4",
              "240.0.0.0/4",
              "::/127",
              "::ffff:0:0/96",
              "64:ff9b::/96",
              "fc00::/7",
              "fe80::/10",
              "ff00::/8")
          .stream()
          .map(Cidr::parse)
          .toList();

  private SourceRules() {}

  /** What is wrong with the sources, in a sentence, or empty. */
  static Optional<String> violation(List<Cidr> sources, PortRule rule, Policy policy) {
    if (sources.isEmpty()) {
      return Optional.of("no source is given");
    }
    return rule.sources().isEmpty()
        ? withinWidth(sources, policy)
        : withinNetworks(sources, rule.sources());
  }

  private static Optional<String> withinNetworks(List<Cidr> sources, List<Cidr> allowed) {
    return sources.stream()
        .filter(s -> allowed.stream().noneMatch(a -> a.contains(s)))
        .findFirst()
        .map(s -> s + " does not lie in any of " + allowed);
  }

  private static Optional<String> withinWidth(List<Cidr> sources, Policy policy) {
    for (Cidr s : sources) {
      for (Cidr r : SPECIAL) {
        if (r.overlaps(s) && s.length() > 0) {
          return Optional.of(s + " lies in " + r + ", which the policy does not name");
        }
      }
    }
    return tooWide(sources, false, 32, policy.maxSourceWidthV4())
        .or(() -> tooWide(sources, true, 128, policy.maxSourceWidthV6()));
  }

  // Summed, because 0.0.0.0/1 and 128.0.0.0/1 together are the internet.
  private static Optional<String> tooWide(List<Cidr> sources, boolean ipv6, int bits, int length) {
    BigInteger asked = BigInteger.ZERO;
    for (Cidr s : sources) {
      if (s.isIpv6() == ipv6) {
        asked = asked.add(s.size());
      }
    }
    if (asked.compareTo(BigInteger.ONE.shiftLeft(bits - length)) <= 0) {
      return Optional.empty();
    }
    return Optional.of(
        "%s together are %s addresses, more than a /%d, the policy's maximum source width"
            .formatted(sources, asked, length));
  }
}
