package io.postern.request.defender;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.model.Cidr;
import io.postern.model.FieldError;
import io.postern.model.FieldReader;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineId;
import io.postern.model.PortRange;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads an initiate request. Azure gives each port of each machine its own source and end; what
 * ends at the same time and is for the same sources and ports becomes one request of ours.
 */
final class InitiateReader {
  private static final Cidr ANYWHERE = Cidr.parse("0.0.0.0/0");

  /**
   * Clients ask for the longest time that the policy allows, counted from their own clock; by so
   * much it may be ahead of ours.
   */
  static final Duration CLOCKS_APART = Duration.ofSeconds(60);

  /**
   * One request of ours.
   *
   * @param end when it is to end, as it was asked for
   */
  record Ask(
      List<MachineId> machines,
      List<PortSpec> ports,
      List<Cidr> sources,
      Instant end,
      Duration duration) {}

  /** What is asked for, or what is wrong with the document; one of the two is empty. */
  record Result(List<Ask> asks, Optional<String> justification, List<FieldError> errors) {}

  private record Terms(List<Cidr> sources, Instant end, Duration duration) {}

  private record Kind(List<PortSpec> ports, Terms terms) {}

  private final FieldReader in = new FieldReader();
  private final Map<MachineId, List<PortRule>> rules;
  private final String caller;
  private final Instant now;

  private InitiateReader(Map<MachineId, List<PortRule>> rules, String caller, Instant now) {
    this.rules = rules;
    this.caller = caller;
    this.now = now;
  }

  /**
   * Reads a document.
   *
   * @param rules the ports of each machine of the policy
   * @param caller the caller's own address, the source where none is given
   */
  static Result read(
      JsonNode document, Map<MachineId, List<PortRule>> rules, String caller, Instant now) {
    InitiateReader reader = new InitiateReader(rules, caller, now);
    Map<Kind, List<MachineId>> kinds = reader.machines(document);
    List<FieldError> errors = reader.in.errors();
    if (!errors.isEmpty()) {
      return new Result(List.of(), Optional.empty(), errors);
    }
    List<Ask> asks = new ArrayList<>();
    kinds.forEach(
        (kind, machines) ->
            asks.add(
                new Ask(
                    machines,
                    kind.ports(),
                    kind.terms().sources(),
                    kind.terms().end(),
                    kind.terms().duration())));
    String justification = document.path("justification").asText("");
    return new Result(asks, Optional.of(justification).filter(j -> !j.isBlank()), List.of());
  }

  private Map<Kind, List<MachineId>> machines(JsonNode document) {
    Map<Kind, List<MachineId>> kinds = new LinkedHashMap<>();
    in.list(
        document,
        "virtualMachines",
        "",
        (node, path) -> {
          Optional<MachineId> machine =
              in.value(path + ".id", node.path("id").asText(), this::known);
          Map<Terms, List<PortSpec>> byTerms = new LinkedHashMap<>();
          in.list(
              node,
              "ports",
              path + ".",
              (port, at) -> {
                port(port, at, machine, byTerms);
                return Optional.of(port);
              });
          byTerms.forEach(
              (terms, ports) ->
                  machine.ifPresent(
                      m ->
                          kinds
                              .computeIfAbsent(new Kind(ports, terms), k -> new ArrayList<>())
                              .add(m)));
          return machine;
        });
    return kinds;
  }

  private MachineId known(String text) {
    MachineId machine = new MachineId(text);
    if (!rules.containsKey(machine)) {
      throw new InvalidValueException("must be a virtual machine of the policy", text);
    }
    return machine;
  }

  private void port(
      JsonNode node, String path, Optional<MachineId> machine, Map<Terms, List<PortSpec>> byTerms) {
    Optional<PortRange> number =
        in.value(path + ".number", node.path("number").asText(), ArmFields::port);
    Optional<Instant> end =
        in.value(path + ".endTimeUtc", node.path("endTimeUtc").asText(), this::end);
    List<Cidr> sources = sources(node, path);
    if (machine.isEmpty() || number.isEmpty() || end.isEmpty()) {
      return;
    }
    List<PortRule> named =
        rules.getOrDefault(machine.get(), List.of()).stream()
            .filter(r -> r.ports().ports().contains(number.get()))
            .toList();
    if (named.isEmpty()) {
      in.error(path + ".number", "must be a port of the policy", node.path("number"));
    }
    for (PortRule rule : named) {
      byTerms
          .computeIfAbsent(
              new Terms(sources, end.get(), duration(end.get(), rule.maxDuration())),
              t -> new ArrayList<>())
          .add(new PortSpec(number.get(), rule.ports().protocol()));
    }
  }

  private Duration duration(Instant end, Duration most) {
    Duration asked = Duration.between(now, end);
    return asked.compareTo(most) > 0 && asked.minus(CLOCKS_APART).compareTo(most) <= 0
        ? most
        : asked;
  }

  private List<Cidr> sources(JsonNode node, String path) {
    List<ArmFields.Prefix> all = ArmFields.prefixes(in, node, path);
    if (all.isEmpty()) {
      all = List.of(new ArmFields.Prefix(path + ".allowedSourceAddressPrefix", caller));
    }
    return all.stream()
        .flatMap(p -> in.value(p.path(), p.text(), InitiateReader::source).stream())
        .distinct()
        .toList();
  }

  private static Cidr source(String text) {
    return text.equals("*") ? ANYWHERE : Cidr.parse(text);
  }

  private Instant end(String text) {
    Instant end;
    try {
      end = OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new InvalidValueException("must be a time such as 2026-01-31T18:00:00Z", text);
    }
    if (!end.isAfter(now)) {
      throw new InvalidValueException("must lie in the future", text);
    }
    return end;
  }
}
