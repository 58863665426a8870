package io.postern.request.web;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.postern.event.MachineAssessed;
import io.postern.event.PortExposure;
import io.postern.model.ApprovalLevel;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.model.Subject;
import io.postern.request.domain.ApprovalView;
import io.postern.request.domain.BreakGlassView;
import io.postern.request.domain.Connect;
import io.postern.request.domain.GrantView;
import io.postern.request.domain.LockdownView;
import io.postern.request.domain.RecordedEvent;
import io.postern.request.domain.Refused;
import io.postern.request.domain.RequestView;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What leaves as JSON. */
final class Views {
  private Views() {}

  record Port(String port, String protocol) {
    static Port of(PortSpec p) {
      return new Port(p.ports().toString(), p.protocol().name());
    }
  }

  record Reason(String machine, String code, String message) {}

  record Grant(
      String id,
      String request,
      String requestor,
      String machine,
      String state,
      @Nullable String reason,
      List<String> sources,
      List<Port> ports,
      @Nullable Instant grantedAt,
      @Nullable Instant openedAt,
      @Nullable Instant expiresAt,
      @Nullable Instant closedAt,
      @Nullable Instant startsAt,
      List<String> approvers,
      List<Connect> connect) {
    static Grant of(GrantView g, Instant now) {
      Optional<GrantView.Given> given = g.given();
      return new Grant(
          g.id().toString(),
          g.request().toString(),
          g.requestor(),
          g.machine().value(),
          g.state(now).name(),
          g.failure().or(g::endReason).orElse(null),
          given.stream().flatMap(x -> x.sources().stream()).map(Cidr::toString).toList(),
          given.stream().flatMap(x -> x.ports().stream()).map(Port::of).toList(),
          given.map(GrantView.Given::at).orElse(null),
          g.opened().map(GrantView.Opened::at).orElse(null),
          g.expiresAt().orElse(null),
          g.closed().map(GrantView.Over::at).orElse(null),
          given.map(GrantView.Given::startsAt).orElse(null),
          given.map(GrantView.Given::approvers).orElse(List.of()),
          g.opened().map(GrantView.Opened::connect).orElse(List.of()));
    }
  }

  /** Somebody of an issuer. */
  record Identity(String issuer, String subject) {}

  record People(List<String> groups, List<String> subjects, List<Identity> identities) {}

  /** A level in the shape that it has in a policy. */
  record Level(@Nullable People anyOf, @Nullable People allOf, int count) {
    static Level of(ApprovalLevel l) {
      People people =
          new People(
              l.groups().stream().sorted().toList(),
              l.subjects().stream().filter(Subject::isPlain).map(Subject::name).sorted().toList(),
              l.subjects().stream()
                  .filter(s -> !s.isPlain())
                  .sorted()
                  .map(s -> new Identity(s.issuer().orElseThrow(), s.name()))
                  .toList());
      return new Level(l.all() ? null : people, l.all() ? people : null, l.count());
    }
  }

  /** What approvers are asked for one machine; an approval names the digest. */
  record Approval(
      String machine,
      List<Port> ports,
      List<String> sources,
      String duration,
      String policy,
      String digest,
      int level,
      List<Level> levels,
      List<String> approvers,
      Instant timesOutAt) {
    static Approval of(ApprovalView a) {
      return new Approval(
          a.machine().value(),
          a.ports().stream().map(Port::of).toList(),
          a.sources().stream().map(Cidr::toString).toList(),
          a.duration().toString(),
          a.policy(),
          a.digest(),
          a.level(),
          a.levels().stream().map(Level::of).toList(),
          a.approvers(),
          a.timesOutAt());
    }
  }

