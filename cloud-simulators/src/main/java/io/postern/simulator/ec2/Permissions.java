package io.postern.simulator.ec2;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the permissions of a call: IpPermissions.N, or the short form with CidrIp. */
final class Permissions {
  private static final Pattern DESCRIPTION =
      Pattern.compile("[a-zA-Z0-9 ._\\-:/()#,@\\[\\]+=&;{}!$*]{0,255}");

  /**
   * One permission as given; a peer that is a group by name is looked up in the default VPC.
   *
   * @param groupName the name of a peer group, when it was not given by id
   */
  record Given(
      String protocol,
      @Nullable Integer from,
      @Nullable Integer to,
      Peer peer,
      @Nullable String groupName,
      @Nullable String description) {

    Permission in(Call call, Region region) {
      Peer known = peer;
      if (groupName != null) {
        known = new Peer(Peer.Kind.GROUP, GroupActions.named(call, region, groupName).id());
      }
      return Permission.of(protocol, from, to, known);
    }
  }

  private Permissions() {}

  static List<Given> read(Parameters in) {
    List<Given> all = new ArrayList<>();
    for (Parameters permission : in.structures("IpPermissions")) {
      String protocol = permission.required("IpProtocol");
      Integer from = permission.number("FromPort");
      Integer to = permission.number("ToPort");
      int before = all.size();
      peers(permission, "IpRanges", "CidrIp", Peer.Kind.IPV4, protocol, from, to, all);
      peers(permission, "Ipv6Ranges", "CidrIpv6", Peer.Kind.IPV6, protocol, from, to, all);
      peers(
          permission,
          "PrefixListIds",
          "PrefixListId",
          Peer.Kind.PREFIX_LIST,
          protocol,
          from,
          to,
          all);
      for (Parameters pair : permission.structures("Groups")) {
        pair.text("UserId");
        pair.text("VpcId");
        String id = pair.text("GroupId", "");
        String name = id.isEmpty() ? pair.required("GroupName") : pair.text("GroupName");
        all.add(
            new Given(
                protocol,
                from,
                to,
                new Peer(Peer.Kind.GROUP, id),
                id.isEmpty() ? name : null,
                description(pair)));
      }
      if (all.size() == before) {
        throw Ec2Error.of("MissingParameter", "Source group or CIDR must be specified");
      }
    }
    String cidr = in.text("CidrIp");
    if (cidr != null) {
      Peer peer = new Peer(Peer.Kind.IPV4, Cidr.ipv4(cidr).toString());
      all.add(
          new Given(
              in.required("IpProtocol"),
              in.number("FromPort"),
              in.number("ToPort"),
              peer,
              null,
              null));
    }
    return all;
  }

  private static void peers(
      Parameters permission,
      String list,
      String name,
      Peer.Kind kind,
      String protocol,
      @Nullable Integer from,
      @Nullable Integer to,
      List<Given> all) {
    for (Parameters peer : permission.structures(list)) {
      String value = canonical(kind, peer.required(name));
      all.add(new Given(protocol, from, to, new Peer(kind, value), null, description(peer)));
    }
  }

  static String canonical(Peer.Kind kind, String value) {
    return switch (kind) {
      case IPV4 -> Cidr.ipv4(value).toString();
      case IPV6 -> Cidr.ipv6(value).toString();
      case GROUP, PREFIX_LIST -> value;
    };
  }

  static @Nullable String description(Parameters in) {
    String text = in.text("Description");
    if (text != null && !DESCRIPTION.matcher(text).matches()) {
      throw Ec2Error.invalid(
          "Invalid rule description. Valid descriptions are strings less than 256 characters from the"
              + " following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*");
    }
    return text;
  }
}
