package io.postern.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
          "fullInterfaces",
          "maxSourceWidth",
          "effect",
          "approval",
          "extension",
          "reminder",
          "windows",
          "condition",
          "breakGlass",
          "quotas",
          "ticket",
          "cloudPermission");

  private final FieldReader in = new FieldReader();

  private PolicyReader() {}

  /**
   * Reads a document; {@code name} may be given by the caller and must then agree with the
   * document's.
   */
  public static Result read(JsonNode document, @Nullable String name) {
    PolicyReader reader = new PolicyReader();
    Optional<Policy> policy = reader.policy(document, name);
    List<FieldError> errors = reader.in.errors();
    return errors.isEmpty() ? new Result(policy, List.of()) : new Result(Optional.empty(), errors);
  }

  /** The fields that each object of a document like this one may have, by path. */
  static Map<String, Set<String>> fields(JsonNode document) {
    PolicyReader reader = new PolicyReader();
    reader.policy(document, null);
    return reader.in.fields();
  }

  private Optional<Policy> policy(JsonNode doc, @Nullable String name) {
    if (!doc.isObject()) {
      in.error("", "must be an object", doc);
      return Optional.empty();
    }
    in.known(doc, "", FIELDS);
    if (doc.path("schemaVersion").asInt(0) != 1) {
      in.error("schemaVersion", "must be 1", doc.path("schemaVersion"));
    }
    String stated = doc.path("name").asText(name == null ? "" : name);
    if (name != null && !name.equals(stated)) {
      in.error("name", "must be the name that it is put under, " + name, doc.path("name"));
    }
    Optional<PolicyId> id = in.value("name", stated, PolicyId::new);
    List<MachineSelector> machines = in.list(doc, "machines", "", this::selector);
    List<PortRule> ports = in.list(doc, "ports", "", this::portRule);
    overlaps(ports);
    JsonNode requestors = doc.path("requestors");
    in.known(requestors, "requestors", Set.of("groups", "subjects", "identities"));
    Set<String> groups = in.texts(requestors.path("groups"), "requestors.groups");
    Set<Subject> subjects = in.subjects(requestors, "requestors");
    boolean everybody = doc.path("effect").asText().equals("deny") && requestors.isMissingNode();
    if (groups.isEmpty() && subjects.isEmpty() && !everybody) {
      in.error("requestors", "must name at least one group, subject or identity", requestors);
    }
    JsonNode justification = doc.path("justification");
    in.known(justification, "justification", Set.of("required", "pattern"));
    Optional<Pattern> pattern =
        FieldReader.optional(justification, "pattern")
            .flatMap(p -> in.value("justification.pattern", p, Pattern::compile));
    Policy.ExistingRules existing =
        in.oneOf(doc, "existingRules", Policy.ExistingRules.class, Policy.ExistingRules.PRIORITY);
    Policy.SharedGroups shared =
        in.oneOf(doc, "sharedGroups", Policy.SharedGroups.class, Policy.SharedGroups.REFUSE);
    JsonNode width = doc.path("maxSourceWidth");
    in.known(width, "maxSourceWidth", Set.of("ipv4", "ipv6"));
    int v4 = width(width, "ipv4", 32);
    int v6 = width(width, "ipv6", 128);
    PolicyTerms terms = new TermsReader(in).read(doc);
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
                v6,
                terms));
  }

  private Optional<MachineSelector> selector(JsonNode node, String path) {
    in.known(node, path, Set.of("id", "azure", "aws"));
    if (node.size() != 1) {
      in.error(path, "must have exactly one of id, azure, aws", node);
      return Optional.empty();
    }
    if (node.has("id")) {
      return in.value(
          path + ".id", node.path("id").asText(), t -> new MachineSelector.ById(new MachineId(t)));
    }
    boolean azure = node.has("azure");
    String cloud = azure ? "azure" : "aws";
    JsonNode body = node.path(cloud);
    String at = path + "." + cloud;
    in.known(
        body,
        at,
        azure
            ? Set.of("subscription", "resourceGroup", "tags", "name")
            : Set.of("account", "region", "tags", "name"));
    if (!body.isObject() || body.isEmpty()) {
      in.error(at, "must state at least one condition", body);
      return Optional.empty();
    }
    Map<String, String> tags = new HashMap<>();
    body.path("tags").fields().forEachRemaining(f -> tags.put(f.getKey(), f.getValue().asText()));
    Optional<String> name = FieldReader.optional(body, "name");
    return Optional.of(
        azure
            ? new MachineSelector.Azure(
                FieldReader.optional(body, "subscription"),
                FieldReader.optional(body, "resourceGroup"),
                tags,
                name)
            : new MachineSelector.Aws(
                FieldReader.optional(body, "account"),
                FieldReader.optional(body, "region"),
                tags,
                name));
  }

  private Optional<PortRule> portRule(JsonNode node, String path) {
    in.known(node, path, Set.of("port", "protocol", "sources", "maxDuration"));
    Optional<PortRange> range =
        in.value(path + ".port", node.path("port").asText(), PortRange::parse);
    Optional<Protocol> protocol =
        in.value(path + ".protocol", node.path("protocol").asText("TCP"), Protocol::parse);
    Set<String> sources = in.texts(node.path("sources"), path + ".sources");
    List<Cidr> networks = new ArrayList<>();
    if (sources.isEmpty()) {
      in.error(path + ".sources", "must name at least one network, or *", node.path("sources"));
    } else if (!sources.contains("*")) {
      sources.forEach(s -> in.value(path + ".sources", s, Cidr::parse).ifPresent(networks::add));
    }
    Optional<Duration> longest =
        in.value(
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
          in.add(
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
      in.error(
          "maxSourceWidth." + name, "must be a prefix length, 0 to " + longest, node.path(name));
    }
    return length;
  }
}
