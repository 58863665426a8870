package io.postern.policy.kafka;

import io.postern.condition.Condition;
import io.postern.model.Cidr;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineFacts;
import io.postern.model.Policy;
import io.postern.model.PortSpec;
import io.postern.policy.domain.AccessRequest;
import io.postern.policy.domain.Conditions;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Evaluates conditions in CEL; each is compiled once. */
final class CelConditions implements Conditions {
  private static final int MOST_COMPILED = 10_000;

  private final Map<String, Condition> compiled = new ConcurrentHashMap<>();

  @Override
  public Optional<String> objection(
      Policy policy, AccessRequest request, MachineFacts machine, Instant now) {
    String text = policy.terms().condition().orElseThrow();
    try {
      if (compiled.size() > MOST_COMPILED) {
        compiled.clear();
      }
      return compiled.computeIfAbsent(text, Condition::compile).holds(inputs(request, machine, now))
          ? Optional.empty()
          : Optional.of("not true: " + text);
    } catch (InvalidValueException | IllegalStateException e) {
      return Optional.of("cannot be evaluated: " + e.getMessage());
    }
  }

  private static Map<String, Object> inputs(AccessRequest r, MachineFacts machine, Instant now) {
    Map<String, Object> inputs = new HashMap<>();
    inputs.put("request.ports", r.ports().stream().map(PortSpec::toString).toList());
    inputs.put("request.sources", r.sources().stream().map(Cidr::toString).toList());
    inputs.put("request.duration", r.duration());
    inputs.put("request.justification", r.justification().orElse(""));
    inputs.put("requestor.subject", r.requestor().subject());
    inputs.put("requestor.issuer", r.requestor().issuer());
    inputs.put("requestor.groups", r.requestor().groups().stream().sorted().toList());
    inputs.put("machine.id", machine.id().value());
    inputs.put("machine.name", machine.name());
    inputs.put("machine.cloud", machine.id().cloud().name());
    inputs.put("machine.scope", machine.id().scope().value());
    inputs.put("machine.tags", machine.tags());
    inputs.put("start", r.startAt().filter(s -> s.isAfter(now)).orElse(now));
    inputs.put("now", now);
    return inputs;
  }
}
