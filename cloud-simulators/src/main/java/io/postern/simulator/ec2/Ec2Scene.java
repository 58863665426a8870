package io.postern.simulator.ec2;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Scenes to start from. */
public final class Ec2Scene {
  private static final String ACCOUNT = Principal.DEFAULT_ACCOUNT;
  private static final String VPC = "vpc-0abc1234def567800";
  private static final String SUBNET = "subnet-0abc1234def567800";

  private final World world;
  private final Region region;
  private final Instant now;

  private Ec2Scene(World world, Region region, Instant now) {
    this.world = world;
    this.region = region;
    this.now = now;
  }

  /**
   * What the quickstart shows: four instances of account 123456789012 in eu-west-1, {@code
   * i-0abc1234def567890} to {@code ...893}. Nothing happens when there is a state already.
   */
  public static void small(Ec2Simulator simulator) {
    small(simulator.cloud());
  }

  static void small(Ec2Cloud cloud) {
    Instant now = cloud.now();
    boolean empty =
        cloud.withWorld(
            false, world -> world.regions.values().stream().allMatch(r -> r.vpcs().isEmpty()));
    if (empty) {
      cloud.withWorld(
          true,
          world -> {
            new Ec2Scene(world, world.region("eu-west-1"), now).build();
            return true;
          });
    }
  }

  private void build() {
    region.vpcs().put(VPC, new Vpc(VPC, ACCOUNT, "10.2.0.0/16", null, false, tags("Name", "shop")));
    region
        .subnets()
        .put(
            SUBNET,
            new Subnet(
                SUBNET, ACCOUNT, VPC, "10.2.0.0/24", "eu-west-1a", false, tags("Name", "shop-a")));
    group("00", "default", "default VPC security group");
    allow("00", null, "-1", null, new Peer(Peer.Kind.GROUP, groupId("00")), Map.of());
    group("01", "web", "web servers");
    allow("01", "ops range", "tcp", new int[] {20, 30}, anybody(), tags("team", "ops"));
    allow("01", null, "tcp", new int[] {443, 443}, anybody(), Map.of());
    group("02", "db", "databases");
    Peer web = new Peer(Peer.Kind.GROUP, groupId("01"));
    allow("02", null, "tcp", new int[] {5432, 5432}, web, Map.of());
    Peer office = new Peer(Peer.Kind.IPV4, "198.51.100.0/24");
    allow("02", null, "tcp", new int[] {22, 22}, office, Map.of());
    group("03", "batch", "batch workers");
    allow("03", null, "tcp", new int[] {22, 22}, anybody(), Map.of());
    instance("0", "01", 10, tags("Name", "web-01", "env", "prod"));
    instance("1", "02", 11, tags("Name", "db-01", "tier", "db"));
    instance("2", "03", 12, tags("Name", "batch-01"));
    instance("3", "03", 13, tags("Name", "batch-02"));
  }

  private static Peer anybody() {
    return new Peer(Peer.Kind.IPV4, "0.0.0.0/0");
  }

  private static String groupId(String number) {
    return "sg-0abc1234def5678" + number;
  }

  private static Map<String, String> tags(String... pairs) {
    Map<String, String> tags = new TreeMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      tags.put(pairs[i], pairs[i + 1]);
    }
    return tags;
  }

  private void group(String number, String name, String description) {
    SecurityGroup group =
        new SecurityGroup(
            groupId(number), ACCOUNT, VPC, name, description, List.of(), now, Map.of());
    region.groups().put(group.id(), group);
    add(group, true, null, Permission.of("-1", null, null, anybody()), Map.of());
  }

  private void allow(
      String number,
      @Nullable String description,
      String protocol,
      int @Nullable [] ports,
      Peer peer,
      Map<String, String> tags) {
    Integer from = ports == null ? null : ports[0];
    Integer to = ports == null ? null : ports[1];
    SecurityGroup group = java.util.Objects.requireNonNull(region.groups().get(groupId(number)));
    add(group, false, description, Permission.of(protocol, from, to, peer), tags);
  }

  private void add(
      SecurityGroup group,
      boolean egress,
      @Nullable String description,
      Permission permission,
      Map<String, String> tags) {
    List<Rule> rules = new ArrayList<>(group.rules());
    rules.add(
        new Rule(world.id("sgr"), group.id(), ACCOUNT, egress, permission, description, tags));
    region.groups().put(group.id(), group.withRules(rules));
  }

  private void instance(String number, String group, int host, Map<String, String> tags) {
    String id = "i-0abc1234def56789" + number;
    NetworkInterface.Attachment attachment =
        new NetworkInterface.Attachment("eni-attach-0abc1234def56789" + number, id, 0, true, now);
    String eni = "eni-0abc1234def56789" + number;
    region
        .interfaces()
        .put(
            eni,
            new NetworkInterface(
                eni,
                ACCOUNT,
                VPC,
                SUBNET,
                "10.2.0." + host,
                "54.220.1." + host,
                List.of(),
                List.of(groupId(group)),
                "",
                attachment,
                Map.of()));
    region
        .instances()
        .put(
            id,
            new Instance(
                id,
                ACCOUNT,
                "r-0abc1234def56789" + number,
                Instance.State.RUNNING,
                Images.ONLY,
                "t3.micro",
                VPC,
                SUBNET,
                now,
                null,
                null,
                0,
                tags));
  }
}
