package io.postern.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a policy as people write it. Every mistake is collected with the path of its field; a field
 * that this version does not know is a mistake too, because a rule that is not enforced would be
 * believed to be.
 */
public final class PolicyReader {

  /** A policy, or what is wrong with the document; one of the two is empty. */
  public record Result(Optional<Policy> policy, List<FieldError> errors) {}

  private static final Set<String> FIELDS =
      Set.of(
          "schemaVersion",
          "name",
          "version",
          "machines",
          "ports",
          "requestors",
          "justification",
          "existingRules",
          "sharedGroups",
          "maxSourceWidth");

  private final List<FieldError> errors = new ArrayList<>();

  private PolicyReader() {}

  /**
   * Reads a document; {@code name} may be given by the caller and must then agree with the
   * document's.
   */
  public static Result read(JsonNode document, @Nullable String name) {
    PolicyReader reader = new PolicyReader();
    Optional<Policy> policy = reader.policy(document, name);
    return reader.errors.isEmpty()
        ? new Result(policy, List.of())
        : new Result(Optional.empty(), List.copyOf(reader.errors));
  }

  private Optional<Policy> policy(JsonNode doc, @Nullable String name) {
    if (!doc.isObject()) {
      error("", "must be an object", doc);
      return Optional.empty();
    }
    known(doc, "", FIELDS);
    if (doc.path("schemaVersion").asInt(0) != 1) {
      error("schemaVersion", "must be 1", doc.path("schemaVersion"));
    }
    String stated = doc.path("name").asText(name == null ? "" : name);
    if (name != null && !name.equals(stated)) {
      error("name", "must be the name that it is put under, " + name, doc.path("name"));
    }
    Optional<PolicyId> id = value("name", stated, PolicyId::new);
    List<MachineSelector> machines = list(doc, "machines", "", this::selector);
    List<PortRule> ports = list(doc, "ports", "", this::portRule);
    overlaps(ports);
    JsonNode requestors = doc.path("requestors");
    known(requestors, "requestors", Set.of("groups", "subjects"));
    Set<String> groups = texts(requestors.path("groups"), "requestors.groups");
    Set<String> subjects = texts(requestors.path("subjects"), "requestors.subjects");
    if (groups.isEmpty() && subjects.isEmpty()) {
      error("requestors", "must name at least one group or subject", requestors);
    }
    JsonNode justification = doc.path("justification");
    known(justification, "justification", Set.of("required", "pattern"));
    Optional<Pattern> pattern =
        optional(justification, "pattern")
            .flatMap(p -> value("justification.pattern", p, Pattern::compile));
    Policy.ExistingRules existing =
        oneOf(doc, "existingRules", Policy.ExistingRules.class, Policy.ExistingRules.PRIORITY);
    Policy.SharedGroups shared =
        oneOf(doc, "sharedGroups", Policy.SharedGroups.class, Policy.SharedGroups.REFUSE);
    JsonNode width = doc.path("maxSourceWidth");
    known(width, "maxSourceWidth", Set.of("ipv4", "ipv6"));
    int v4 = width(width, "ipv4", 32);
    int v6 = width(width, "ipv6", 128);
    return id.map(
        i ->
            new Policy(
                i,
                0,
                machines,
                ports,
                groups,
                subjects,
                justification.path("required").asBoolean(pattern.isPresent()),
                pattern,
                existing,
                shared,
                v4,
                v6));
  }

  private Optional<MachineSelector> selector(JsonNode node, String path) {
    known(node, path, Set.of("id", "azure", "aws"));
    if (node.size() != 1) {
      error(path, "must have exactly one of id, azure, aws", node);
      return Optional.empty();
    }
    if (node.has("id")) {
      return value(
          path + ".id", node.path("id").asText(), t -> new MachineSelector.ById(new MachineId(t)));
    }
    boolean azure = node.has("azure");
    String cloud = azure ? "azure" : "aws";
    JsonNode body = node.path(cloud);
    String at = path + "." + cloud;
    known(
        body,
        at,
        azure
            ? Set.of("subscription", "resourceGroup", "tags", "name")
            : Set.of("account", "region", "tags", "name"));
    if (!body.isObject() || body.isEmpty()) {
      error(at, "must state at least one condition", body);
      return Optional.empty();
    }
    Map<String, String> tags = new HashMap<>();
    body.path("tags").fields().forEachRemaining(f -> tags.put(f.getKey(), f.getValue().asText()));
    Optional<String> name = optional(body, "name");
    return Optional.of(
        azure
            ? new MachineSelector.Azure(
                optional(body, "subscription"), optional(body, "resourceGroup"), tags, name)
            : new MachineSelector.Aws(
                optional(body, "account"), optional(body, "region"), tags, name));
  }

