package io.postern.policy.kafka;

import io.postern.event.FindingKind;
import io.postern.event.FindingResult;
import io.postern.policy.domain.Finding;
import java.util.List;

/** Between findings and their events. */
final class FindingEvents {
  private FindingEvents() {}

  static List<io.postern.event.Finding> toEvents(List<Finding> findings) {
    return findings.stream()
        .map(
            f ->
                new io.postern.event.Finding(
                    FindingKind.valueOf(f.kind().name()),
                    f.subject(),
                    FindingResult.valueOf(f.result().name()),
                    f.detail()))
        .toList();
  }

  static List<Finding> toModel(List<io.postern.event.Finding> findings) {
    return findings.stream()
        .map(
            f ->
                new Finding(
                    Finding.Kind.valueOf(f.getKind().name()),
                    f.getSubject(),
                    Finding.Result.valueOf(f.getResult().name()),
                    f.getDetail()))
        .toList();
  }
}