  record Request(
      String id,
      String state,
      String requestor,
      List<String> machines,
      @Nullable String justification,
      @Nullable Instant submittedAt,
      List<Reason> reasons,
      List<Approval> approvals,
      List<Refused> refused,
      List<Grant> grants) {
    static Request of(RequestView r, Instant now) {
      return new Request(
          r.id().toString(),
          r.state().name(),
          r.requestor(),
          r.machines().stream().map(MachineId::value).toList(),
          r.justification().orElse(null),
          r.submittedAt().orElse(null),
          r.denials().stream()
              .map(d -> new Reason(d.machine().value(), d.code(), d.message()))
              .toList(),
          r.waiting().stream().map(Approval::of).toList(),
          r.refused(),
          r.grants().stream().map(g -> Grant.of(g, now)).toList());
    }
  }

  /** A use of break-glass with its grant. */
  record BreakGlass(
      Grant grant,
      String policy,
      String justification,
      Instant usedAt,
      @Nullable String reviewedBy) {
    static BreakGlass of(Grant grant, BreakGlassView b) {
      return new BreakGlass(
          grant, b.policy(), b.justification(), b.usedAt(), b.reviewedBy().orElse(null));
    }
  }

  record Lockdown(
      List<String> policies,
      List<String> ports,
      List<String> bypassedBy,
      @Nullable String problem,
      Instant at) {
    static Lockdown of(LockdownView l) {
      return new Lockdown(
          l.policies(),
          l.ports(),
          l.bypassedBy(),
          l.problem().isEmpty() ? null : l.problem(),
          l.at());
    }
  }

  record Machine(
      String id,
      String name,
      Map<String, String> tags,
      List<String> privateAddresses,
      List<String> publicAddresses,
      boolean running,
      List<String> ruleSets,
      String assessment,
      String reason,
      Instant assessedAt,
      @Nullable Lockdown lockdown,
      String mode,
      String reasonCode,
      String severity,
      @Nullable String unsupported,
      List<Bypassed> bypassedBy,
      @Nullable Shortage shortage,
      @Nullable Shortage publicShortage,
      @Nullable List<Exposure> exposure) {
    /**
     * @param whole whether who reaches its ports is told too
     */
    static Machine of(MachineAssessed m, Optional<LockdownView> lockdown, boolean whole) {
      return new Machine(
          m.getMachineId(),
          m.getName(),
          m.getTags(),
          m.getPrivateAddresses(),
          m.getPublicAddresses(),
          m.getRunning(),
          m.getRuleSets(),
          m.getAssessment().name(),
          m.getReason(),
          m.getAssessedAt(),
          lockdown.map(Lockdown::of).orElse(null),
          m.getMode().name(),
          m.getReasonCode().name(),
          m.getSeverity().name(),
          m.getUnsupported().isEmpty() ? null : m.getUnsupported(),
          m.getBypassedBy().stream()
              .map(b -> new Bypassed(b.getRuleSet(), b.getRule(), b.getExplanation()))
              .toList(),
          Shortage.of(m.getShortage()),
          Shortage.of(m.getPublicShortage()),
          whole ? m.getExposure().stream().map(Exposure::of).toList() : null);
    }
  }

  /** Hardly any grant fits on the machine any more. */
  record Shortage(int rulesLeft, String reason, List<String> shared) {
    static @Nullable Shortage of(io.postern.event.@Nullable Shortage s) {
      return s == null
          ? null
          : new Shortage(
              s.getRulesLeft(),
              s.getReason(),
              s.getShared().stream()
                  .flatMap(r -> r.getPorts().stream())
                  .map(MachineReports::words)
                  .distinct()
                  .toList());
    }
  }

  /** A rule by which a port under lock-down is open all the same. */
  record Bypassed(String ruleSet, String rule, String explanation) {}

  /** Who can reach ports. */
  record Exposure(String port, String protocol, boolean managed, List<Reachable> reachableFrom) {
    static Exposure of(PortExposure e) {
      String[] words = MachineReports.words(e.getPorts()).split("/", -1);
      return new Exposure(
          words[0],
          words[1],
          e.getManaged(),
          e.getReachableFrom().stream()
              .map(
                  s ->
                      new Reachable(
                          s.getSources(),
                          s.getOmitted(),
                          s.getRules().stream()
                              .map(r -> new DecidingRule(r.getRuleSet(), r.getRule()))
                              .toList(),
                          s.getGrants()))
              .toList());
    }
  }

