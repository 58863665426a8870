package io.postern.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Writes a policy as people write it; {@link PolicyReader} reads it back to an equal one. */
public final class PolicyWriter {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private PolicyWriter() {}

  public static ObjectNode write(Policy policy) {
    ObjectNode doc = NODES.objectNode();
    doc.put("schemaVersion", 1);
    doc.put("name", policy.id().value());
    policy.machines().forEach(m -> doc.withArray("machines").add(selector(m)));
    policy.ports().forEach(p -> doc.withArray("ports").add(portRule(p)));
    boolean denies = policy.terms().denies();
    ObjectNode requestors = NODES.objectNode();
    policy.requestorGroups().stream().sorted().forEach(g -> requestors.withArray("groups").add(g));
    TermsWriter.subjects(requestors, policy.requestorSubjects());
    if (!requestors.isEmpty()) {
      doc.set("requestors", requestors);
    }
    ObjectNode justification = NODES.objectNode();
    justification.put("required", policy.justificationRequired());
    policy
        .justificationPattern()
        .map(Pattern::pattern)
        .ifPresent(p -> justification.put("pattern", p));
    if (!denies) {
      doc.set("justification", justification);
    }
    doc.put("existingRules", policy.existingRules().name().toLowerCase(java.util.Locale.ROOT));
    doc.put("sharedGroups", policy.sharedGroups().name().toLowerCase(java.util.Locale.ROOT));
    doc.putObject("maxSourceWidth")
        .put("ipv4", policy.maxSourceWidthV4())
        .put("ipv6", policy.maxSourceWidthV6());
    TermsWriter.write(policy.terms(), doc);
    return doc;
  }

  // Release 17 has no switch over sealed types.
  private static ObjectNode selector(MachineSelector selector) {
    ObjectNode node = NODES.objectNode();
    if (selector instanceof MachineSelector.ById byId) {
      node.put("id", byId.id().value());
    } else if (selector instanceof MachineSelector.Azure a) {
      ObjectNode azure = node.putObject("azure");
      a.subscription().ifPresent(s -> azure.put("subscription", s));
      a.resourceGroup().ifPresent(g -> azure.put("resourceGroup", g));
      common(azure, a.tags(), a.name());
    } else if (selector instanceof MachineSelector.Aws a) {
      ObjectNode aws = node.putObject("aws");
      a.account().ifPresent(s -> aws.put("account", s));
      a.region().ifPresent(r -> aws.put("region", r));
      common(aws, a.tags(), a.name());
    }
    return node;
  }

  private static void common(ObjectNode node, Map<String, String> tags, Optional<String> name) {
    name.ifPresent(n -> node.put("name", n));
    if (!tags.isEmpty()) {
      ObjectNode t = node.putObject("tags");
      tags.keySet().stream().sorted().forEach(k -> t.put(k, tags.get(k)));
    }
  }

  private static ObjectNode portRule(PortRule rule) {
    ObjectNode node = NODES.objectNode();
    PortRange range = rule.ports().ports();
    if (range.from() == range.to()) {
      node.put("port", range.from());
    } else {
      node.put("port", range.toString());
    }
    node.put("protocol", rule.ports().protocol().name());
    List<String> sources =
        rule.sources().isEmpty()
            ? List.of("*")
            : rule.sources().stream().map(Cidr::toString).toList();
    sources.forEach(s -> node.withArray("sources").add(s));
    node.put("maxDuration", rule.maxDuration().toString());
    return node;
  }
}
