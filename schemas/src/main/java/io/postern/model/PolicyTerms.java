package io.postern.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * What a policy says beyond ports, sources, durations and who may ask; each is optional.
 *
 * @param denies whether it forbids what it selects, whatever other policies allow
 * @param approval who must agree before a port is granted
 * @param longestExtended up to how long a grant may be extended, from its start; empty for not at
 *     all
 * @param windows when grants may run; empty for always
 * @param condition a CEL expression that must be true, as text
 * @param breakGlass who may open at once in an emergency; empty for nobody
 * @param quotas how much of it may be used
 * @param ticket what the ticket looks like that the justification must name; empty when none is
 *     asked for
 * @param cloudPermission whether the machine's cloud must agree that the requestor may
 * @param reminder how long before a grant's end its requestor is reminded; empty for never
 * @param fullInterfaces what becomes of a grant where a network interface takes no other group
 */
public record PolicyTerms(
    boolean denies,
    Optional<ApprovalRule> approval,
    Optional<Duration> longestExtended,
    List<TimeWindow> windows,
    Optional<String> condition,
    Optional<BreakGlass> breakGlass,
    Quotas quotas,
    Optional<Pattern> ticket,
    boolean cloudPermission,
    Optional<Duration> reminder,
    FullInterfaces fullInterfaces) {

  /** Whether a grant on a full network interface may use the machine's standing group. AWS only. */
  public enum FullInterfaces {
    REFUSE,
    STANDING
  }

  public static final PolicyTerms NONE =
      new PolicyTerms(
          false, Optional.empty(), Optional.empty(), List.of(), Optional.empty(), Optional.empty());

  public PolicyTerms {
    windows = List.copyOf(windows);
  }

  /** Terms without quotas, ticket, permission in the cloud, reminder and standing groups. */
  public PolicyTerms(
      boolean denies,
      Optional<ApprovalRule> approval,
      Optional<Duration> longestExtended,
      List<TimeWindow> windows,
      Optional<String> condition,
      Optional<BreakGlass> breakGlass) {
    this(
        denies,
        approval,
        longestExtended,
        windows,
        condition,
        breakGlass,
        Quotas.NONE,
        Optional.empty(),
        false,
        Optional.empty(),
        FullInterfaces.REFUSE);
  }

  /** The same terms with other quotas. */
  public PolicyTerms withQuotas(Quotas other) {
    return with(t -> t.quotas = other);
  }

  /** The same terms with other demands on what is looked up outside. */
  public PolicyTerms withLookups(Optional<Pattern> otherTicket, boolean otherCloudPermission) {
    return with(
        t -> {
          t.ticket = otherTicket;
          t.cloudPermission = otherCloudPermission;
        });
  }

  /** The same terms with another reminder. */
  public PolicyTerms withReminder(Optional<Duration> other) {
    return with(t -> t.reminder = other);
  }

  /** The same terms with another word on full network interfaces. */
  public PolicyTerms withFullInterfaces(FullInterfaces other) {
    return with(t -> t.fullInterfaces = other);
  }

  PolicyTerms withSubjects(UnaryOperator<Set<Subject>> change) {
    return with(
        t -> {
          t.approval = approval.map(a -> a.withSubjects(change));
          t.breakGlass = breakGlass.map(b -> b.withSubjects(change));
        });
  }

  private PolicyTerms with(Consumer<Change> change) {
    Change changed = new Change(this);
    change.accept(changed);
    return new PolicyTerms(
        denies,
        changed.approval,
        longestExtended,
        windows,
        condition,
        changed.breakGlass,
        changed.quotas,
        changed.ticket,
        changed.cloudPermission,
        changed.reminder,
        changed.fullInterfaces);
  }

  /** What is said otherwise by terms that are made of others. */
  private static final class Change {
    private Optional<ApprovalRule> approval;
    private Optional<BreakGlass> breakGlass;
    private Quotas quotas;
    private Optional<Pattern> ticket;
    private boolean cloudPermission;
    private Optional<Duration> reminder;
    private FullInterfaces fullInterfaces;

    Change(PolicyTerms from) {
      this.approval = from.approval;
      this.breakGlass = from.breakGlass;
      this.quotas = from.quotas;
      this.ticket = from.ticket;
      this.cloudPermission = from.cloudPermission;
      this.reminder = from.reminder;
      this.fullInterfaces = from.fullInterfaces;
    }
  }
}
