package io.postern.simulator.ec2;

import java.time.Duration;

/**
 * What a test can set.
 *
 * @param rulesPerSecurityGroup quota per direction and address family; 60 by default in AWS
 * @param groupsPerInterface quota; 5 by default in AWS, 16 at most
 * @param detachLinger how long after a detach a group still counts as in use
 * @param createVisibility how long after its creation a group is not found yet
 * @param staleness how old the answer of a Describe call may be; each call draws an age up to it
 * @param seed where those draws begin
 * @param throttling whether the documented buckets apply
 */
record Settings(
    int rulesPerSecurityGroup,
    int groupsPerInterface,
    Duration detachLinger,
    Duration createVisibility,
    Duration staleness,
    long seed,
    boolean throttling) {

  static Settings of(Ec2Simulator.Options options) {
    return new Settings(
        60,
        5,
        Duration.ZERO,
        Duration.ZERO,
        options.staleness(),
        options.seed(),
        options.throttling());
  }
}
