package io.postern.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;

/** Writes the optional terms of a policy; what it does not have is left out. */
final class TermsWriter {
  private TermsWriter() {}

  static void write(PolicyTerms terms, ObjectNode doc) {
    if (terms.denies()) {
      doc.put("effect", "deny");
    }
    terms.approval().ifPresent(a -> approval(a, doc.putObject("approval")));
    terms
        .longestExtended()
        .ifPresent(d -> doc.putObject("extension").put("maxTotal", d.toString()));
    terms.reminder().ifPresent(d -> doc.put("reminder", d.toString()));
    terms.breakGlass().ifPresent(b -> breakGlass(b, doc.putObject("breakGlass")));
    if (!terms.quotas().isEmpty()) {
      ObjectNode quotas = doc.putObject("quotas");
      quota(quotas, "perRequestor", terms.quotas().perRequestor());
      quota(quotas, "total", terms.quotas().total());
    }
    terms.ticket().ifPresent(t -> doc.putObject("ticket").put("pattern", t.pattern()));
    if (terms.cloudPermission()) {
      doc.put("cloudPermission", true);
    }
    if (terms.fullInterfaces() != PolicyTerms.FullInterfaces.REFUSE) {
      doc.put("fullInterfaces", terms.fullInterfaces().name().toLowerCase(Locale.ROOT));
    }
    terms.condition().ifPresent(c -> doc.put("condition", c));
    terms.windows().forEach(w -> window(w, doc.withArray("windows").addObject()));
  }

  private static void approval(ApprovalRule rule, ObjectNode node) {
    rule.levels()
        .forEach(
            l -> {
              ObjectNode level = node.withArray("levels").addObject();
              ObjectNode people = level.putObject(l.all() ? "allOf" : "anyOf");
              texts(people, "groups", l.groups());
              subjects(people, l.subjects());
              level.put("count", l.count());
            });
    node.put("timeout", rule.timeout().toString());
  }

  private static void breakGlass(BreakGlass rule, ObjectNode node) {
    texts(node, "groups", rule.groups());
    subjects(node, rule.subjects());
    node.put("maxDuration", rule.longest().toString());
  }

  static void subjects(ObjectNode node, Set<Subject> subjects) {
    subjects.stream()
        .filter(Subject::isPlain)
        .sorted()
        .forEach(s -> node.withArray("subjects").add(s.name()));
    subjects.stream()
        .filter(s -> !s.isPlain())
        .sorted()
        .forEach(
            s ->
                node.withArray("identities")
                    .addObject()
                    .put("issuer", s.issuer().orElseThrow())
                    .put("subject", s.name()));
  }

  private static void quota(ObjectNode quotas, String field, Quota quota) {
    if (!quota.isEmpty()) {
      ObjectNode node = quotas.putObject(field);
      quota.openGrants().ifPresent(n -> node.put("openGrants", n));
      quota.requestsPerHour().ifPresent(n -> node.put("requestsPerHour", n));
    }
  }

  private static void window(TimeWindow window, ObjectNode node) {
    window.days().stream().sorted().forEach(d -> node.withArray("days").add(d.name()));
    node.put("from", window.from().toString());
    node.put("to", window.to().map(Object::toString).orElse("24:00"));
    node.put("zone", window.zone().getId());
  }

  private static void texts(ObjectNode node, String field, Collection<String> texts) {
    texts.stream().sorted().forEach(t -> node.withArray(field).add(t));
  }
}
