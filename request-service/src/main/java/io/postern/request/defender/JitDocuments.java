package io.postern.request.defender;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postern.model.Cidr;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.request.domain.Connect;
import io.postern.request.domain.GrantState;
import io.postern.request.domain.GrantView;
import io.postern.request.domain.RequestView;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Writes policies and requests as Defender's API has them. */
final class JitDocuments {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String STATUS_OPEN = "Initiated";
  private static final String STATUS_OVER = "Revoked";
  private static final String BY_USER = "UserRequested";

  private JitDocuments() {}

  /**
   * A policy.
   *
   * @param policies those of ours that stand for it
   * @param requests those that the reader may see, with their grants
   * @param settled whether all of it is in force
   * @param publicAddress of a machine, where it has one
   */
  static ObjectNode policy(
      JitResource resource,
      Collection<Policy> policies,
      List<RequestView> requests,
      boolean settled,
      Function<MachineId, Optional<String>> publicAddress,
      Instant now) {
    ObjectNode doc = NODES.objectNode();
    doc.put("kind", "Basic");
    ObjectNode properties = doc.putObject("properties");
    ArrayNode machines = properties.putArray("virtualMachines");
    Map<MachineId, Policy> byMachine = new TreeMap<>();
    policies.forEach(p -> JitResource.machineOf(p).ifPresent(m -> byMachine.put(m, p)));
    byMachine.forEach(
        (machine, policy) -> {
          ObjectNode node = machine(machine, policy);
          publicAddress.apply(machine).ifPresent(a -> node.put("publicIpAddress", a));
          machines.add(node);
        });
    ArrayNode asked = properties.putArray("requests");
    for (RequestView request : requests) {
      ObjectNode written = request(request, byMachine, now);
      if (!written.path("virtualMachines").isEmpty()) {
        asked.add(written);
      }
    }
    properties.put("provisioningState", settled ? "Succeeded" : "Updating");
    doc.put("id", resource.id());
    doc.put("name", resource.name());
    doc.put("type", "Microsoft.Security/locations/jitNetworkAccessPolicies");
    doc.put("location", resource.location());
    return doc;
  }

  private static ObjectNode machine(MachineId machine, Policy policy) {
    ObjectNode node = NODES.objectNode();
    node.put("id", machine.value());
    ArrayNode ports = node.putArray("ports");
    for (PortRule rule : policy.ports()) {
      ObjectNode port = ports.addObject();
      port.put("number", rule.ports().ports().from());
      port.put("protocol", ArmFields.text(rule.ports().protocol()));
      if (rule.sources().isEmpty()) {
        port.put("allowedSourceAddressPrefix", "*");
      } else {
        sources(port, rule.sources());
      }
      port.put("maxRequestAccessDuration", rule.maxDuration().toString());
    }
    return node;
  }

  private static void sources(ObjectNode port, List<Cidr> sources) {
    if (sources.size() == 1) {
      port.put("allowedSourceAddressPrefix", text(sources.get(0)));
    } else {
      ArrayNode all = port.putArray("allowedSourceAddressPrefixes");
      sources.forEach(s -> all.add(text(s)));
    }
  }

  private static String text(Cidr source) {
    return source.isSingle() ? source.addressText() : source.toString();
  }

  /** A request, with what of it was granted under the policies. */
  private static ObjectNode request(
      RequestView request, Map<MachineId, Policy> policies, Instant now) {
    ObjectNode node = NODES.objectNode();
    ArrayNode machines = node.putArray("virtualMachines");
    Instant first = Instant.MAX;
    for (GrantView grant : request.grants()) {
      Optional<GrantView.Given> given = grant.given().filter(g -> isUnder(policies, grant, g));
      if (given.isEmpty() || grant.state(now) == GrantState.FAILED) {
        continue;
      }
      ObjectNode machine = machines.addObject();
      machine.put("id", grant.machine().value());
      ArrayNode ports = machine.putArray("ports");
      for (PortSpec port : given.get().ports()) {
        granted(ports.addObject(), port.ports().from(), grant, given.get(), now);
      }
      first = given.get().startsAt().isBefore(first) ? given.get().startsAt() : first;
    }
    node.put("startTimeUtc", utc(request.submittedAt().orElse(first)));
    node.put("requestor", request.requestor());
    request.justification().ifPresent(j -> node.put("justification", j));
    return node;
  }

  private static boolean isUnder(
      Map<MachineId, Policy> policies, GrantView grant, GrantView.Given given) {
    Policy policy = policies.get(grant.machine());
    return policy != null && policy.id().value().equals(given.policy());
  }

  private static void granted(
      ObjectNode node, int number, GrantView grant, GrantView.Given given, Instant now) {
    node.put("number", number);
    sources(node, given.sources());
    node.put("endTimeUtc", utc(grant.expiresAt().orElse(given.expiresAt())));
    boolean over = grant.state(now) == GrantState.CLOSED || grant.state(now) == GrantState.CLOSING;
    node.put("status", over ? STATUS_OVER : STATUS_OPEN);
    node.put("statusReason", over ? reason(grant.endReason().orElse("")) : BY_USER);
    if (!over) {
      mappedPort(grant, given).ifPresent(mapped -> node.put("mappedPort", mapped));
    }
  }

  /**
   * The port of a firewall to connect to. An endpoint does not say which port of the machine it
   * leads to, so of several ports none is told rather than a wrong one. Azure has one for both
   * protocols; TCP is what people connect by.
   */
  static OptionalInt mappedPort(GrantView grant, GrantView.Given given) {
    Set<Integer> numbers =
        given.ports().stream().map(p -> p.ports().from()).collect(Collectors.toSet());
    if (numbers.size() != 1) {
      return OptionalInt.empty();
    }
    return grant.opened().stream()
        .flatMap(o -> o.connect().stream())
        .filter(c -> !numbers.contains(c.port()))
        .sorted(Comparator.comparing(c -> c.protocol().equals("UDP")))
        .mapToInt(Connect::port)
        .findFirst();
  }

  private static String reason(String ours) {
    return switch (ours) {
      case "EXPIRED" -> "Expired";
      case "NEWER_REQUEST_INITIATED" -> "NewerRequestInitiated";
      default -> BY_USER;
    };
  }

  /** What was asked for, before it is known what becomes of it. */
  static ObjectNode initiated(
      List<InitiateReader.Ask> asks,
      String requestor,
      Optional<String> justification,
      Instant now) {
    ObjectNode node = NODES.objectNode();
    Map<MachineId, ArrayNode> ports = new TreeMap<>();
    for (InitiateReader.Ask ask : asks) {
      for (MachineId machine : ask.machines()) {
        ArrayNode all = ports.computeIfAbsent(machine, m -> NODES.arrayNode());
        for (PortSpec port : ask.ports()) {
          ObjectNode each = all.addObject();
          each.put("number", port.ports().from());
          sources(each, ask.sources());
          each.put("endTimeUtc", utc(ask.end()));
          each.put("status", STATUS_OPEN);
          each.put("statusReason", BY_USER);
        }
      }
    }
    ArrayNode machines = node.putArray("virtualMachines");
    ports.forEach(
        (machine, all) -> machines.addObject().put("id", machine.value()).set("ports", all));
    node.put("startTimeUtc", utc(now));
    node.put("requestor", requestor);
    justification.ifPresent(j -> node.put("justification", j));
    return node;
  }

  private static String utc(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MILLIS).toString();
  }
}
