package io.postern.request.web;

import io.postern.model.Cidr;
import io.postern.model.FieldError;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineId;
import io.postern.model.PolicyReader;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the body of an access request; every mistake is named with its field. */
final class RequestBodyReader {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Set<String> FIELDS =
      Set.of(
          "machines",
          "ports",
          "sources",
          "start",
          "duration",
          "end",
          "justification",
          "breakGlass",
          "mode");
  private static final int MOST_ENTRIES = 100;
  private static final int LONGEST_JUSTIFICATION = 1000;

  /** What somebody asks for. */
  record AccessBody(
      List<MachineId> machines,
      List<PortSpec> ports,
      List<Cidr> sources,
      Optional<Instant> start,
      Duration duration,
      Optional<String> justification,
      boolean breakGlass,
      boolean allOrNothing) {}

  private final List<FieldError> errors = new ArrayList<>();

  private RequestBodyReader() {}

  /**
   * Reads a body.
   *
   * @param caller the caller's own address, the source when none is given
   * @throws Problem that names every field that is wrong
   */
  static AccessBody read(String body, String caller, Instant now) {
    RequestBodyReader reader = new RequestBodyReader();
    AccessBody read = reader.readTree(parse(body), caller, now);
    if (!reader.errors.isEmpty()) {
      throw Problem.invalid(reader.errors);
    }
    return read;
  }

  private static JsonNode parse(String body) {
    try {
      JsonNode node = JSON.readTree(body);
      if (node != null && node.isObject()) {
        return node;
      }
    } catch (JacksonException e) {
      throw Problem.invalid("", "must be JSON", body.length() > 80 ? body.substring(0, 80) : body);
    }
    throw Problem.invalid(
        "", "must be a JSON object", body.length() > 80 ? body.substring(0, 80) : body);
  }

  private AccessBody readTree(JsonNode node, String caller, Instant now) {
    node.propertyNames().stream()
        .filter(n -> !FIELDS.contains(n))
        .forEach(n -> error(n, "is not supported", node.path(n)));
    List<MachineId> machines =
        list(node, "machines", true, (n, p) -> value(p, text(n), MachineId::new));
    List<PortSpec> ports = list(node, "ports", true, this::port);
    List<Cidr> sources = list(node, "sources", false, (n, p) -> value(p, text(n), Cidr::parse));
    if (!node.has("sources")) {
      sources = value("sources", caller, Cidr::parse).map(List::of).orElse(List.of());
    }
    String justification = node.path("justification").asString("");
    if (justification.length() > LONGEST_JUSTIFICATION) {
      error(
          "justification",
          "must not be longer than " + LONGEST_JUSTIFICATION + " characters",
          node.path("justification"));
    }
    if (node.has("breakGlass") && !node.path("breakGlass").isBoolean()) {
      error("breakGlass", "must be true or false", node.path("breakGlass"));
    }
    Optional<Instant> start =
        node.has("start")
            ? value("start", text(node.path("start")), RequestBodyReader::instant)
            : Optional.empty();
    return new AccessBody(
        machines.stream().distinct().toList(),
        ports.stream().distinct().toList(),
        sources.stream().distinct().toList(),
        start,
        duration(node, start.filter(s -> s.isAfter(now)).orElse(now)),
        justification.isBlank() ? Optional.empty() : Optional.of(justification),
        node.path("breakGlass").asBoolean(false),
        allOrNothing(node));
  }

  private boolean allOrNothing(JsonNode node) {
    String mode = node.has("mode") ? text(node.path("mode")) : "BEST_EFFORT";
    boolean all = mode.equals("ALL_OR_NOTHING");
    if (!all && !mode.equals("BEST_EFFORT")) {
      error("mode", "must be BEST_EFFORT or ALL_OR_NOTHING", node.path("mode"));
    }
    if (all && node.path("breakGlass").asBoolean(false)) {
      error("mode", "must not be ALL_OR_NOTHING with breakGlass: it waits", node.path("mode"));
    }
    return all;
  }

  private Optional<PortSpec> port(JsonNode node, String path) {
    if (!node.isObject()) {
      error(path, "must be an object with port and protocol", node);
      return Optional.empty();
    }
    Optional<PortRange> range = value(path + ".port", text(node.path("port")), PortRange::parse);
    Optional<Protocol> protocol =
        node.has("protocol")
            ? value(path + ".protocol", text(node.path("protocol")), Protocol::parse)
            : Optional.of(Protocol.TCP);
    return range.flatMap(r -> protocol.map(p -> new PortSpec(r, p)));
  }

  private Duration duration(JsonNode node, Instant start) {
    if (node.has("duration") == node.has("end")) {
      error("duration", "must be given, or end instead of it", node.path("duration"));
      return Duration.ZERO;
    }
    if (node.has("duration")) {
      return value("duration", text(node.path("duration")), PolicyReader::duration)
          .orElse(Duration.ZERO);
    }
    return value("end", text(node.path("end")), t -> until(t, start)).orElse(Duration.ZERO);
  }

  private static Duration until(String text, Instant start) {
    Duration d = Duration.between(start, instant(text));
    if (d.isPositive()) {
      return d;
    }
    throw new InvalidValueException("must lie in the future, and after start", text);
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new InvalidValueException("must be an instant such as 2026-01-31T18:00:00Z", text);
    }
  }

  private interface Entry<T> {
    Optional<T> read(JsonNode node, String path);
  }

  private <T> List<T> list(JsonNode node, String field, boolean required, Entry<T> entry) {
    JsonNode array = node.path(field);
    if (array.isMissingNode() && !required) {
      return List.of();
    }
    if (!array.isArray() || array.isEmpty() || array.size() > MOST_ENTRIES) {
      error(field, "must be a list of 1 to " + MOST_ENTRIES + " entries", array);
      return List.of();
    }
    List<T> items = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      entry.read(array.get(i), field + "[" + i + "]").ifPresent(items::add);
    }
    return items;
  }

  private static String text(JsonNode node) {
    return node.isValueNode() ? node.asString("") : node.toString();
  }

  private <T> Optional<T> value(String path, String text, Function<String, T> read) {
    try {
      return Optional.of(read.apply(text));
    } catch (InvalidValueException e) {
      errors.add(new FieldError(path, e.rule(), e.given()));
      return Optional.empty();
    }
  }

  private void error(String field, String rule, JsonNode given) {
    String text = given.isMissingNode() ? "nothing" : given.toString();
    errors.add(new FieldError(field, rule, text.length() > 200 ? text.substring(0, 200) : text));
  }
}
