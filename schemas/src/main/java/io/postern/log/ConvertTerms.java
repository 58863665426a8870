package io.postern.log;

import io.postern.event.FullInterfaces;
import io.postern.event.PolicyDocument;
import io.postern.model.ApprovalLevel;
import io.postern.model.ApprovalRule;
import io.postern.model.BreakGlass;
import io.postern.model.InvalidValueException;
import io.postern.model.PolicyTerms;
import io.postern.model.Quota;
import io.postern.model.Quotas;
import io.postern.model.TimeWindow;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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
        Optional.ofNullable(document.getBreakGlass()).map(ConvertTerms::breakGlass),
        Optional.ofNullable(document.getQuotas()).map(ConvertTerms::quotas).orElse(Quotas.NONE),
        Optional.ofNullable(document.getTicketPattern()).map(Convert::pattern),
        document.getCloudPermission(),
        Optional.ofNullable(document.getReminderMillis()).map(Duration::ofMillis),
        PolicyTerms.FullInterfaces.valueOf(document.getFullInterfaces().name()));
  }

  static void put(PolicyTerms terms, PolicyDocument.Builder event) {
    event
        .setDenies(terms.denies())
        .setApproval(terms.approval().map(ConvertTerms::approval).orElse(null))
        .setLongestExtendedMillis(terms.longestExtended().map(Duration::toMillis).orElse(null))
        .setCondition(terms.condition().orElse(null))
        .setBreakGlass(terms.breakGlass().map(ConvertTerms::breakGlass).orElse(null))
        .setQuotas(terms.quotas().isEmpty() ? null : quotas(terms.quotas()))
        .setTicketPattern(terms.ticket().map(Pattern::pattern).orElse(null))
        .setCloudPermission(terms.cloudPermission())
        .setReminderMillis(terms.reminder().map(Duration::toMillis).orElse(null))
        .setFullInterfaces(FullInterfaces.valueOf(terms.fullInterfaces().name()))
        .setWindows(terms.windows().stream().map(ConvertTerms::window).toList());
  }

  private static BreakGlass breakGlass(io.postern.event.BreakGlass b) {
    return new BreakGlass(
        Set.copyOf(b.getGroups()),
        ConvertSubjects.toModel(b.getSubjects(), b.getIdentities()),
        Duration.ofMillis(b.getMaxDurationMillis()));
  }

  private static io.postern.event.BreakGlass breakGlass(BreakGlass b) {
    return new io.postern.event.BreakGlass(
        b.groups().stream().sorted().toList(),
        ConvertSubjects.plain(b.subjects()),
        b.longest().toMillis(),
        ConvertSubjects.identities(b.subjects()));
  }

  private static Quotas quotas(io.postern.event.Quotas q) {
    return new Quotas(
        Optional.ofNullable(q.getPerRequestor()).map(ConvertTerms::quota).orElse(Quota.NONE),
        Optional.ofNullable(q.getTotal()).map(ConvertTerms::quota).orElse(Quota.NONE));
  }

  private static Quota quota(io.postern.event.Quota q) {
    return new Quota(number(q.getOpenGrants()), number(q.getRequestsPerHour()));
  }

  private static OptionalInt number(@Nullable Integer n) {
    return n == null ? OptionalInt.empty() : OptionalInt.of(n);
  }

  private static io.postern.event.Quotas quotas(Quotas q) {
    return new io.postern.event.Quotas(quota(q.perRequestor()), quota(q.total()));
  }

  private static io.postern.event.@Nullable Quota quota(Quota q) {
    return q.isEmpty()
        ? null
        : new io.postern.event.Quota(number(q.openGrants()), number(q.requestsPerHour()));
  }

  private static @Nullable Integer number(OptionalInt n) {
    return n.isEmpty() ? null : Integer.valueOf(n.getAsInt());
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
        l.getAll(),
        Set.copyOf(l.getGroups()),
        ConvertSubjects.toModel(l.getSubjects(), l.getIdentities()),
        l.getCount());
  }

  static io.postern.event.ApprovalLevel level(ApprovalLevel l) {
    return new io.postern.event.ApprovalLevel(
        l.all(),
        l.groups().stream().sorted().toList(),
        ConvertSubjects.plain(l.subjects()),
        l.count(),
        ConvertSubjects.identities(l.subjects()));
  }
}
