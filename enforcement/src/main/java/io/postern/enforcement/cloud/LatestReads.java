package io.postern.enforcement.cloud;

import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Rule sets that were read one by one, between scans. Times are those of {@link System#nanoTime}.
 *
 * @param <O> a rule set as observed
 */
public final class LatestReads<O> {
  private record Read<O>(O observed, long at) {}

  private final Map<RuleSetId, Read<O>> reads = new ConcurrentHashMap<>();

  public void add(RuleSetId id, O observed) {
    reads.put(id, new Read<>(observed, System.nanoTime()));
  }

  /** What was read after this time, if it was. */
  public Optional<O> since(RuleSetId id, long time) {
    return Optional.ofNullable(reads.get(id)).filter(r -> r.at() - time > 0).map(Read::observed);
  }

  /** Forgets what a scan of the scope that began then knows better. */
  public void forgetBefore(Scope scope, long time) {
    reads
        .entrySet()
        .removeIf(e -> e.getValue().at() - time < 0 && e.getKey().scope().equals(scope));
  }
}
