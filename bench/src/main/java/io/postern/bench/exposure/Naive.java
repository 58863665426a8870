package io.postern.bench.exposure;

import io.postern.azure.domain.NsgRule;
import io.postern.azure.domain.ObservedNsg;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The peer: the rules of both groups in order, the first that matches decides, asked about one
 * address after the other. IPv4 and CIDRs only.
 */
final class Naive {
  private record Rule(boolean allows, int from, int to, long first, long last) {
    boolean matches(long address, int port) {
      return from <= port && port <= to && first <= address && address <= last;
    }
  }

  private static final long NETWORK_FIRST = number("10.0.0.0");
  private static final long NETWORK_LAST = number("10.255.255.255");
  private static final long BALANCER = number("168.63.129.16");

  private final List<List<Rule>> layers = new ArrayList<>();

  /** Addresses between which the answer may change. */
  final long[] borders;

  Naive(List<ObservedNsg> groups) {
    List<Long> found = new ArrayList<>(List.of(0L, NETWORK_FIRST, NETWORK_LAST + 1, BALANCER));
    for (ObservedNsg group : groups) {
      List<Rule> layer = new ArrayList<>();
      group.rules().stream()
          .sorted(Comparator.comparingInt(NsgRule::priority))
          .forEach(r -> layer.add(rule(r)));
      layer.forEach(
          r -> {
            found.add(r.first());
            found.add(Math.min(r.last() + 1, 0xffff_ffffL));
          });
      layers.add(layer);
    }
    borders = found.stream().mapToLong(Long::longValue).distinct().sorted().toArray();
  }

  private static Rule rule(NsgRule r) {
    String[] ports = r.destinationPorts().getFirst().split("-", -1);
    String[] cidr = r.sources().getFirst().split("/", -1);
    long first = number(cidr[0]);
    return new Rule(
        r.allows(),
        Integer.parseInt(ports[0]),
        Integer.parseInt(ports[ports.length - 1]),
        first,
        first + (1L << (32 - Integer.parseInt(cidr[1]))) - 1);
  }

  static long number(String address) {
    long n = 0;
    for (String octet : address.split("\\.", -1)) {
      n = n << 8 | Integer.parseInt(octet);
    }
    return n;
  }

  boolean reaches(long address, int port) {
    return layers.stream().allMatch(layer -> allows(layer, address, port));
  }

  private static boolean allows(List<Rule> layer, long address, int port) {
    for (Rule rule : layer) {
      if (rule.matches(address, port)) {
        return rule.allows();
      }
    }
    return (NETWORK_FIRST <= address && address <= NETWORK_LAST) || address == BALANCER;
  }

  /** How many of the borders are let in, on all ports together. */
  int open(int[] ports) {
    int open = 0;
    for (int port : ports) {
      for (long address : borders) {
        if (reaches(address, port)) {
          open++;
        }
      }
    }
    return open;
  }
}
