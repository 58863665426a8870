package io.postern.policy.domain;

import io.postern.model.GrantId;
import io.postern.model.PolicyId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Counts the use of policies from what is said of requests and grants. What is said twice counts
 * once. Safe for several threads.
 */
public final class UsageIndex implements Usage {
  /** How long somebody's asking counts. */
  public static final Duration HOUR = Duration.ofHours(1);

  private record User(PolicyId policy, Optional<Owner> owner) {}

  private record Use(PolicyId policy, Owner owner) {
    List<User> users() {
      return List.of(new User(policy, Optional.empty()), new User(policy, Optional.of(owner)));
    }
  }

  private record Asked(Instant at, GrantId id) {
    private static final Comparator<Asked> ORDER =
        Comparator.comparing(Asked::at).thenComparing(Asked::id);
  }

  private record AskedUse(Asked asked, Use use) {}

  private final Map<GrantId, Use> grants = new HashMap<>();
  private final Map<User, Set<GrantId>> open = new HashMap<>();
  private final Map<GrantId, AskedUse> requests = new HashMap<>();
  private final Map<User, NavigableSet<Asked>> asked = new HashMap<>();
  private final NavigableSet<Asked> allAsked = new TreeSet<>(Asked.ORDER);

  /** A grant runs, or is promised. */
  public synchronized void opened(GrantId id, PolicyId policy, Owner owner) {
    Use use = new Use(policy, owner);
    Use before = grants.put(id, use);
    if (use.equals(before)) {
      return;
    }
    if (before != null) {
      remove(id, before);
    }
    for (User user : use.users()) {
      open.computeIfAbsent(user, k -> new HashSet<>()).add(id);
    }
  }

  /** A grant has ended, or what was promised is not given. */
  public synchronized void ended(GrantId id) {
    Use use = grants.remove(id);
    if (use != null) {
      remove(id, use);
    }
  }

  private void remove(GrantId id, Use use) {
    use.users()
        .forEach(
            u ->
                open.computeIfPresent(
                    u,
                    (k, ids) -> {
                      ids.remove(id);
                      return ids.isEmpty() ? null : ids;
                    }));
  }

  /**
   * A request was granted, promised, or put before approvers; the first time counts.
   *
   * @return whether this was the first time
   */
  public synchronized boolean asked(GrantId id, PolicyId policy, Owner owner, Instant at) {
    if (requests.containsKey(id)) {
      return false;
    }
    AskedUse use = new AskedUse(new Asked(at, id), new Use(policy, owner));
    requests.put(id, use);
    allAsked.add(use.asked());
    use.use()
        .users()
        .forEach(u -> asked.computeIfAbsent(u, k -> new TreeSet<>(Asked.ORDER)).add(use.asked()));
    return true;
  }

  /**
   * Forgets requests up to an instant.
   *
   * @return which these were
   */
  public synchronized List<GrantId> forgetUntil(Instant until) {
    List<Asked> old = allAsked.stream().takeWhile(a -> !a.at().isAfter(until)).toList();
    for (Asked each : old) {
      allAsked.remove(each);
      AskedUse use = requests.remove(each.id());
      if (use != null) {
        use.use()
            .users()
            .forEach(
                u ->
                    asked.computeIfPresent(
                        u,
                        (k, all) -> {
                          all.remove(each);
                          return all.isEmpty() ? null : all;
                        }));
      }
    }
    return old.stream().map(Asked::id).toList();
  }

  @Override
  public boolean isKnown() {
    return true;
  }

  @Override
  public synchronized long openGrants(
      PolicyId policy, Optional<Owner> of, Collection<GrantId> except) {
    Set<GrantId> ids = open.getOrDefault(new User(policy, of), Set.of());
    return ids.size() - except.stream().distinct().filter(ids::contains).count();
  }

  @Override
  public synchronized long requestsAfter(
      PolicyId policy, Optional<Owner> of, Instant since, GrantId except) {
    NavigableSet<Asked> all = asked.get(new User(policy, of));
    if (all == null) {
      return 0;
    }
    // What is too old is at the front, and little: it is forgotten as time passes.
    long old = all.stream().takeWhile(a -> !a.at().isAfter(since)).count();
    AskedUse itself = requests.get(except);
    boolean counted =
        itself != null && itself.asked().at().isAfter(since) && all.contains(itself.asked());
    return all.size() - old - (counted ? 1 : 0);
  }
}
