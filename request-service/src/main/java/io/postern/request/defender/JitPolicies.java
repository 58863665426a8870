package io.postern.request.defender;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postern.event.JitPolicy;
import io.postern.log.Convert;
import io.postern.model.FieldError;
import io.postern.model.Ids;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.PolicyChecks;
import io.postern.model.PolicyId;
import io.postern.model.PolicyReader;
import io.postern.model.PolicyWriter;
import io.postern.model.PortRule;
import io.postern.model.Requestor;
import io.postern.request.config.RequestServiceProperties;
import io.postern.request.kafka.RequestLog;
import io.postern.request.web.Waiting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Policies of Azure's kind, each kept as one policy of ours for each of its machines. */
@Component
public class JitPolicies {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final RequestLog log;
  private final RequestServiceProperties properties;

  JitPolicies(RequestLog log, RequestServiceProperties properties) {
    this.log = log;
    this.properties = properties;
  }

  /**
   * What stands for a resource now.
   *
   * @param policies by machine; none when there is no such resource
   */
  record Standing(SortedMap<MachineId, JitPolicy> policies) {
    List<Policy> models() {
      return policies.values().stream().map(Convert::toModel).toList();
    }

    Map<MachineId, List<PortRule>> rules() {
      Map<MachineId, List<PortRule>> rules = new TreeMap<>();
      policies.forEach((machine, policy) -> rules.put(machine, Convert.toModel(policy).ports()));
      return rules;
    }

    /** Another one after every change of any of them. */
    String etag() {
      List<String> parts = new ArrayList<>();
      policies.forEach((machine, policy) -> parts.add(machine + " " + policy.getVersion()));
      return "\"" + Ids.derived(parts.toArray(String[]::new)) + "\"";
    }
  }

  /** All resources, by their ids. */
  SortedMap<JitResource, Standing> all() {
    SortedMap<JitResource, Standing> all = new TreeMap<>(Comparator.comparing(JitResource::id));
    for (JitPolicy policy : log.policies().all()) {
      Policy model = Convert.toModel(policy);
      JitResource.of(model)
          .ifPresent(
              r ->
                  all.computeIfAbsent(r, x -> new Standing(new TreeMap<>()))
                      .policies()
                      .put(JitResource.machineOf(model).orElseThrow(), policy));
    }
    return all;
  }

  /** Where a machine is reached from outside, as its enforcer saw it last. */
  Optional<String> publicAddress(MachineId machine) {
    return log.machines().get(machine.value()).stream()
        .flatMap(m -> m.getPublicAddresses().stream())
        .findFirst();
  }

  Standing standing(JitResource resource) {
    return all().getOrDefault(resource, new Standing(new TreeMap<>()));
  }

  /**
   * Puts a resource. What Postern's own doors have added to the policy of a machine, such as
   * approvers, stays.
   *
   * @return whether all of it is in force
   * @throws ArmException that names every field that is wrong
   */
  boolean put(JitResource resource, JsonNode document, Optional<String> ifMatch, Requestor by) {
    Standing before = standing(resource);
    check(ifMatch, before);
    var bounds = properties.bounds();
    JitPolicyReader.Result read =
        JitPolicyReader.read(document, resource, bounds.shortest(), bounds.longest());
    if (!read.errors().isEmpty()) {
      throw ArmException.invalid(read.errors());
    }
    Map<MachineId, Policy> wanted = new LinkedHashMap<>();
    read.machines()
        .forEach((machine, ports) -> wanted.put(machine, policy(resource, machine, ports, before)));
    refuseTies(wanted);
    return apply(before, wanted, ifMatch.isPresent(), by);
  }

