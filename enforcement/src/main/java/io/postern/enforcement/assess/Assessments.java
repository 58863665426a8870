package io.postern.enforcement.assess;

import io.postern.enforcement.domain.Report;
import io.postern.enforcement.exposure.Exposed;
import io.postern.enforcement.exposure.PortExposure;
import io.postern.enforcement.exposure.Posture;
import io.postern.enforcement.exposure.Unsupported;
import io.postern.event.Assessment;
import io.postern.event.AssessmentMode;
import io.postern.event.AssessmentReason;
import io.postern.event.Bypass;
import io.postern.event.DecidingRule;
import io.postern.event.ExposedSources;
import io.postern.event.MachineAssessed;
import io.postern.event.Severity;
import io.postern.log.Convert;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.RuleSetId;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** How a machine stands, as an event. */
public final class Assessments {
  /**
   * CIDRs of one entry. Brokers take records of 1 MiB by default; four ports with a few such
   * entries stay below.
   */
  static final int MOST_SOURCES = 1_000;

  private Assessments() {}

  public static MachineAssessed toEvent(MachineFacts machine, Posture posture, Instant at) {
    return MachineAssessed.newBuilder()
        .setMachineId(machine.id().value())
        .setScope(machine.id().scope().value())
        .setName(machine.name())
        .setTags(machine.tags())
        .setPrivateAddresses(machine.privateAddresses())
        .setPublicAddresses(machine.publicAddresses())
        .setRunning(machine.running())
        .setRuleSets(machine.ruleSets().stream().map(RuleSetId::value).toList())
        .setAssessment(Assessment.valueOf(posture.verdict().result().name()))
        .setReason(posture.verdict().reason())
        .setAssessedAt(at)
        .setMode(AssessmentMode.valueOf(posture.mode().name()))
        .setReasonCode(AssessmentReason.valueOf(posture.verdict().code().name()))
        .setSeverity(Severity.valueOf(posture.severity().name()))
        .setUnsupported(posture.unsupported().map(Unsupported::why).orElse(""))
        .setExposure(posture.exposure().stream().map(Assessments::toEvent).toList())
        .setBypassedBy(posture.bypasses().stream().map(Assessments::toEvent).toList())
        .setShortage(posture.shortage().map(Convert::toEvent).orElse(null))
        .setPublicShortage(posture.publicShortage().map(Convert::toEvent).orElse(null))
        .build();
  }

  private static io.postern.event.PortExposure toEvent(PortExposure e) {
    return new io.postern.event.PortExposure(
        Convert.toEvent(e.ports()),
        e.managed(),
        e.reachableFrom().stream().map(Assessments::toEvent).toList());
  }

  private static ExposedSources toEvent(Exposed e) {
    List<String> all =
        Stream.concat(e.sources().cidrs().stream().map(Object::toString), e.names().stream())
            .toList();
    List<String> kept = all.subList(0, Math.min(all.size(), MOST_SOURCES));
    return new ExposedSources(
        kept,
        all.size() - kept.size(),
        e.rules().stream().map(r -> new DecidingRule(r.ruleSet(), r.rule())).toList(),
        e.grants().stream().map(GrantId::toString).toList());
  }

  public static Bypass toEvent(Report.RuleSetBypass b) {
    return new Bypass(b.ruleSet().value(), b.bypass().rule(), b.bypass().explanation());
  }
}
