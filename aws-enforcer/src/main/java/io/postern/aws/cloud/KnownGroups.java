package io.postern.aws.cloud;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.services.ec2.model.GroupIdentifier;
import software.amazon.awssdk.services.ec2.model.NetworkInterface;
import software.amazon.awssdk.services.ec2.model.SecurityGroup;

/** Access groups that were read lately: their names and tags, not their rules. */
final class KnownGroups {
  private static final Duration LATELY = Duration.ofSeconds(60);

  private record Read(List<SecurityGroup> groups, long at) {}

  private final Map<String, Read> byInstance = new ConcurrentHashMap<>();

  void remember(String instance, List<SecurityGroup> groups) {
    byInstance.put(instance, new Read(List.copyOf(groups), System.nanoTime()));
  }

  /** After a write to them they are to be read again. */
  void forget(String instance) {
    byInstance.remove(instance);
  }

  /** The groups of an instance, when each of its interfaces has one of those read lately. */
  Optional<List<SecurityGroup>> attachedTo(String instance, List<NetworkInterface> enis) {
    Read read = byInstance.get(instance);
    if (read == null || enis.isEmpty() || System.nanoTime() - read.at() > LATELY.toNanos()) {
      return Optional.empty();
    }
    List<String> ids = new ArrayList<>();
    read.groups().forEach(g -> ids.add(g.groupId()));
    return enis.stream()
            .allMatch(
                e -> e.groups().stream().map(GroupIdentifier::groupId).anyMatch(ids::contains))
        ? Optional.of(read.groups())
        : Optional.empty();
  }
}
