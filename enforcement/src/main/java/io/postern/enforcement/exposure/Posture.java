package io.postern.enforcement.exposure;

import io.postern.enforcement.domain.Report;
import io.postern.model.Shortage;
import java.util.List;
import java.util.Optional;

/**
 * How a machine stands.
 *
 * @param unsupported why just-in-time access is not supported on it; empty when it is
 * @param exposure who can reach its management ports and those that policies name
 * @param bypasses rules by which a port under lock-down is open all the same
 * @param shortage set when hardly any grant fits any more
 * @param publicShortage likewise for grants with sources in the internet, in rules of a firewall
 *     through which they come, one for each port and protocol
 */
public record Posture(
    Mode mode,
    Verdict verdict,
    Severity severity,
    Optional<Unsupported> unsupported,
    List<PortExposure> exposure,
    List<Report.RuleSetBypass> bypasses,
    Optional<Shortage> shortage,
    Optional<Shortage> publicShortage) {

  /** Of a machine that sources in the internet reach as others do. */
  public Posture(
      Mode mode,
      Verdict verdict,
      Severity severity,
      Optional<Unsupported> unsupported,
      List<PortExposure> exposure,
      List<Report.RuleSetBypass> bypasses,
      Optional<Shortage> shortage) {
    this(mode, verdict, severity, unsupported, exposure, bypasses, shortage, Optional.empty());
  }

  /** With room for grants, as far as is known. */
  public Posture(
      Mode mode,
      Verdict verdict,
      Severity severity,
      Optional<Unsupported> unsupported,
      List<PortExposure> exposure,
      List<Report.RuleSetBypass> bypasses) {
    this(mode, verdict, severity, unsupported, exposure, bypasses, Optional.empty());
  }

  /** Of a machine whose rules were not read yet. */
  public static final Posture UNKNOWN =
      new Posture(
          Mode.DEFENDER,
          new Verdict(
              Verdict.Result.UNKNOWN,
              Verdict.Reason.NOT_LOOKED_AT,
              "its rules were not looked at yet"),
          Severity.UNKNOWN,
          Optional.empty(),
          List.of(),
          List.of());

  public Posture {
    exposure = List.copyOf(exposure);
    bypasses = List.copyOf(bypasses);
  }
}
