package io.postern.policy.domain;

import io.postern.model.Requestor;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What should become of a history, by the rules in the order in which one would tell them to
 * somebody: one lead and then one of security approve, if anybody must. It knows one policy for
 * each machine and one that denies, and shares no code with what it is compared with.
 */
final class NaiveModel {
  private static final Duration LENGTH = Duration.ofMinutes(15);

  /**
   * What the policy of a machine asks for.
   *
   * @param hour whether access must lie between noon and one
   * @param minutes whether it is only given in the first three quarters of an hour
   */
  record Rules(boolean approval, Optional<Duration> longest, boolean hour, boolean minutes) {}

  private static final class Case {
    private String who = "";
    private String source = "";
    private int machine;
    private boolean emergency;
    private boolean unreviewed;
    private Optional<Instant> wantedStart = Optional.empty();
    private String state = "waits";
    private final List<String> approvers = new ArrayList<>();
    private Instant dueAt = Instant.MAX;
    private Instant start = Instant.MIN;
    private Instant end = Instant.MIN;
    private boolean running;
    private boolean closed;
    private boolean timedOut;
  }

  private final List<Rules> rules;
  private final boolean[] present;
  private final boolean[] denies;
  private final TreeMap<Integer, Case> cases = new TreeMap<>();
  private final Set<String> answered = new HashSet<>();
  private Instant now = World.NOON;
  private List<String> said = new ArrayList<>();

  NaiveModel(List<Rules> rules) {
    this.rules = rules;
    this.present = new boolean[rules.size()];
    this.denies = new boolean[rules.size()];
    Arrays.fill(present, true);
  }

  List<String> take(History.Step step) {
    said = new ArrayList<>();
    switch (step) {
      case History.Ask a -> ask(a);
      case History.Vote v -> vote(v);
      case History.Revoke r -> revoke(r);
      case History.Extend x -> extend(x);
      case History.Expired e -> expired(e);
      case History.Closed c -> closed(c.number());
      case History.Wait w -> passes(w.time());
      case History.Review r -> review(r);
      case History.PolicyChange p -> policyChanges(p);
    }
    return said;
  }

  private static boolean isIn(String who, String group) {
    Requestor person = History.person(who);
    return person.groups().contains(group);
  }

  private void ask(History.Ask a) {
    if (cases.containsKey(a.number())) {
      return;
    }
    History.Subject subject = History.CASES.get(a.number());
    Case c = new Case();
    c.who = subject.who();
    c.source = subject.source();
    c.machine = subject.machine();
    c.emergency = subject.emergency();
    c.wantedStart = a.start();
    cases.put(a.number(), c);
    Optional<String> objection = objection(c);
    if (objection.isPresent()) {
      deny(a.number(), objection.get());
    } else if (rules.get(c.machine).approval() && !c.emergency) {
      c.dueAt = now.plus(Duration.ofHours(1));
      said.add("waits " + a.number() + " 0");
    } else {
      grant(a.number());
    }
  }

  /** Why the case would be denied at this moment. */
  private Optional<String> objection(Case c) {
    Instant start = c.wantedStart.filter(s -> s.isAfter(now)).orElse(now);
    boolean forbidden = denies[c.machine] && c.source.equals(History.FAR);
    if (forbidden || !present[c.machine]) {
      return Optional.of("POLICY_UNSATISFIED");
    }
    if (!isIn(c.who, c.emergency ? "oncall" : "sre")) {
      return Optional.of("NOT_ENTITLED");
    }
    if (c.emergency || isAllowed(c.machine, start, start.plus(LENGTH))) {
      return Optional.empty();
    }
    return Optional.of("POLICY_UNSATISFIED");
  }

  private boolean isAllowed(int machine, Instant start, Instant end) {
    Rules r = rules.get(machine);
    boolean outside =
        start.isBefore(World.NOON) || end.isAfter(World.NOON.plus(Duration.ofHours(1)));
    boolean late = now.atZone(ZoneOffset.UTC).getMinute() >= 45;
    return !(r.hour() && outside) && !(r.minutes() && late);
  }

  private void deny(int number, String code) {
    Case c = known(number);
    c.state = "denied";
    c.timedOut = code.equals("TIMED_OUT");
    said.add("denied " + number + " " + code);
  }

  private Case known(int number) {
    return Objects.requireNonNull(cases.get(number));
  }

  private void grant(int number) {
    Case c = known(number);
    Instant start = c.wantedStart.filter(s -> s.isAfter(now)).orElse(now);
    Instant end = start.plus(LENGTH);
    cases.forEach(
        (n, other) -> {
          boolean same =
              other.who.equals(c.who)
                  && other.source.equals(c.source)
                  && other.machine == c.machine;
          if (other.running && same && start.isBefore(other.end) && other.start.isBefore(end)) {
            other.running = false;
            said.add("ended " + n + " NEWER_REQUEST_INITIATED");
          }
        });
    c.state = "granted";
    c.start = start;
    c.end = end;
    c.running = true;
    said.add("granted " + number + " " + c.approvers + " until " + end);
    if (c.emergency) {
      c.unreviewed = true;
      said.add("break-glass " + number);
    }
  }

  private boolean isRepeat(String eventId) {
    return !answered.add(eventId);
  }

  private void refuse(String eventId, String code) {
    said.add("refused " + eventId + " " + code);
  }

