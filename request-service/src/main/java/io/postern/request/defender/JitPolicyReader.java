package io.postern.request.defender;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.model.Cidr;
import io.postern.model.FieldError;
import io.postern.model.FieldReader;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineId;
import io.postern.model.PolicyReader;
import io.postern.model.PortRange;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a policy's document as Defender has it. Every mistake is named with its field; fields that
 * Azure does not know are ignored, as Azure does.
 */
final class JitPolicyReader {
  private static final String ANY = "*";

  /** The ports of each machine, or what is wrong with the document; one of the two is empty. */
  record Result(Map<MachineId, List<PortRule>> machines, List<FieldError> errors) {}

  private final FieldReader in = new FieldReader();
  private final JitResource resource;
  private final Duration shortest;
  private final Duration longest;

  private JitPolicyReader(JitResource resource, Duration shortest, Duration longest) {
    this.resource = resource;
    this.shortest = shortest;
    this.longest = longest;
  }

  /**
   * Reads a document.
   *
   * @param shortest the shortest maximum duration that may be given
   * @param longest the longest one
   */
  static Result read(JsonNode document, JitResource resource, Duration shortest, Duration longest) {
    JitPolicyReader reader = new JitPolicyReader(resource, shortest, longest);
    Map<MachineId, List<PortRule>> machines = reader.machines(document.path("properties"));
    List<FieldError> errors = reader.in.errors();
    return errors.isEmpty() ? new Result(machines, errors) : new Result(Map.of(), errors);
  }

  private Map<MachineId, List<PortRule>> machines(JsonNode properties) {
    Map<MachineId, List<PortRule>> machines = new LinkedHashMap<>();
    if (!properties.isObject()) {
      in.error("properties", "must be an object", properties);
      return machines;
    }
    in.list(
        properties,
        "virtualMachines",
        "properties.",
        (node, path) -> {
          List<PortRule> ports = in.list(node, "ports", path + ".", this::port);
          distinct(ports, path + ".ports");
          machine(node, path)
              .filter(m -> machines.putIfAbsent(m, ports) != null)
              .ifPresent(m -> in.error(path + ".id", "must be named once only", node.path("id")));
          return Optional.of(node);
        });
    return machines;
  }

  private Optional<MachineId> machine(JsonNode node, String path) {
    return in.value(
        path + ".id",
        node.path("id").asText(),
        text -> {
          MachineId machine = new MachineId(text);
          if (!resource.isPlaceOf(machine)) {
            throw new InvalidValueException(
                "must be a virtual machine of the policy's subscription and resource group", text);
          }
          return machine;
        });
  }

  private Optional<PortRule> port(JsonNode node, String path) {
    Optional<PortRange> number =
        in.value(path + ".number", node.path("number").asText(), ArmFields::port);
    Optional<Protocol> protocol =
        in.value(path + ".protocol", node.path("protocol").asText(), Protocol::parse);
    Optional<Duration> most =
        in.value(
            path + ".maxRequestAccessDuration",
            node.path("maxRequestAccessDuration").asText(),
            this::duration);
    List<Cidr> sources = sources(node, path);
    return number.flatMap(
        n -> protocol.flatMap(p -> most.map(m -> new PortRule(new PortSpec(n, p), sources, m))));
  }

  private List<Cidr> sources(JsonNode node, String path) {
    List<ArmFields.Prefix> all = ArmFields.prefixes(in, node, path);
    return all.isEmpty() || all.stream().anyMatch(p -> p.text().equals(ANY))
        ? List.of()
        : all.stream()
            .flatMap(p -> in.value(p.path(), p.text(), Cidr::parse).stream())
            .distinct()
            .toList();
  }

  private Duration duration(String text) {
    Duration d = PolicyReader.duration(text);
    if (d.compareTo(shortest) < 0 || d.compareTo(longest) > 0) {
      throw new InvalidValueException(
          "must be between %s and %s".formatted(shortest, longest), text);
    }
    return d;
  }

  private void distinct(List<PortRule> ports, String path) {
    List<PortSpec> before = new ArrayList<>();
    for (PortRule rule : ports) {
      if (before.stream().anyMatch(rule.ports()::overlaps)) {
        in.add(
            new FieldError(path, "must name each port and protocol once", rule.ports().toString()));
      }
      before.add(rule.ports());
    }
  }
}
