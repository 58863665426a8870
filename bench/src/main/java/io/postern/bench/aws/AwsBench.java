package io.postern.bench.aws;

import io.postern.enforcement.domain.Grant;
import io.postern.model.MachineId;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/**
 * {@code bench/run aws [runs [scale [part]]]}: storms under EC2's documented buckets beside the
 * floor that the buckets set, write calls beside one group for each grant, and a look at a large
 * account with nothing to do. Scale 100 is the full size; the simulator answers at once, on real
 * time.
 */
public final class AwsBench {
  /**
   * EC2 API throttling, AuthorizeSecurityGroupIngress and Revoke: a bucket of 50, 5 each second.
   */
  private static final double BUCKET = 50;

  private static final double REFILL = 5;
  private final int scale;

  private AwsBench(int scale) {
    this.scale = scale;
  }

  public static void main(String[] args) {
    int runs = args.length > 0 ? Integer.parseInt(args[0]) : 3;
    AwsBench bench = new AwsBench(args.length > 1 ? Integer.parseInt(args[1]) : 100);
    String only = args.length > 2 ? args[2] : "";
    Map<String, Runnable> parts = new LinkedHashMap<>();
    parts.put("storm", bench::storm);
    parts.put("ends", bench::ends);
    parts.put("overlapping", bench::overlapping);
    parts.put("idle", bench::idle);
    for (int run = 1; run <= runs; run++) {
      say("run %d, load average %.1f", run, load());
      parts.forEach(
          (name, part) -> {
            if (only.isEmpty() || only.equals(name)) {
              part.run();
            }
          });
    }
  }

