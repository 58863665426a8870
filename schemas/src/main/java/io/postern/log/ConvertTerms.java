package io.postern.log;

import io.postern.event.PolicyDocument;
import io.postern.model.ApprovalLevel;
import io.postern.model.ApprovalRule;
import io.postern.model.PolicyTerms;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Between a policy's optional terms and their events. */
final class ConvertTerms {
  private ConvertTerms() {}

  static PolicyTerms toModel(PolicyDocument document) {
    return new PolicyTerms(Optional.ofNullable(document.getApproval()).map(ConvertTerms::approval));
  }

  static void put(PolicyTerms terms, PolicyDocument.Builder event) {
    event.setApproval(terms.approval().map(ConvertTerms::approval).orElse(null));
  }

  private static ApprovalRule approval(io.postern.event.ApprovalRule rule) {
    return new ApprovalRule(
        Convert.toLevels(rule.getLevels()), Duration.ofMillis(rule.getTimeoutMillis()));
  }

  private static io.postern.event.ApprovalRule approval(ApprovalRule rule) {
    return new io.postern.event.ApprovalRule(
        Convert.fromLevels(rule.levels()), rule.timeout().toMillis());
  }

  static ApprovalLevel level(io.postern.event.ApprovalLevel l) {
    return new ApprovalLevel(
        l.getAll(), Set.copyOf(l.getGroups()), Set.copyOf(l.getSubjects()), l.getCount());
  }

  static io.postern.event.ApprovalLevel level(ApprovalLevel l) {
    return new io.postern.event.ApprovalLevel(
        l.all(),
        l.groups().stream().sorted().toList(),
        l.subjects().stream().sorted().toList(),
        l.count());
  }
}
