package io.postern.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the optional terms of a policy. */
final class TermsReader {
  private static final int MOST_APPROVERS = 20;

  private final FieldReader in;

  TermsReader(FieldReader in) {
    this.in = in;
  }

  PolicyTerms read(JsonNode doc) {
    return new PolicyTerms(approval(doc.path("approval")));
  }

  private Optional<ApprovalRule> approval(JsonNode node) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    in.known(node, "approval", Set.of("levels", "timeout"));
    List<ApprovalLevel> levels = in.list(node, "levels", "approval.", this::level);
    return in.value("approval.timeout", node.path("timeout").asText("PT2H"), PolicyReader::duration)
        .map(timeout -> new ApprovalRule(levels, timeout));
  }

  private Optional<ApprovalLevel> level(JsonNode node, String path) {
    in.known(node, path, Set.of("anyOf", "allOf", "count"));
    if (node.has("anyOf") == node.has("allOf")) {
      in.error(path, "must have exactly one of anyOf and allOf", node);
      return Optional.empty();
    }
    boolean all = node.has("allOf");
    String named = path + (all ? ".allOf" : ".anyOf");
    JsonNode people = node.path(all ? "allOf" : "anyOf");
    in.known(people, named, Set.of("groups", "subjects"));
    Set<String> groups = in.texts(people.path("groups"), named + ".groups");
    Set<String> subjects = in.texts(people.path("subjects"), named + ".subjects");
    if (groups.isEmpty() && subjects.isEmpty()) {
      in.error(named, "must name at least one group or subject", people);
    }
    int count = count(node, path);
    if (!all && groups.isEmpty() && subjects.size() < count) {
      in.error(path + ".count", "must not be more than the subjects named", node.path("count"));
    }
    return Optional.of(new ApprovalLevel(all, groups, subjects, count));
  }

  private int count(JsonNode node, String path) {
    if (!node.has("count")) {
      return 1;
    }
    int count = node.path("count").isInt() ? node.path("count").asInt() : 0;
    if (count < 1 || count > MOST_APPROVERS) {
      in.error(path + ".count", "must be a number, 1 to " + MOST_APPROVERS, node.path("count"));
    }
    return Math.max(1, count);
  }
}