  private boolean apply(
      Standing before, Map<MachineId, Policy> wanted, boolean guarded, Requestor by) {
    Map<PolicyId, String> changes = new HashMap<>();
    wanted.forEach(
        (machine, policy) -> {
          Optional<JitPolicy> old = Optional.ofNullable(before.policies().get(machine));
          if (old.map(Convert::toModel).filter(o -> isSame(o, policy)).isEmpty()) {
            changes.put(
                policy.id(),
                log.put(policy, by, old.filter(o -> guarded).map(JitPolicy::getVersion), false));
          }
        });
    Set<PolicyId> gone = new HashSet<>();
    before
        .policies()
        .forEach(
            (machine, policy) -> {
              if (!wanted.containsKey(machine)) {
                PolicyId id = new PolicyId(policy.getPolicyId());
                log.delete(id, by, guarded ? Optional.of(policy.getVersion()) : Optional.empty());
                gone.add(id);
              }
            });
    return Waiting.until(
        () ->
            gone.stream().allMatch(id -> log.policies().get(id.value()).isEmpty())
                && changes.entrySet().stream().allMatch(c -> isInForce(c.getKey(), c.getValue())));
  }

  private boolean isInForce(PolicyId id, String change) {
    return log.policies().get(id.value()).filter(p -> p.getChangeId().equals(change)).isPresent();
  }

  private static boolean isSame(Policy one, Policy other) {
    return PolicyWriter.write(one).equals(PolicyWriter.write(other));
  }

  /** Removes a resource; whether there was one. */
  boolean delete(JitResource resource, Optional<String> ifMatch, Requestor by) {
    Standing before = standing(resource);
    check(ifMatch, before);
    apply(before, Map.of(), ifMatch.isPresent(), by);
    return !before.policies().isEmpty();
  }

  private static void check(Optional<String> ifMatch, Standing before) {
    boolean isThere = !before.policies().isEmpty();
    if (ifMatch.filter(m -> !(isThere && (m.equals("*") || m.equals(before.etag())))).isPresent()) {
      throw ArmException.of(
          HttpStatus.PRECONDITION_FAILED,
          "PreconditionFailed",
          isThere
              ? "the policy has ETag " + before.etag() + ", not " + ifMatch.get()
              : "there is no such policy");
    }
  }

  private Policy policy(
      JitResource resource, MachineId machine, List<PortRule> ports, Standing before) {
    PolicyId id;
    try {
      id = resource.policyOf(machine);
    } catch (InvalidValueException e) {
      throw ArmException.invalid("jitNetworkAccessPolicyName", e.rule(), e.given());
    }
    ObjectNode document =
        Optional.ofNullable(before.policies().get(machine))
            .map(Convert::toModel)
            .map(PolicyWriter::write)
            .orElseGet(() -> fresh(machine));
    document.put("name", id.value());
    document.set("ports", ports(ports));
    PolicyReader.Result result = PolicyReader.read(document, id.value());
    return result.policy().orElseThrow(() -> ArmException.invalid(result.errors()));
  }

  private ObjectNode fresh(MachineId machine) {
    ObjectNode document = NODES.objectNode();
    document.put("schemaVersion", 1);
    document.putArray("machines").addObject().put("id", machine.value());
    ArrayNode groups = document.putObject("requestors").putArray("groups");
    properties.defender().requestorGroups().stream().sorted().forEach(groups::add);
    return document;
  }

  private static ArrayNode ports(List<PortRule> rules) {
    ArrayNode all = NODES.arrayNode();
    for (PortRule rule : rules) {
      ObjectNode port = all.addObject();
      port.put("port", rule.ports().ports().from());
      port.put("protocol", rule.ports().protocol().name());
      ArrayNode sources = port.putArray("sources");
      if (rule.sources().isEmpty()) {
        sources.add("*");
      }
      rule.sources().forEach(s -> sources.add(s.toString()));
      port.put("maxDuration", rule.maxDuration().toString());
    }
    return all;
  }

  private void refuseTies(Map<MachineId, Policy> wanted) {
    List<Policy> others = log.policies().all().stream().map(Convert::toModel).toList();
    var facts = log.machines().all().stream().map(Convert::toModel).toList();
    List<FieldError> errors = new ArrayList<>();
    int i = 0;
    for (Policy policy : wanted.values()) {
      String field = "properties.virtualMachines[" + i++ + "].id";
      PolicyChecks.ties(policy, others, facts)
          .forEach(e -> errors.add(new FieldError(field, e.rule(), e.given())));
    }
    if (!errors.isEmpty()) {
      throw ArmException.invalid(errors);
    }
  }
}
