package io.postern.simulator.ec2;

/** The other end of a rule; the value is canonical, so equal peers are equal records. */
record Peer(Kind kind, String value) {
  enum Kind {
    IPV4,
    IPV6,
    GROUP,
    PREFIX_LIST
  }

  /** Whether it is 0.0.0.0/0 or ::/0. */
  boolean everywhere() {
    return value.equals("0.0.0.0/0") || value.equals("::/0");
  }
}
