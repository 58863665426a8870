package io.postern.enforcement;

import io.postern.enforcement.domain.Report;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Scope;

/** Where an enforcer's news go. */
public interface Reporter {
  void report(Scope scope, Report report);

  /**
   * The machine as it was seen, when that is news.
   *
   * @param underJit whether a policy covers it
   */
  void assessed(MachineFacts machine, boolean underJit);

  /** The machine is no longer there. */
  void gone(MachineId machine);
}
