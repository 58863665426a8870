package io.postern.request.sql;

import io.postern.model.RequestId;
import io.postern.request.domain.Fact;
import io.postern.request.domain.RequestFacts;
import io.postern.request.domain.Update;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this instance knows beside the store: how far it has read, who wants to hear of changes, and
 * which requests it has accepted that it has not read back yet.
 */
final class Live {
  private static final Logger LOGGER = LoggerFactory.getLogger(Live.class);

  /** Longer than any request takes to come back; without it a lost one would be kept for ever. */
  private static final Duration FORGET = Duration.ofMinutes(5);

  private final Map<RequestId, RequestFacts> accepted = new ConcurrentHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Instant asOf = Instant.EPOCH;

  void accepted(Fact.Submitted request) {
    Instant old = request.at().minus(FORGET);
    accepted.values().removeIf(f -> f.asking().filter(a -> a.at().isBefore(old)).isPresent());
    accepted.put(request.request(), RequestFacts.unknown(request.request()).with(request));
  }

  /** A request that was accepted here and is perhaps not in the store yet. */
  Optional<RequestFacts> accepted(RequestId id) {
    return Optional.ofNullable(accepted.get(id));
  }

  List<RequestFacts> allAccepted() {
    return List.copyOf(accepted.values());
  }

  /** The store has taken these in. */
  void changed(List<Update> updates) {
    for (Update u : updates) {
      for (Fact fact : u.facts()) {
        if (fact instanceof Fact.Submitted s) {
          accepted.remove(s.request());
        }
      }
      isAsOf(u.at());
    }
    for (Runnable listener : listeners) {
      try {
        listener.run();
      } catch (RuntimeException e) {
        LOGGER.atWarn().setCause(e).log("somebody who follows the read model failed");
      }
    }
  }

  void isAsOf(Instant moment) {
    if (moment.isAfter(asOf)) {
      asOf = moment;
    }
  }

  Instant asOf() {
    return asOf;
  }

  void onChange(Runnable listener) {
    listeners.add(listener);
  }
}
