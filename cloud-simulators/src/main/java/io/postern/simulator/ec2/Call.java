package io.postern.simulator.ec2;

import java.time.Instant;

/** One call of an action: who, where, with what, and against which state. */
final class Call {
  final World world;
  final Principal caller;
  final String action;
  final Parameters in;
  final Instant now;
  private final String regionName;
  private final History history;
  private boolean written;

  Call(
      World world,
      History history,
      Principal caller,
      String regionName,
      String action,
      Parameters in,
      Instant now) {
    this.world = world;
    this.history = history;
    this.caller = caller;
    this.regionName = regionName;
    this.action = action;
    this.in = in;
    this.now = now;
  }

  String account() {
    return caller.account();
  }

  String regionName() {
    return regionName;
  }

  boolean hasWritten() {
    return written;
  }

  /** The region as this call may see it, which can be a while ago. */
  Region read() {
    admit();
    return history.view(world.region(regionName), world.settings, now);
  }

  /** The region, to check against and to change. */
  Region write() {
    admit();
    Region region = world.region(regionName);
    history.remember(region, world.settings, now);
    written = true;
    return region;
  }

  /** For actions that need no region. */
  void admit() {
    boolean dryRun = in.flag("DryRun", false);
    in.refuseUnread();
    if (!caller.isForeign() && isDenied()) {
      throw Ec2Error.unauthorized(action);
    }
    if (dryRun) {
      throw new Ec2Error(
          412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
    }
  }

  private boolean isDenied() {
    return world.denied.stream()
        .anyMatch(
            pattern ->
                Wildcard.matches(pattern, action)
                    || Wildcard.matches(pattern, account() + "/" + action));
  }

  /** Whether a resource has become visible yet; a new group may take a while. */
  boolean isThere(Resource resource) {
    return !(resource instanceof SecurityGroup group)
        || world.settings.createVisibility().isZero()
        || !group.createdAt().plus(world.settings.createVisibility()).isAfter(now);
  }

  String arn(String type, String id) {
    return "arn:aws:ec2:" + regionName + ":" + account() + ":" + type + "/" + id;
  }
}
