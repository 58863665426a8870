package io.postern.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the optional terms of a policy. */
final class TermsReader {
  private static final int MOST_APPROVERS = 20;
  private static final int MOST_IN_QUOTA = 1_000_000;
  private static final String ANY_TICKET = "[A-Z][A-Z0-9]+-[0-9]+";
  private static final Set<String> FOR_ALLOWING =
      Set.of(
          "approval",
          "extension",
          "windows",
          "condition",
          "breakGlass",
          "justification",
          "quotas",
          "ticket",
          "cloudPermission",
          "reminder",
          "fullInterfaces");

  private final FieldReader in;

  TermsReader(FieldReader in) {
    this.in = in;
  }

  PolicyTerms read(JsonNode doc) {
    boolean denies = denies(doc);
    return new PolicyTerms(
        denies,
        approval(doc.path("approval")),
        extension(doc.path("extension")),
        windows(doc),
        condition(doc),
        breakGlass(doc.path("breakGlass")),
        quotas(doc.path("quotas")),
        ticket(doc.path("ticket")),
        cloudPermission(doc),
        reminder(doc),
        in.oneOf(
            doc,
            "fullInterfaces",
            PolicyTerms.FullInterfaces.class,
            PolicyTerms.FullInterfaces.REFUSE));
  }

  private boolean denies(JsonNode doc) {
    String effect = doc.path("effect").asText("allow");
    if (!effect.equals("allow") && !effect.equals("deny")) {
      in.error("effect", "must be allow or deny", doc.path("effect"));
    }
    if (effect.equals("deny")) {
      FOR_ALLOWING.stream()
          .filter(doc::has)
          .forEach(f -> in.error(f, "is not supported where effect is deny", doc.path(f)));
    }
    return effect.equals("deny");
  }

  private Optional<Duration> extension(JsonNode node) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    in.known(node, "extension", Set.of("maxTotal"));
    return in.value("extension.maxTotal", node.path("maxTotal").asText(), PolicyReader::duration);
  }

  private Optional<Duration> reminder(JsonNode doc) {
    return doc.has("reminder")
        ? in.value("reminder", doc.path("reminder").asText(), PolicyReader::duration)
        : Optional.empty();
  }

  private Optional<BreakGlass> breakGlass(JsonNode node) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    in.known(node, "breakGlass", Set.of("groups", "subjects", "identities", "maxDuration"));
    Set<String> groups = in.texts(node.path("groups"), "breakGlass.groups");
    Set<Subject> subjects = in.subjects(node, "breakGlass");
    if (groups.isEmpty() && subjects.isEmpty()) {
      in.error("breakGlass", "must name at least one group, subject or identity", node);
    }
    return in.value(
            "breakGlass.maxDuration",
            node.path("maxDuration").asText("PT1H"),
            PolicyReader::duration)
        .map(longest -> new BreakGlass(groups, subjects, longest));
  }

  private Quotas quotas(JsonNode node) {
    in.known(node, "quotas", Set.of("perRequestor", "total"));
    return new Quotas(quota(node, "perRequestor"), quota(node, "total"));
  }

  private Quota quota(JsonNode parent, String field) {
    JsonNode node = parent.path(field);
    String path = "quotas." + field;
    in.known(node, path, Set.of("openGrants", "requestsPerHour"));
    return new Quota(limit(node, path, "openGrants"), limit(node, path, "requestsPerHour"));
  }

  private OptionalInt limit(JsonNode node, String path, String field) {
    if (!node.has(field)) {
      return OptionalInt.empty();
    }
    int limit = node.path(field).isInt() ? node.path(field).asInt() : 0;
    if (limit < 1 || limit > MOST_IN_QUOTA) {
      in.error(path + "." + field, "must be a number, 1 to " + MOST_IN_QUOTA, node.path(field));
    }
    return OptionalInt.of(Math.max(1, limit));
  }

  private Optional<Pattern> ticket(JsonNode node) {
    in.known(node, "ticket", Set.of("pattern"));
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    return in.value("ticket.pattern", node.path("pattern").asText(ANY_TICKET), Pattern::compile);
  }

  private boolean cloudPermission(JsonNode doc) {
    if (doc.has("cloudPermission") && !doc.path("cloudPermission").isBoolean()) {
      in.error("cloudPermission", "must be true or false", doc.path("cloudPermission"));
    }
    return doc.path("cloudPermission").asBoolean(false);
  }

  private Optional<String> condition(JsonNode doc) {
    if (doc.has("condition") && !doc.path("condition").isTextual()) {
      in.error("condition", "must be a text", doc.path("condition"));
    }
    return FieldReader.optional(doc, "condition");
  }

  private List<TimeWindow> windows(JsonNode doc) {
    return doc.has("windows") ? in.list(doc, "windows", "", this::window) : List.of();
  }

  private Optional<TimeWindow> window(JsonNode node, String path) {
    in.known(node, path, Set.of("days", "from", "to", "zone"));
    Set<DayOfWeek> days = new HashSet<>();
    for (String day : in.texts(node.path("days"), path + ".days")) {
      in.value(path + ".days", day, TermsReader::day).ifPresent(days::add);
    }
    if (!node.has("days")) {
      days.addAll(Set.of(DayOfWeek.values()));
    }
    Optional<LocalTime> from =
        in.value(path + ".from", node.path("from").asText("00:00"), TermsReader::time);
    String end = node.path("to").asText("24:00");
    Optional<LocalTime> to =
        end.equals("24:00") ? Optional.empty() : in.value(path + ".to", end, TermsReader::time);
    Optional<ZoneId> zone =
        in.value(path + ".zone", node.path("zone").asText("UTC"), TermsReader::zone);
    if (from.isPresent() && to.filter(t -> !t.isAfter(from.get())).isPresent()) {
      in.error(
          path + ".to", "must be later than from; for a night use two windows", node.path("to"));
    }
    return from.flatMap(f -> zone.map(z -> new TimeWindow(days, f, to, z)));
  }

  private static DayOfWeek day(String text) {
    for (DayOfWeek day : DayOfWeek.values()) {
      if (day.name().equalsIgnoreCase(text)) {
        return day;
      }
    }
    throw new InvalidValueException("must be a day such as MONDAY", text);
  }

  private static LocalTime time(String text) {
    try {
      return LocalTime.parse(text);
    } catch (DateTimeException e) {
      throw new InvalidValueException("must be a time of day such as 08:30", text);
    }
  }

  private static ZoneId zone(String text) {
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      throw new InvalidValueException("must be a time zone such as Europe/Berlin", text);
    }
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
    in.known(people, named, Set.of("groups", "subjects", "identities"));
    Set<String> groups = in.texts(people.path("groups"), named + ".groups");
    Set<Subject> subjects = in.subjects(people, named);
    if (groups.isEmpty() && subjects.isEmpty()) {
      in.error(named, "must name at least one group, subject or identity", people);
    }
    int count = count(node, path);
    if (!all && groups.isEmpty() && !subjects.isEmpty() && subjects.size() < count) {
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
