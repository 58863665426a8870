package io.postern.model;

import java.util.Comparator;

/** Ports of one protocol. */
public record PortSpec(PortRange ports, Protocol protocol) implements Comparable<PortSpec> {
  private static final Comparator<PortSpec> ORDER =
      Comparator.comparing(PortSpec::ports).thenComparing(PortSpec::protocol);

  public static PortSpec tcp(int port) {
    return new PortSpec(PortRange.of(port), Protocol.TCP);
  }

  /** Whether all traffic that the other names is named by this one too. */
  public boolean covers(PortSpec other) {
    return ports.contains(other.ports) && protocol.covers(other.protocol);
  }

  public boolean overlaps(PortSpec other) {
    return ports.overlaps(other.ports) && protocol.overlaps(other.protocol);
  }

  @Override
  public int compareTo(PortSpec other) {
    return ORDER.compare(this, other);
  }

  /** For example {@code 22/TCP}. */
  @Override
  public String toString() {
    return ports + "/" + protocol;
  }
}
