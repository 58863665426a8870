package io.postern.log;

import io.postern.event.PolicyDocument;
import io.postern.model.ApprovalLevel;
import io.postern.model.ApprovalRule;
import io.postern.model.BreakGlass;
import io.postern.model.InvalidValueException;
import io.postern.model.PolicyTerms;
import io.postern.model.TimeWindow;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Between a policy's optional terms and their events. */
final class ConvertTerms {
  private static final String END_OF_DAY = "24:00";

  private ConvertTerms() {}

  static PolicyTerms toModel(PolicyDocument document) {
    return new PolicyTerms(
        document.getDenies(),
        Optional.ofNullable(document.getApproval()).map(ConvertTerms::approval),
        Optional.ofNullable(document.getLongestExtendedMillis()).map(Duration::ofMillis),
        document.getWindows().stream().map(ConvertTerms::window).toList(),
        Optional.ofNullable(document.getCondition()),
        Optional.ofNullable(document.getBreakGlass()).map(ConvertTerms::breakGlass));
  }

  static void put(PolicyTerms terms, PolicyDocument.Builder event) {
    event
        .setDenies(terms.denies())
        .setApproval(terms.approval().map(ConvertTerms::approval).orElse(null))
        .setLongestExtendedMillis(terms.longestExtended().map(Duration::toMillis).orElse(null))
        .setCondition(terms.condition().orElse(null))
        .setBreakGlass(terms.breakGlass().map(ConvertTerms::breakGlass).orElse(null))
        .setWindows(terms.windows().stream().map(ConvertTerms::window).toList());
  }

  private static BreakGlass breakGlass(io.postern.event.BreakGlass b) {
    return new BreakGlass(
        Set.copyOf(b.getGroups()),
        Set.copyOf(b.getSubjects()),
        Duration.ofMillis(b.getMaxDurationMillis()));
  }

  private static io.postern.event.BreakGlass breakGlass(BreakGlass b) {
    return new io.postern.event.BreakGlass(
        b.groups().stream().sorted().toList(),
        b.subjects().stream().sorted().toList(),
        b.longest().toMillis());
  }

  private static TimeWindow window(io.postern.event.TimeWindow w) {
    try {
      return new TimeWindow(
          w.getDays().stream().map(DayOfWeek::valueOf).collect(Collectors.toSet()),
          LocalTime.parse(w.getFrom()),
          w.getTo().equals(END_OF_DAY) ? Optional.empty() : Optional.of(LocalTime.parse(w.getTo())),
          ZoneId.of(w.getZone()));
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new InvalidValueException("must be a window of days, times and a zone", w.toString());
    }
  }

  private static io.postern.event.TimeWindow window(TimeWindow w) {
    return new io.postern.event.TimeWindow(
        w.days().stream().sorted().map(DayOfWeek::name).toList(),
        w.from().toString(),
        w.to().map(LocalTime::toString).orElse(END_OF_DAY),
        w.zone().getId());
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
