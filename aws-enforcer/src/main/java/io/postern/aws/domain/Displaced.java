package io.postern.aws.domain;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A rule of the owner that a lock-down took away and owes him.
 *
 * @param standIns remainders of it that were seen standing when the group was last as it should be;
 *     one of these that is missing now was taken away by somebody else, and stays away
 */
public record Displaced(
    Permission permission,
    Optional<String> description,
    Map<String, String> tags,
    Set<Permission> standIns) {
  public Displaced {
    tags = Map.copyOf(tags);
    standIns = Set.copyOf(standIns);
  }

  static Displaced of(Rule rule, Set<Permission> standIns) {
    return new Displaced(rule.permission(), rule.description(), rule.tags(), standIns);
  }

  Displaced withStandIns(Set<Permission> newStandIns) {
    return new Displaced(permission, description, tags, newStandIns);
  }

  Displaced narrowedTo(Permission piece) {
    return new Displaced(piece, description, tags, standIns);
  }
}
