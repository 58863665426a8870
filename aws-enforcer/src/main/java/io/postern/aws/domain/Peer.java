package io.postern.aws.domain;

/**
 * Who a rule lets in.
 *
 * @param value a canonical CIDR, the id of a prefix list or the id of a group
 * @param owner the account of a group, as EC2 states it; empty when it states none
 */
public record Peer(Kind kind, String value, String owner) implements Comparable<Peer> {

  /** The kinds of sources that EC2 knows. */
  public enum Kind {
    IPV4,
    IPV6,
    PREFIX_LIST,
    GROUP
  }

  public static Peer of(Kind kind, String value) {
    return new Peer(kind, value, "");
  }

  /**
   * Whether traffic of this family can come from it; of a prefix list's family nothing is known.
   */
  boolean mayBe(boolean ipv6) {
    return switch (kind) {
      case IPV4 -> !ipv6;
      case IPV6 -> ipv6;
      case PREFIX_LIST, GROUP -> true;
    };
  }

  @Override
  public int compareTo(Peer other) {
    return kind != other.kind ? kind.compareTo(other.kind) : value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
