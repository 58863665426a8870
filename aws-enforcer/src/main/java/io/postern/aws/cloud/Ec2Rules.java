package io.postern.aws.cloud;

import io.postern.aws.domain.Peer;
import io.postern.aws.domain.Permission;
import io.postern.aws.domain.Rule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ec2.model.IpPermission;
import software.amazon.awssdk.services.ec2.model.IpRange;
import software.amazon.awssdk.services.ec2.model.Ipv6Range;
import software.amazon.awssdk.services.ec2.model.PrefixListId;
import software.amazon.awssdk.services.ec2.model.ReferencedSecurityGroup;
import software.amazon.awssdk.services.ec2.model.SecurityGroupRule;
import software.amazon.awssdk.services.ec2.model.SecurityGroupRuleRequest;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.UserIdGroupPair;

/** Rules as the SDK has them, and as we do. */
final class Ec2Rules {
  private Ec2Rules() {}

  static Rule rule(SecurityGroupRule r) {
    Permission permission =
        new Permission(
            protocol(r.ipProtocol()), port(r, r.fromPort()), port(r, r.toPort()), peer(r));
    return new Rule(
        r.securityGroupRuleId(), permission, Optional.ofNullable(r.description()), tags(r.tags()));
  }

  private static int port(SecurityGroupRule r, @Nullable Integer port) {
    return port == null || r.ipProtocol().equals("-1") ? -1 : port;
  }

  private static String protocol(String name) {
    return switch (name) {
      case "6" -> "tcp";
      case "17" -> "udp";
      case "1" -> "icmp";
      case "58" -> "icmpv6";
      default -> name;
    };
  }

  private static Peer peer(SecurityGroupRule r) {
    if (r.cidrIpv4() != null) {
      return Peer.of(Peer.Kind.IPV4, r.cidrIpv4());
    }
    if (r.cidrIpv6() != null) {
      return Peer.of(Peer.Kind.IPV6, r.cidrIpv6());
    }
    if (r.prefixListId() != null) {
      return Peer.of(Peer.Kind.PREFIX_LIST, r.prefixListId());
    }
    ReferencedSecurityGroup group = r.referencedGroupInfo();
    if (group == null) {
      throw new IllegalStateException("a rule without a source: " + r.securityGroupRuleId());
    }
    return new Peer(Peer.Kind.GROUP, group.groupId(), group.userId() == null ? "" : group.userId());
  }

  static Map<String, String> tags(List<Tag> tags) {
    Map<String, String> map = new HashMap<>();
    tags.forEach(t -> map.put(t.key(), t.value() == null ? "" : t.value()));
    return map;
  }

  static List<Tag> tags(Map<String, String> tags) {
    return tags.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(e -> Tag.builder().key(e.getKey()).value(e.getValue()).build())
        .collect(Collectors.toList());
  }

  /** What Authorize takes. */
  static IpPermission permission(Permission p, Optional<String> description) {
    IpPermission.Builder b = IpPermission.builder().ipProtocol(p.protocol());
    if (hasPorts(p)) {
      b.fromPort(p.from()).toPort(p.to());
    }
    String text = description.orElse(null);
    String peer = p.peer().value();
    switch (p.peer().kind()) {
      case IPV4 -> b.ipRanges(IpRange.builder().cidrIp(peer).description(text).build());
      case IPV6 -> b.ipv6Ranges(Ipv6Range.builder().cidrIpv6(peer).description(text).build());
      case PREFIX_LIST ->
          b.prefixListIds(PrefixListId.builder().prefixListId(peer).description(text).build());
      case GROUP -> {
        UserIdGroupPair.Builder pair = UserIdGroupPair.builder().groupId(peer).description(text);
        if (!p.peer().owner().isEmpty()) {
          pair.userId(p.peer().owner());
        }
        b.userIdGroupPairs(pair.build());
      }
    }
    return b.build();
  }

  /** What ModifySecurityGroupRules takes: the whole rule, with another description or none. */
  static SecurityGroupRuleRequest request(Permission p, Optional<String> description) {
    SecurityGroupRuleRequest.Builder b =
        SecurityGroupRuleRequest.builder()
            .ipProtocol(p.protocol())
            .description(description.orElse(null));
    if (hasPorts(p)) {
      b.fromPort(p.from()).toPort(p.to());
    }
    String peer = p.peer().value();
    switch (p.peer().kind()) {
      case IPV4 -> b.cidrIpv4(peer);
      case IPV6 -> b.cidrIpv6(peer);
      case PREFIX_LIST -> b.prefixListId(peer);
      case GROUP -> b.referencedGroupId(peer);
    }
    return b.build();
  }

  private static boolean hasPorts(Permission p) {
    return switch (p.protocol()) {
      case "tcp", "udp", "icmp", "icmpv6" -> true;
      default -> false;
    };
  }
}