  /** Sources that come in by the same rules; without grants unless a grant lets them in. */
  record Reachable(
      List<String> sources, int omitted, List<DecidingRule> rules, List<String> grants) {}

  record DecidingRule(String ruleSet, String rule) {}

  /** How many machines stand how. */
  record Counts(
      int total,
      Map<String, Long> assessments,
      Map<String, Long> severities,
      @Nullable Instant oldestAssessedAt) {
    static Counts of(List<MachineAssessed> machines) {
      return new Counts(
          machines.size(),
          counted(machines, m -> m.getAssessment().name()),
          counted(machines, m -> m.getSeverity().name()),
          machines.stream()
              .map(MachineAssessed::getAssessedAt)
              .min(Comparator.naturalOrder())
              .orElse(null));
    }

    private static Map<String, Long> counted(
        List<MachineAssessed> machines, Function<MachineAssessed, String> by) {
      return machines.stream()
          .collect(Collectors.groupingBy(by, TreeMap::new, Collectors.counting()));
    }
  }

  /**
   * What a policy would write.
   *
   * @param complete whether every machine that it concerns was answered for
   * @param shared rule sets that others share
   */
  record Plan(
      boolean complete,
      List<PlannedMachine> machines,
      List<String> silent,
      List<SharedRuleSet> shared) {
    static Plan of(Policies.Rehearsed rehearsed, Collection<MachineAssessed> all) {
      return new Plan(
          rehearsed.silent().isEmpty(),
          rehearsed.plans().stream()
              .map(p -> new PlannedMachine(p.machine().value(), p.steps()))
              .toList(),
          rehearsed.silent().stream().map(MachineId::value).toList(),
          SharedRuleSet.of(rehearsed.concerned(), all));
    }
  }

  record PlannedMachine(String machine, List<String> steps) {}

  /**
   * An event of the record in a sentence; {@code content} is the whole event as its schema says.
   */
  record Event(
      String id,
      String type,
      Instant at,
      @Nullable String request,
      @Nullable String grant,
      List<String> machines,
      @Nullable String person,
      String sentence,
      @JsonRawValue String content) {
    static Event of(RecordedEvent e) {
      return new Event(
          e.id(),
          e.type(),
          e.at(),
          e.request().map(RequestId::toString).orElse(null),
          e.grant().map(GrantId::toString).orElse(null),
          e.machines().stream().map(MachineId::value).toList(),
          e.person().orElse(null),
          e.sentence(),
          e.content());
    }
  }

  /** A page of a list; a null cursor means that it is the last. */
  record Page<T>(List<T> items, @Nullable String nextCursor) {
    static final int SIZE = 100;

    /** A page as the read model told it. */
    static <S, T> Page<T> of(io.postern.request.domain.Page<S> page, Function<S, T> how) {
      return new Page<>(page.items().stream().map(how).toList(), page.next().orElse(null));
    }

    /** The page of a list that a cursor, the number of items before it, names. */
    static <T> Page<T> ofAll(List<T> all, @Nullable String cursor) {
      int from = offset(cursor);
      int to = Math.min(all.size(), from + SIZE);
      return new Page<>(
          from >= all.size() ? List.of() : all.subList(from, to),
          to < all.size() ? Integer.toString(to) : null);
    }

    private static int offset(@Nullable String cursor) {
      if (cursor == null) {
        return 0;
      }
      if (!cursor.matches("[0-9]{1,9}")) {
        throw Problem.invalid("cursor", "must be a nextCursor of an earlier page", cursor);
      }
      return Integer.parseInt(cursor);
    }
  }
}
