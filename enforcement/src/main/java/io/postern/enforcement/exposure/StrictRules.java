package io.postern.enforcement.exposure;

import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Report;
import io.postern.model.RuleSetId;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the effective exposure of a machine's ports is worth. */
public final class StrictRules {
  private StrictRules() {}

  /** The worst of all ports, beyond what grants allow. */
  public static Severity severity(List<PortExposure> exposure) {
    return exposure.stream()
        .map(e -> e.width().severity())
        .max(Comparator.naturalOrder())
        .orElse(Severity.NONE);
  }

  /**
   * The verdict of mode STRICT.
   *
   * @param locked whether a policy covers the machine
   * @param unfiltered ways to it on which nothing filters
   */
  public static Verdict judge(
      boolean locked,
      List<PortExposure> exposure,
      Optional<Unsupported> unsupported,
      List<Report.RuleSetBypass> unfiltered) {
    if (!unfiltered.isEmpty()) {
      return Verdict.unhealthy(
          Verdict.Reason.NOT_FILTERED, unfiltered.getFirst().bypass().explanation());
    }
    Optional<PortExposure> bypassed = worst(exposure.stream().filter(PortExposure::managed));
    if (locked && bypassed.isPresent()) {
      return Verdict.unhealthy(
          Verdict.Reason.LOCKED_BUT_BYPASSED,
          "under just-in-time access, but " + words(bypassed.get()));
    }
    if (!locked && unsupported.isPresent()) {
      return Verdict.notApplicable(unsupported.get());
    }
    return worst(exposure.stream())
        .map(e -> Verdict.unhealthy(code(e.width()), words(e)))
        .orElseGet(
            () ->
                locked
                    ? Verdict.healthy(
                        Verdict.Reason.LOCKED,
                        "under just-in-time access, and closed to all without a grant")
                    : Verdict.healthy(
                        Verdict.Reason.PORTS_CLOSED, "nobody can reach a management port"));
  }

  private static Optional<PortExposure> worst(java.util.stream.Stream<PortExposure> exposure) {
    return exposure
        .filter(e -> e.width() != Width.CLOSED)
        .max(Comparator.comparing(PortExposure::width));
  }

  private static Verdict.Reason code(Width width) {
    return switch (width) {
      case CLOSED -> Verdict.Reason.PORTS_CLOSED;
      case NETWORK -> Verdict.Reason.OPEN_TO_THE_NETWORK;
      case FEW -> Verdict.Reason.OPEN_TO_FEW_ADDRESSES;
      case WIDE -> Verdict.Reason.OPEN_TO_A_WIDE_RANGE;
      case WORLD -> Verdict.Reason.OPEN_TO_THE_WORLD;
    };
  }

  /** For example {@code 22/TCP is open to the world by web-01-nsg/allow-ssh}. */
  public static String words(PortExposure exposure) {
    List<String> rules =
        exposure.ungranted().stream()
            .sorted(
                Comparator.comparing((Exposed e) -> Width.of(e.sources(), !e.names().isEmpty()))
                    .reversed())
            .flatMap(e -> e.rules().stream())
            .map(DecidingRule::toString)
            .distinct()
            .toList();
    return "%s is open to %s by %s"
        .formatted(exposure.ports(), exposure.width().words(), Verdict.listed(rules));
  }

  /** Rules of others by which ports under lock-down are open all the same. */
  public static List<Report.RuleSetBypass> bypasses(List<PortExposure> exposure) {
    Map<DecidingRule, Report.RuleSetBypass> found = new LinkedHashMap<>();
    for (PortExposure port : exposure) {
      if (!port.managed()) {
        continue;
      }
      for (Exposed e : port.ungranted()) {
        for (DecidingRule rule : e.rules()) {
          if (!rule.ruleSet().isEmpty()) {
            found.putIfAbsent(rule, bypass(port, e, rule));
          }
        }
      }
    }
    return List.copyOf(found.values());
  }

  private static Report.RuleSetBypass bypass(PortExposure port, Exposed e, DecidingRule rule) {
    List<String> from =
        java.util.stream.Stream.concat(
                e.names().stream(), e.sources().cidrs().stream().map(Object::toString))
            .toList();
    return new Report.RuleSetBypass(
        new RuleSetId(rule.ruleSet()),
        new Assessment.Bypass(
            rule.rule(), "lets %s reach %s".formatted(Verdict.listed(from), port.ports())));
  }
}