  private void vote(History.Vote v) {
    if (isRepeat(v.eventId())) {
      return;
    }
    Case c = cases.get(v.number());
    if (c == null) {
      refuse(v.eventId(), "UNKNOWN");
    } else if (!c.state.equals("waits")) {
      refuse(v.eventId(), c.timedOut ? "TIMED_OUT" : "ALREADY_DECIDED");
    } else if (!v.rightDigest()) {
      refuse(v.eventId(), "OTHER_DIGEST");
    } else if (!now.isBefore(c.dueAt)) {
      deny(v.number(), "TIMED_OUT");
      refuse(v.eventId(), "TIMED_OUT");
    } else if (objection(c).isPresent()) {
      deny(v.number(), objection(c).get());
      refuse(v.eventId(), "ALREADY_DECIDED");
    } else if (v.who().equals(c.who)) {
      refuse(v.eventId(), "SELF_APPROVAL");
    } else if (!isIn(v.who(), "leads") && !isIn(v.who(), "security")) {
      refuse(v.eventId(), "NOT_AN_APPROVER");
    } else if (!v.yes()) {
      deny(v.number(), "APPROVAL_REFUSED");
    } else if (c.approvers.contains(v.who())) {
      refuse(v.eventId(), "ALREADY_COUNTED");
    } else if (!isIn(v.who(), c.approvers.isEmpty() ? "leads" : "security")) {
      refuse(v.eventId(), "NOT_THIS_LEVEL");
    } else {
      c.approvers.add(v.who());
      if (c.approvers.size() == 2) {
        grant(v.number());
      } else {
        said.add("waits " + v.number() + " 1");
      }
    }
  }

  private void revoke(History.Revoke r) {
    if (isRepeat(r.eventId())) {
      return;
    }
    Case c = cases.get(r.number());
    if (c == null) {
      refuse(r.eventId(), "UNKNOWN");
      return;
    }
    boolean own = c.who.equals(r.who());
    boolean admin = isIn(r.who(), "admins");
    boolean approver = isApprover(c, r.who());
    if (c.state.equals("waits")) {
      if (own || admin) {
        deny(r.number(), "WITHDRAWN");
      } else {
        refuse(r.eventId(), "NOT_YOURS");
      }
    } else if (c.running) {
      if (own || admin || approver) {
        c.running = false;
        said.add("ended " + r.number() + (own ? " USER_REQUESTED" : " ADMIN_REVOKED"));
      } else {
        refuse(r.eventId(), "NOT_YOURS");
      }
    }
  }

  private void extend(History.Extend x) {
    if (isRepeat(x.eventId())) {
      return;
    }
    Case c = cases.get(x.number());
    if (c == null) {
      refuse(x.eventId(), "UNKNOWN");
    } else if (c.state.equals("waits")) {
      refuse(x.eventId(), "OVER");
    } else if (!c.running || !now.isBefore(c.end)) {
      refuse(x.eventId(), "OVER");
    } else if (!c.who.equals(x.who())) {
      refuse(x.eventId(), "NOT_YOURS");
    } else if (rules.get(c.machine).longest().isEmpty()) {
      refuse(x.eventId(), "NOT_EXTENDABLE");
    } else if (c.end.plus(x.by()).isAfter(c.start.plus(rules.get(c.machine).longest().get()))) {
      refuse(x.eventId(), "BEYOND_LIMIT");
    } else if ((denies[c.machine] && c.source.equals(History.FAR))
        || !isIn(c.who, "sre")
        || !isAllowed(c.machine, c.start, c.end.plus(x.by()))) {
      refuse(x.eventId(), "POLICY_UNSATISFIED");
    } else {
      c.end = c.end.plus(x.by());
      said.add("extended " + x.number() + " until " + c.end);
    }
  }

  private void expired(History.Expired e) {
    Case c = cases.get(e.number());
    if (c != null && c.running && !e.end().isBefore(c.end)) {
      c.running = false;
      said.add("noted " + e.number() + " over");
    }
  }

  private void closed(int number) {
    Case c = cases.get(number);
    if (c != null && c.state.equals("granted") && !c.closed) {
      c.closed = true;
      said.add("noted " + number + (c.running ? " runs" : " over"));
    }
  }

  private void passes(Duration time) {
    now = now.plus(time);
    cases.forEach(
        (n, c) -> {
          if (c.state.equals("waits") && !now.isBefore(c.dueAt)) {
            deny(n, "TIMED_OUT");
          }
        });
  }

  private boolean isApprover(Case c, String who) {
    return present[c.machine]
        && rules.get(c.machine).approval()
        && (isIn(who, "leads") || isIn(who, "security"));
  }

  private void review(History.Review r) {
    if (isRepeat(r.eventId())) {
      return;
    }
    Case c = cases.get(r.number());
    if (c == null || !c.unreviewed) {
      refuse(r.eventId(), "UNKNOWN");
    } else if (c.who.equals(r.who())) {
      refuse(r.eventId(), "SELF_REVIEW");
    } else if (!isIn(r.who(), "admins") && !isApprover(c, r.who())) {
      refuse(r.eventId(), "NOT_AN_APPROVER");
    } else {
      c.unreviewed = false;
      said.add("reviewed " + r.number());
    }
  }

  /** What runs ends with its policy only; what waits is held against all of them anew. */
  private void policyChanges(History.PolicyChange p) {
    present[p.machine()] = p.present();
    denies[p.machine()] = p.denies();
    cases.forEach(
        (n, c) -> {
          if (c.running && !present[c.machine]) {
            c.running = false;
            said.add("ended " + n + " POLICY_REMOVED");
          }
          if (c.state.equals("waits")) {
            objection(c).ifPresent(code -> deny(n, code));
          }
        });
  }
}
