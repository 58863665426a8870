package io.postern.request.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One event of the record, as people and scripts are shown it.
 *
 * @param id the event's own id
 * @param type the event's name, such as AccessOpened
 * @param at when the log took it
 * @param person whom it is about or who did it; empty when nobody
 * @param sentence what happened, for people
 * @param content all of it, as JSON
 */
public record RecordedEvent(
    String id,
    String type,
    Instant at,
    Optional<RequestId> request,
    Optional<GrantId> grant,
    List<MachineId> machines,
    Optional<String> person,
    String sentence,
    String content) {
  public RecordedEvent {
    machines = List.copyOf(machines);
  }

  /** The same event, about these machines. */
  public RecordedEvent with(List<MachineId> about) {
    return new RecordedEvent(id, type, at, request, grant, about, person, sentence, content);
  }
}
