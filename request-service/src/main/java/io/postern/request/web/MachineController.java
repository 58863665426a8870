package io.postern.request.web;

import io.postern.event.Assessment;
import io.postern.event.AssessmentReason;
import io.postern.event.MachineAssessed;
import io.postern.event.Severity;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.PolicyWriter;
import io.postern.request.kafka.RequestLog;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The machines that enforcers have seen, and how they stand. */
@RestController
@RequestMapping("/api/v1/machines")
public class MachineController {
  private final RequestLog log;
  private final Policies policies;

  MachineController(RequestLog log, Policies policies) {
    this.log = log;
    this.policies = policies;
  }

  /**
   * Which machines are meant; what is left out restricts nothing.
   *
   * @param id of one machine
   * @param assessment HEALTHY, UNHEALTHY, NOT_APPLICABLE or UNKNOWN
   * @param severity this one or a higher one
   * @param reason the code of a reason
   */
  record Filter(
      @Nullable String id,
      @Nullable String assessment,
      @Nullable String severity,
      @Nullable String reason) {
    Predicate<MachineAssessed> predicate() {
      Predicate<MachineAssessed> all = m -> true;
      if (id != null) {
        String wanted = parse(id).value();
        all = all.and(m -> m.getMachineId().equals(wanted));
      }
      if (assessment != null) {
        Assessment wanted = named("assessment", Assessment.class, assessment);
        all = all.and(m -> m.getAssessment() == wanted);
      }
      if (severity != null) {
        Severity wanted = named("severity", Severity.class, severity);
        all = all.and(m -> m.getSeverity().compareTo(wanted) >= 0);
      }
      if (reason != null) {
        AssessmentReason wanted = named("reason", AssessmentReason.class, reason);
        all = all.and(m -> m.getReasonCode() == wanted);
      }
      return all;
    }

    private static <E extends Enum<E>> E named(String field, Class<E> type, String given) {
      return Arrays.stream(type.getEnumConstants())
          .filter(e -> e.name().equalsIgnoreCase(given))
          .findFirst()
          .orElseThrow(
              () ->
                  Problem.invalid(
                      field,
                      "must be one of "
                          + Stream.of(type.getEnumConstants())
                              .map(Enum::name)
                              .collect(Collectors.joining(", ")),
                      given));
    }
  }

  /** Who reaches its ports is told of one machine only; a page of them would be large. */
  @GetMapping
  Views.Page<Views.Machine> list(
      @ParameterObject Filter filter, @RequestParam(required = false) @Nullable String cursor) {
    List<Views.Machine> all =
        selected(filter)
            .map(
                m ->
                    Views.Machine.of(
                        m,
                        log.model().lockdown(new MachineId(m.getMachineId())),
                        filter.id() != null))
            .toList();
    return Views.Page.ofAll(all, cursor);
  }

  private Stream<MachineAssessed> selected(Filter filter) {
    return log.machines().all().stream()
        .filter(filter.predicate())
        .sorted(Comparator.comparing(MachineAssessed::getMachineId));
  }

  /** How many machines stand how, and how old the oldest assessment is. */
  @GetMapping("/counts")
  Views.Counts counts(@ParameterObject Filter filter) {
    return Views.Counts.of(selected(filter).toList());
  }

  /**
   * The machines for other tools.
   *
   * @param format {@code csv} for a spreadsheet, {@code ocsf} for a finding of the Open
   *     Cybersecurity Schema Framework on each line
   */
  @GetMapping("/export")
  ResponseEntity<String> export(
      @RequestParam(defaultValue = "") String format, @ParameterObject Filter filter) {
    return MachineReports.download(format, selected(filter).toList());
  }

  /**
   * A draft of a policy for machines as they are: ports really open, sources really let in. Put it
   * with {@code dryRun=true} to see what it would do.
   *
   * @param id machines; none for all that are unhealthy and can be put under just-in-time access
   * @param group who may ask
   */
  @GetMapping(value = "/suggested-policy", produces = MediaType.APPLICATION_JSON_VALUE)
  String suggestedPolicy(
      @RequestParam(defaultValue = "") List<String> id,
      @RequestParam(defaultValue = "suggested") String name,
      @RequestParam(defaultValue = "admins") Set<String> group) {
    Policy policy =
        policies.draft(
            Policies.id(name), id.stream().map(MachineController::parse).toList(), group);
    return PolicyWriter.write(policy).toString();
  }

  /**
   * A machine as a caller names it.
   *
   * @throws Problem when it is no id of a machine
   */
  public static MachineId parse(String id) {
    try {
      return new MachineId(id);
    } catch (InvalidValueException e) {
      throw Problem.invalid("machine", e.rule(), e.given());
    }
  }
}
