package io.postern.simulator.ec2;

import org.jspecify.annotations.Nullable;

/** What ModifySecurityGroupRules makes of a rule: all of it, the description included. */
record RuleChange(Permission permission, @Nullable String description) {

  static RuleChange read(Parameters in) {
    String protocol = in.required("IpProtocol");
    Peer peer = null;
    for (Source source : Source.values()) {
      String value = in.text(source.parameter);
      if (value != null) {
        if (peer != null) {
          throw Ec2Error.of(
              "InvalidParameterCombination",
              "A rule has one of CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId");
        }
        peer = new Peer(source.kind, Permissions.canonical(source.kind, value));
      }
    }
    if (peer == null) {
      throw Ec2Error.of("MissingParameter", "Source group or CIDR must be specified");
    }
    Permission permission =
        Permission.of(protocol, in.number("FromPort"), in.number("ToPort"), peer);
    return new RuleChange(permission, Permissions.description(in));
  }

  private enum Source {
    CIDR4("CidrIpv4", Peer.Kind.IPV4),
    CIDR6("CidrIpv6", Peer.Kind.IPV6),
    PREFIX_LIST("PrefixListId", Peer.Kind.PREFIX_LIST),
    GROUP("ReferencedGroupId", Peer.Kind.GROUP);

    final String parameter;
    final Peer.Kind kind;

    Source(String parameter, Peer.Kind kind) {
      this.parameter = parameter;
      this.kind = kind;
    }
  }
}
