package io.postern.aws.domain;

import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;

/**
 * Who gets through, by what protocol, to which of the ports that a test looks at: a bit for each
 * triple, by walking over all of them.
 */
record Reach(List<Peer> peers, List<Integer> ports) {
  private static final List<String> PROTOCOLS = List.of("tcp", "udp", "icmp", "icmpv6", "47");

  /** What the rules let in. */
  BitSet of(Iterable<Rule> rules) {
    BitSet let = new BitSet();
    for (Rule rule : rules) {
      Permission p = rule.permission();
      int peer = peers.indexOf(p.peer());
      if (peer < 0) {
        throw new IllegalArgumentException("not a peer of this test: " + p.peer());
      }
      for (int protocol = 0; protocol < PROTOCOLS.size(); protocol++) {
        String name = PROTOCOLS.get(protocol);
        if (!speaks(p, name)) {
          continue;
        }
        for (int port = 0; port < ports.size(); port++) {
          if (admits(p, name, ports.get(port))) {
            let.set(bit(peer, protocol, port));
          }
        }
      }
    }
    return let;
  }

  private int bit(int peer, int protocol, int port) {
    return (peer * PROTOCOLS.size() + protocol) * ports.size() + port;
  }

  private static boolean hasPorts(String protocol) {
    return protocol.equals("tcp") || protocol.equals("udp");
  }

  private static boolean speaks(Permission p, String protocol) {
    if (p.protocol().equals("-1")) {
      return !(protocol.equals("icmp") && p.peer().kind() == Peer.Kind.IPV6)
          && !(protocol.equals("icmpv6") && p.peer().kind() == Peer.Kind.IPV4);
    }
    return p.protocol().equals(protocol);
  }

  /** Whether a permission that speaks the protocol lets it through to the port. */
  private static boolean admits(Permission p, String protocol, int port) {
    return p.protocol().equals("-1") || !hasPorts(protocol) || (p.from() <= port && port <= p.to());
  }

  /** Everything that goes to one of the ports. */
  BitSet to(Collection<PortSpec> specs) {
    BitSet all = new BitSet();
    for (int protocol = 0; protocol < PROTOCOLS.size(); protocol++) {
      String name = PROTOCOLS.get(protocol);
      for (int port = 0; hasPorts(name) && port < ports.size(); port++) {
        int at = ports.get(port);
        if (specs.stream().anyMatch(s -> hits(s, name, at))) {
          for (int peer = 0; peer < peers.size(); peer++) {
            all.set(bit(peer, protocol, port));
          }
        }
      }
    }
    return all;
  }

  static boolean hits(PortSpec spec, String protocol, int port) {
    boolean speaks =
        spec.protocol() == Protocol.ANY || spec.protocol().name().equalsIgnoreCase(protocol);
    return speaks && spec.ports().from() <= port && port <= spec.ports().to();
  }

  /** The first without the second. */
  static BitSet less(BitSet all, BitSet gone) {
    BitSet left = (BitSet) all.clone();
    left.andNot(gone);
    return left;
  }

  /** In words. */
  List<String> shown(BitSet let) {
    List<String> lines = new ArrayList<>();
    let.stream()
        .forEach(
            bit ->
                lines.add(
                    PROTOCOLS.get(bit / ports.size() % PROTOCOLS.size())
                        + " "
                        + ports.get(bit % ports.size())
                        + " "
                        + peers.get(bit / ports.size() / PROTOCOLS.size())));
    return lines;
  }
}
