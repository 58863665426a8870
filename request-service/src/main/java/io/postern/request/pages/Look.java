package io.postern.request.pages;

import io.postern.model.MachineId;
import io.postern.model.Requestor;
import java.time.Instant;
import java.util.function.Function;

/**
 * Somebody looking at a page.
 *
 * @param names what machines are called
 */
record Look(Requestor person, Instant now, Function<MachineId, String> names) {
  Moment moment(Instant at) {
    return Moment.of(at, now);
  }

  Show.Machine machine(MachineId id) {
    return new Show.Machine(id.value(), names.apply(id), Show.cloudOf(id));
  }
}
