package io.postern.request.pages;

import io.postern.model.ApprovalLevel;
import io.postern.model.Cidr;
import io.postern.model.Cloud;
import io.postern.model.MachineId;
import io.postern.model.PortSpec;
import io.postern.model.Subject;
import io.postern.request.domain.ApprovalView;
import io.postern.request.domain.ConnectLines;
import io.postern.request.domain.GrantState;
import io.postern.request.domain.GrantView;
import io.postern.request.domain.RecordedEvent;
import io.postern.request.domain.RequestState;
import io.postern.request.domain.RequestView;
import io.postern.request.domain.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the pages' templates show: words and numbers, nothing to decide. */
final class Show {
  private static final Set<GrantState> LIVE =
      Set.of(GrantState.SCHEDULED, GrantState.OPENING, GrantState.OPEN);

  private Show() {}

  /** A machine by name, and where it is. */
  record Machine(String id, String name, String cloud) {}

  static String cloudOf(MachineId id) {
    return id.cloud() == Cloud.AZURE ? "Azure" : "AWS";
  }

  static List<String> ports(List<PortSpec> ports) {
    return ports.stream().map(PortSpec::toString).toList();
  }

  static List<String> sources(List<Cidr> sources) {
    return sources.stream().map(Cidr::toString).toList();
  }

  /**
   * A grant.
   *
   * @param mine whether it is the reader's own
   * @param live whether it can still be closed
   */
  record Grant(
      String id,
      String request,
      String requestor,
      Machine machine,
      String state,
      List<String> ports,
      List<String> sources,
      String policy,
      List<String> approvers,
      List<ConnectLines.Line> connect,
      Optional<Moment> starts,
      Optional<Moment> expires,
      Optional<Moment> closed,
      Optional<String> reason,
      boolean mine,
      boolean live) {
    static Grant of(GrantView g, Look look) {
      Optional<GrantView.Given> given = g.given();
      GrantState state = g.state(look.now());
      return new Grant(
          g.id().toString(),
          g.request().toString(),
          g.requestor(),
          look.machine(g.machine()),
          state.name(),
          given.map(x -> Show.ports(x.ports())).orElse(List.of()),
          given.map(x -> Show.sources(x.sources())).orElse(List.of()),
          given.map(GrantView.Given::policy).orElse(""),
          given.map(GrantView.Given::approvers).orElse(List.of()),
          state == GrantState.OPEN ? ConnectLines.of(g) : List.of(),
          given
              .map(GrantView.Given::startsAt)
              .filter(look.now()::isBefore)
              .map(s -> look.moment(s)),
          g.expiresAt().map(e -> look.moment(e)),
          g.closed().map(c -> look.moment(c.at())),
          g.failure().or(g::endReason),
          given.filter(x -> x.owner().is(look.person())).isPresent(),
          LIVE.contains(state));
    }
  }

  /** What an approver is asked for machines that share a digest. */
  record Question(
      String digest,
      List<Machine> machines,
      List<String> ports,
      List<String> sources,
      String duration,
      String policy,
      int level,
      int levels,
      String who,
      List<String> approvers,
      Moment timesOut) {
    static Question of(List<ApprovalView> same, Look look) {
      ApprovalView first = same.get(0);
      return new Question(
          first.digest(),
          same.stream().map(a -> look.machine(a.machine())).toList(),
          Show.ports(first.ports()),
          Show.sources(first.sources()),
          Moment.words(first.duration()),
          first.policy(),
          first.level(),
          first.levels().size(),
          first.level() <= first.levels().size()
              ? people(first.levels().get(first.level() - 1))
              : "",
          first.approvers(),
          look.moment(first.timesOutAt()));
    }

    static List<Question> all(List<ApprovalView> waiting, Look look) {
      return waiting.stream().collect(Collectors.groupingBy(ApprovalView::digest)).values().stream()
          .map(same -> of(same, look))
          .toList();
    }
  }

  /** Whose approval a level wants, in words. */
  static String people(ApprovalLevel level) {
    String names =
        Stream.concat(
                level.groups().stream().sorted().map(g -> "group " + g),
                level.subjects().stream().sorted().map(Subject::toString))
            .collect(Collectors.joining(level.all() ? " and " : " or "));
    return level.all() ? level.count() + " of each of " + names : level.count() + " of " + names;
  }

  /**
   * A request.
   *
   * @param settled whether nothing more happens to it by itself
   * @param questions what the reader may approve or refuse now
   */
  record Request(
      String id,
      String state,
      String requestor,
      List<Machine> machines,
      Optional<String> justification,
      Optional<Moment> submitted,
      List<Denied> denied,
      List<Question> waiting,
      List<Question> questions,
      List<String> refused,
      List<Grant> grants,
      boolean mine,
      boolean settled) {
    static Request of(RequestView r, Look look) {
      List<Grant> grants = r.grants().stream().map(g -> Grant.of(g, look)).toList();
      boolean isMoving =
          r.state() == RequestState.SUBMITTED
              || r.state() == RequestState.PENDING_APPROVAL
              || grants.stream().anyMatch(g -> g.live() || g.state().equals("CLOSING"));
      return new Request(
          r.id().toString(),
          r.state().name(),
          r.requestor(),
          r.machines().stream().map(look::machine).toList(),
          r.justification(),
          r.submittedAt().map(t -> look.moment(t)),
          r.denials().stream()
              .map(d -> new Denied(look.machine(d.machine()), d.code(), d.message()))
              .toList(),
          Question.all(r.waiting(), look),
          Question.all(r.waiting().stream().filter(a -> a.names(look.person())).toList(), look),
          r.refused().stream()
              .map(x -> x.by() + ": " + x.message() + " (" + x.code() + ")")
              .toList(),
          grants,
          r.owner().is(look.person()),
          !isMoving);
    }
  }

  record Denied(Machine machine, String code, String message) {}

  /** A line of the record. */
  record Line(Moment at, String type, String sentence, Optional<String> request) {
    static Line of(RecordedEvent e, Look look) {
      return new Line(
          look.moment(e.at()), e.type(), e.sentence(), e.request().map(Object::toString));
    }
  }

  /** A bar of the timeline, with the height at which it is drawn. */
  record Bar(String request, String label, String state, int start, int width, int top) {}

  record Bars(Moment from, Moment to, int now, int height, List<Bar> bars) {
    private static final int ROW = 26;

    static Bars of(Timeline timeline, Look look) {
      List<Bar> bars = new ArrayList<>();
      for (Timeline.Bar b : timeline.bars()) {
        GrantView g = b.grant();
        String label =
            "%s (%s) %s, %s"
                .formatted(
                    look.machine(g.machine()).name(),
                    cloudOf(g.machine()),
                    String.join(" ", g.given().map(x -> ports(x.ports())).orElse(List.of())),
                    g.requestor());
        bars.add(
            new Bar(
                g.request().toString(),
                label,
                g.state(look.now()).name(),
                b.start(),
                b.width(),
                ROW * bars.size()));
      }
      return new Bars(
          look.moment(timeline.from()),
          look.moment(timeline.to()),
          timeline.now(),
          ROW * bars.size(),
          bars);
    }
  }
}