  private int sized(int full) {
    return Math.max(1, full * scale / 100);
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  private static void say(String text, Object... values) {
    System.out.println(text.formatted(values));
  }

  /** The least time that so many calls of one action take from a full bucket, in seconds. */
  private static double floor(int calls) {
    return Math.max(0, (calls - BUCKET) / REFILL);
  }

  private static String ratio(double seconds, double floor) {
    return floor == 0 ? "no floor" : String.format(Locale.ROOT, "%.2f", seconds / floor);
  }

  private void storm() {
    int machines = sized(120);
    try (Fleet fleet = new Fleet(1, machines, true, Duration.ofHours(1))) {
      fleet.awaitLocked();
      List<Grant> grants = grants(fleet.machines, 1);
      fleet.clearJournal();
      fleet.throttle();
      double opening = fleet.open(grants);
      // The buckets fill up again: what follows is another storm.
      fleet.post("clock", "{\"advance\": \"PT1M\"}");
      Fleet.await(() -> fleet.writes() >= 4L * machines);
      double closing = fleet.end(grants);
      double floor = floor(machines);
      say(
          "storm: %d grants opened in %.1f s (floor %.1f, ratio %s), closed in %.1f s (ratio %s), lost %d, refused by EC2 %d",
          machines,
          opening,
          floor,
          ratio(opening, floor),
          closing,
          ratio(closing, floor),
          2L * machines - fleet.ledger.opened.size() - fleet.ledger.closed.size(),
          fleet.throttled());
    }
  }

  private void ends() {
    int machines = sized(100);
    try (Fleet fleet = new Fleet(1, machines, true, Duration.ofHours(1))) {
      fleet.awaitLocked();
      List<Grant> grants = grants(fleet.machines, 10);
      fleet.open(grants);
      fleet.clearJournal();
      fleet.throttle();
      double closing = fleet.end(grants);
      double floor = floor(machines);
      say(
          "ends: %d on %d groups closed in %.1f s by %d revokes (optimum %.1f, ratio %s), refused by EC2 %d",
          grants.size(),
          machines,
          closing,
          fleet.calls("RevokeSecurityGroupIngress"),
          floor,
          ratio(closing, floor),
          fleet.throttled());
    }
  }

  private void overlapping() {
    int machines = sized(20);
    try (Fleet fleet = new Fleet(1, machines, false, Duration.ofHours(1))) {
      fleet.awaitLocked();
      List<Grant> grants = grants(fleet.machines, 25);
      fleet.clearJournal();
      fleet.open(grants);
      long opening = fleet.writes();
      fleet.clearJournal();
      fleet.end(grants);
      Fleet.await(() -> fleet.calls("DeleteSecurityGroup") >= machines);
      long closing = fleet.writes();
      OneGroupEach peer = oneGroupEach(fleet, grants);
      say(
          "overlapping: %d grants on %d machines, %.2f writes a grant to open and %.2f to close; one group each: %.2f to open, and %d of %d did not fit",
          grants.size(),
          machines,
          (double) opening / grants.size(),
          (double) closing / grants.size(),
          (double) peer.writes / Math.max(1, peer.opened),
          grants.size() - peer.opened,
          grants.size());
    }
  }

  private record OneGroupEach(int opened, int writes) {}

  /** A security group for each grant, as plainly as that is done. */
  private static OneGroupEach oneGroupEach(Fleet fleet, List<Grant> grants) {
    int opened = 0;
    int writes = 0;
    for (Grant grant : grants) {
      String eni =
          fleet
              .owner
              .describeInstances(r -> r.instanceIds(grant.machine().localName()))
              .reservations()
              .getFirst()
              .instances()
              .getFirst()
              .networkInterfaces()
              .getFirst()
              .networkInterfaceId();
      List<String> groups =
          new ArrayList<>(
              fleet
                  .owner
                  .describeNetworkInterfaces(r -> r.networkInterfaceIds(eni))
                  .networkInterfaces()
                  .getFirst()
                  .groups()
                  .stream()
                  .map(g -> g.groupId())
                  .toList());
      String group =
          fleet
              .owner
              .createSecurityGroup(
                  r -> r.groupName(grant.id().toString()).description("one").vpcId(fleet.vpc))
              .groupId();
      String source = grant.sources().getFirst().toString();
      fleet.owner.authorizeSecurityGroupIngress(
          r -> r.groupId(group).ipProtocol("tcp").fromPort(22).toPort(22).cidrIp(source));
      groups.add(group);
      try {
        fleet.owner.modifyNetworkInterfaceAttribute(r -> r.networkInterfaceId(eni).groups(groups));
        opened++;
        writes += 3;
      } catch (AwsServiceException e) {
        fleet.owner.deleteSecurityGroup(r -> r.groupId(group));
      }
    }
    return new OneGroupEach(opened, writes);
  }

  private void idle() {
    int groups = sized(2500);
    try (Fleet fleet = new Fleet(groups, 4, false, Duration.ofHours(1))) {
      fleet.awaitLocked();
      fleet.clearJournal();
      fleet.ledger.locked.clear();
      long start = System.nanoTime();
      fleet.lookAtEverything();
      long expected = groups * 2L + fleet.machines.size() * 2L;
      Fleet.await(() -> fleet.calls("Describe") >= expected);
      double seconds = (System.nanoTime() - start) / 1e9;
      System.gc();
      Runtime jvm = Runtime.getRuntime();
      say(
          "idle: %d machines and %d groups looked at in %.1f s by %d reads and %d writes; heap of enforcer, simulator and journal %d MiB; at 20 filtered reads a second that is %.0f s",
          fleet.machines.size(),
          groups,
          seconds,
          fleet.calls("Describe"),
          fleet.writes(),
          (jvm.totalMemory() - jvm.freeMemory()) >> 20,
          Math.max(0, (fleet.calls("Describe") - 100) / 20.0));
    }
  }

  private static List<Grant> grants(List<MachineId> machines, int each) {
    List<Grant> grants = new ArrayList<>();
    for (MachineId machine : machines) {
      for (int i = 0; i < each; i++) {
        grants.add(Fleet.grant(machine, i));
      }
    }
    return grants;
  }
}
