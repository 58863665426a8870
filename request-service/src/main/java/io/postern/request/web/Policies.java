package io.postern.request.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postern.condition.ConditionChecks;
import io.postern.event.Assessment;
import io.postern.event.MachineAssessed;
import io.postern.log.Convert;
import io.postern.model.FieldError;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.PolicyChecks;
import io.postern.model.PolicyId;
import io.postern.model.PolicyReader;
import io.postern.model.Requestor;
import io.postern.request.config.RequestServiceProperties;
import io.postern.request.domain.PlanView;
import io.postern.request.kafka.RequestLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Reading and rehearsing policies, for every door through which they are put. */
@Component
public class Policies {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** An enforcer reads the rule sets of its cloud anew for an answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final RequestLog log;
  private final RequestServiceProperties properties;

  Policies(RequestLog log, RequestServiceProperties properties) {
    this.log = log;
    this.properties = properties;
  }

  /**
   * What a policy would write.
   *
   * @param silent machines that it concerns for which nobody has answered
   */
  public record Rehearsed(List<PlanView> plans, List<MachineId> silent) {
    public Rehearsed {
      plans = List.copyOf(plans);
      silent = List.copyOf(silent);
    }

    /** All machines that the policy concerns. */
    public Set<MachineId> concerned() {
      return Stream.concat(plans.stream().map(PlanView::machine), silent.stream())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /**
   * Reads a policy and checks it as policy-service will once more.
   *
   * @throws Problem naming every field that is wrong
   */
  public Policy read(String name, String body) {
    JsonNode document;
    try {
      document = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw Problem.invalid("", "must be JSON", e.getOriginalMessage());
    }
    PolicyReader.Result result = PolicyReader.read(document, id(name).value());
    if (result.policy().isEmpty()) {
      throw Problem.invalid(result.errors());
    }
    Policy policy = result.policy().get();
    List<FieldError> errors = new ArrayList<>();
    RequestServiceProperties.Bounds bounds = properties.bounds();
    errors.addAll(PolicyChecks.outside(policy, bounds.shortest(), bounds.longest()));
    ConditionChecks.error(policy).ifPresent(errors::add);
    errors.addAll(
        PolicyChecks.ties(
            policy,
            log.policies().all().stream().map(Convert::toModel).toList(),
            log.machines().all().stream().map(Convert::toModel).toList()));
    if (!errors.isEmpty()) {
      throw Problem.invalid(errors);
    }
    return policy;
  }

  /**
   * A draft of a policy for machines as they are: ports really open, sources really let in.
   *
   * @param machines none for all that are unhealthy and can be put under just-in-time access
   * @param groups who may ask
   * @throws Problem when a machine is not known, or none has an open port
   */
  public Policy draft(PolicyId name, List<MachineId> machines, Set<String> groups) {
    List<MachineAssessed> meant =
        machines.isEmpty()
            ? log.machines().all().stream()
                .filter(m -> m.getAssessment() == Assessment.UNHEALTHY)
                .filter(m -> m.getUnsupported().isEmpty())
                .toList()
            : machines.stream()
                .map(
                    m ->
                        log.machines()
                            .get(m.value())
                            .orElseThrow(() -> Problem.notFound("machine: " + m)))
                .toList();
    return SuggestedPolicy.of(name, meant, groups)
        .orElseThrow(
            () ->
                Problem.conflict(
                    "no port of these machines is known to be open to anybody without a grant"));
  }

  /** Asks what a policy would write, and waits for the answers. */
  public Rehearsed rehearse(Policy policy, Requestor person, Optional<Long> expectedVersion) {
    List<Policy> sides =
        Stream.concat(
                Stream.of(policy),
                log.policies().get(policy.id().value()).map(Convert::toModel).stream())
            .toList();
    Set<MachineId> concerned =
        log.machines().all().stream()
            .map(Convert::toModel)
            .filter(m -> sides.stream().anyMatch(p -> p.selects(m)))
            .map(MachineFacts::id)
            .collect(Collectors.toCollection(TreeSet::new));
    String changeId = log.put(policy, person, expectedVersion, true);
    Waiting.until(PATIENCE, () -> answered(changeId).containsAll(concerned));
    Set<MachineId> answered = answered(changeId);
    return new Rehearsed(
        log.model().plans(changeId),
        concerned.stream().filter(m -> !answered.contains(m)).toList());
  }

  private Set<MachineId> answered(String changeId) {
    return log.model().plans(changeId).stream().map(PlanView::machine).collect(Collectors.toSet());
  }

  /**
   * A policy's name.
   *
   * @throws Problem when it cannot be one
   */
  public static PolicyId id(String name) {
    try {
      return new PolicyId(name);
    } catch (InvalidValueException e) {
      throw Problem.invalid("name", e.rule(), e.given());
    }
  }
}
