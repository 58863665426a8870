package io.postern.request.domain;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The side of the read model's store that is written, by one thread of an instance; several
 * instances may write to one store.
 */
public interface ReadModelWriter {
  /** A partition of a topic. */
  record Place(String topic, int partition) {}

  /**
   * Makes the store ready, and tells what it has. A store that was made from another log, by
   * another version, or from more than the log has now, is emptied, and so is one that was found to
   * contradict itself.
   *
   * @param log a name of the log, the same for as long as it is the same
   * @param ends the log's ends now
   * @return offsets of the first records that it does not have; 0 where it has none
   * @throws ReadModelException when the store does not answer
   */
  Map<Place, Long> prepare(String log, Map<Place, Long> ends);

  /**
   * Takes records in, all or none, together with how far that is; what the store has already is
   * passed over.
   *
   * @throws ReadModelException when the store does not answer
   */
  void apply(List<Update> updates);

  /** A request that was just put on the log by this instance: it is found here at once. */
  void accepted(Fact.Submitted request);

  /** Everything on the log up to the moment was taken in. */
  void isAsOf(Instant moment);
}