  private Optional<PortRule> portRule(JsonNode node, String path) {
    known(node, path, Set.of("port", "protocol", "sources", "maxDuration"));
    Optional<PortRange> range = value(path + ".port", node.path("port").asText(), PortRange::parse);
    Optional<Protocol> protocol =
        value(path + ".protocol", node.path("protocol").asText("TCP"), Protocol::parse);
    Set<String> sources = texts(node.path("sources"), path + ".sources");
    List<Cidr> networks = new ArrayList<>();
    if (sources.isEmpty()) {
      error(path + ".sources", "must name at least one network, or *", node.path("sources"));
    } else if (!sources.contains("*")) {
      sources.forEach(s -> value(path + ".sources", s, Cidr::parse).ifPresent(networks::add));
    }
    Optional<Duration> longest =
        value(
            path + ".maxDuration", node.path("maxDuration").asText("PT3H"), PolicyReader::duration);
    if (range.isEmpty() || protocol.isEmpty() || longest.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new PortRule(new PortSpec(range.get(), protocol.get()), networks, longest.get()));
  }

  /**
   * Reads an ISO-8601 duration longer than zero.
   *
   * @throws InvalidValueException when it is none
   */
  public static Duration duration(String text) {
    try {
      Duration d = Duration.parse(text);
      if (!d.isNegative() && !d.isZero() && d.compareTo(Duration.ofDays(366)) < 0) {
        return d;
      }
    } catch (DateTimeException e) {
      throw new InvalidValueException("must be an ISO-8601 duration such as PT3H", text);
    }
    throw new InvalidValueException("must be longer than zero and shorter than a year", text);
  }

  private void overlaps(List<PortRule> ports) {
    for (int i = 0; i < ports.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (ports.get(i).ports().overlaps(ports.get(j).ports())) {
          errors.add(
              new FieldError(
                  "ports[" + i + "].port",
                  "must not overlap ports[" + j + "], " + ports.get(j).ports(),
                  ports.get(i).ports().toString()));
        }
      }
    }
  }

  private int width(JsonNode node, String name, int longest) {
    if (!node.has(name)) {
      return longest;
    }
    int length = node.path(name).asInt(-1);
    if (length < 0 || length > longest) {
      error("maxSourceWidth." + name, "must be a prefix length, 0 to " + longest, node.path(name));
    }
    return length;
  }

  private <E extends Enum<E>> E oneOf(JsonNode doc, String field, Class<E> type, E otherwise) {
    if (!doc.has(field)) {
      return otherwise;
    }
    for (E e : type.getEnumConstants()) {
      if (e.name().equalsIgnoreCase(doc.path(field).asText())) {
        return e;
      }
    }
    error(field, "must be one of " + List.of(type.getEnumConstants()), doc.path(field));
    return otherwise;
  }

  private <T> List<T> list(
      JsonNode doc,
      String field,
      String parent,
      java.util.function.BiFunction<JsonNode, String, Optional<T>> read) {
    JsonNode array = doc.path(field);
    List<T> items = new ArrayList<>();
    if (!array.isArray() || array.isEmpty()) {
      error(parent + field, "must be a list with at least one entry", array);
    }
    for (int i = 0; i < array.size(); i++) {
      read.apply(array.get(i), parent + field + "[" + i + "]").ifPresent(items::add);
    }
    return items;
  }

  private Set<String> texts(JsonNode array, String path) {
    Set<String> texts = new HashSet<>();
    if (!array.isMissingNode() && !array.isArray()) {
      error(path, "must be a list", array);
    }
    array.forEach(e -> texts.add(e.asText()));
    return texts;
  }

  private <T> Optional<T> value(String path, String text, Function<String, T> read) {
    try {
      return Optional.of(read.apply(text));
    } catch (InvalidValueException e) {
      errors.add(new FieldError(path, e.rule(), e.given()));
    } catch (java.util.regex.PatternSyntaxException e) {
      errors.add(new FieldError(path, "must be a regular expression", text));
    }
    return Optional.empty();
  }

  private void known(JsonNode node, String path, Set<String> names) {
    if (node.isMissingNode()) {
      return;
    }
    if (!node.isObject()) {
      error(path, "must be an object", node);
      return;
    }
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    node.fields().forEachRemaining(f -> fields.put(f.getKey(), f.getValue()));
    fields.forEach(
        (name, given) -> {
          if (!names.contains(name)) {
            error(path.isEmpty() ? name : path + "." + name, "is not supported", given);
          }
        });
  }

  private static Optional<String> optional(JsonNode node, String field) {
    return node.hasNonNull(field) ? Optional.of(node.path(field).asText()) : Optional.empty();
  }

  private void error(String path, String rule, JsonNode given) {
    String text = given.isMissingNode() ? "nothing" : given.toString();
    errors.add(new FieldError(path, rule, text.length() > 200 ? text.substring(0, 200) : text));
  }
}
