package io.postern.enforcement;

import io.postern.enforcement.domain.Report;
import io.postern.enforcement.exposure.Posture;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Scope;
import java.time.Instant;

/** Where an enforcer's news go. */
public interface Reporter {
  void report(Scope scope, Report report);

  /**
   * How the machine stands, when that is news or was told long ago.
   *
   * @param at when it was looked at
   */
  void assessed(MachineFacts machine, Posture posture, Instant at);

  /** The machine is no longer there. */
  void gone(MachineId machine);
}
