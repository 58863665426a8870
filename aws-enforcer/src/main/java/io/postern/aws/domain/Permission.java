package io.postern.aws.domain;

import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What makes a rule the same rule to EC2: protocol, ports and one source; description and tags are
 * no part of it. For ICMP the ports are type and code; where ports mean nothing both are -1.
 *
 * @param protocol {@code tcp}, {@code udp}, {@code icmp}, {@code icmpv6}, another protocol's
 *     number, or {@code -1} for all
 */
public record Permission(String protocol, int from, int to, Peer peer)
    implements Comparable<Permission> {
  private static final int LAST_PORT = 65535;
  private static final Comparator<Permission> ORDER =
      Comparator.comparing(Permission::protocol)
          .thenComparingInt(Permission::from)
          .thenComparingInt(Permission::to)
          .thenComparing(Permission::peer);

  public static Permission tcp(int from, int to, Peer peer) {
    return new Permission("tcp", from, to, peer);
  }

  private boolean hasPorts() {
    return protocol.equals("tcp") || protocol.equals("udp");
  }

  private boolean isEverything() {
    return protocol.equals("-1");
  }

  /** Whether it lets in traffic to any of these ports. */
  public boolean opens(PortSpec ports) {
    return isEverything()
        || (hasPorts()
            && speaks(ports.protocol())
            && from <= ports.ports().to()
            && ports.ports().from() <= to);
  }

  public boolean opensAny(Collection<PortSpec> ports) {
    return ports.stream().anyMatch(this::opens);
  }

  private boolean speaks(Protocol other) {
    return other.covers(protocol.equals("tcp") ? Protocol.TCP : Protocol.UDP);
  }

  /** Whether it lets in everything that the other one does. */
  public boolean covers(Permission other) {
    return peer.equals(other.peer)
        && (isEverything()
            || (protocol.equals(other.protocol)
                && (hasPorts() ? from <= other.from && other.to <= to : coversType(other))));
  }

  private boolean coversType(Permission other) {
    return from == -1 || (from == other.from && (to == -1 || to == other.to));
  }

  /**
   * The same without these ports, in as few pieces as that takes. A rule for all protocols has no
   * exact complement: it becomes TCP, UDP, ICMP and the protocols that are listed.
   *
   * @param otherProtocols numbers of protocols without ports to keep of a rule for all protocols
   */
  public List<Permission> minus(Collection<PortSpec> ports, List<String> otherProtocols) {
    if (!opensAny(ports)) {
      return List.of(this);
    }
    List<Permission> pieces = isEverything() ? spelledOut(otherProtocols) : List.of(this);
    for (PortSpec spec : ports) {
      List<Permission> left = new ArrayList<>();
      for (Permission piece : pieces) {
        if (piece.opens(spec)) {
          left.addAll(piece.around(spec.ports().from(), spec.ports().to()));
        } else {
          left.add(piece);
        }
      }
      pieces = left;
    }
    return List.copyOf(pieces);
  }

  /** The same without what the other one lets in. */
  public List<Permission> minus(Permission other, List<String> otherProtocols) {
    List<Permission> left = new ArrayList<>();
    for (Permission piece : isEverything() ? spelledOut(otherProtocols) : List.of(this)) {
      if (piece.hasPorts()
          && piece.protocol.equals(other.protocol)
          && piece.peer.equals(other.peer)) {
        left.addAll(piece.around(other.from, other.to));
      } else if (!other.covers(piece)) {
        left.add(piece);
      }
    }
    return left;
  }

  private List<Permission> around(int first, int last) {
    List<Permission> pieces = new ArrayList<>();
    if (last < from || to < first) {
      return List.of(this);
    }
    if (from < first) {
      pieces.add(new Permission(protocol, from, first - 1, peer));
    }
    if (last < to) {
      pieces.add(new Permission(protocol, last + 1, to, peer));
    }
    return pieces;
  }

  private List<Permission> spelledOut(List<String> otherProtocols) {
    List<Permission> all = new ArrayList<>();
    all.add(new Permission("tcp", 0, LAST_PORT, peer));
    all.add(new Permission("udp", 0, LAST_PORT, peer));
    if (peer.mayBe(false)) {
      all.add(new Permission("icmp", -1, -1, peer));
    }
    if (peer.mayBe(true)) {
      all.add(new Permission("icmpv6", -1, -1, peer));
    }
    otherProtocols.forEach(p -> all.add(new Permission(p, -1, -1, peer)));
    return all;
  }

  @Override
  public int compareTo(Permission other) {
    return ORDER.compare(this, other);
  }

  /** For example {@code tcp/20-30 from 0.0.0.0/0}; equal for equal permissions only. */
  @Override
  public String toString() {
    return protocol + "/" + from + "-" + to + " from " + peer;
  }
}
