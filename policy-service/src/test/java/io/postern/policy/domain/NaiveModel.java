package io.postern.policy.domain;

import io.postern.model.Requestor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What should become of a history, by the rules in the order in which one would tell them to
 * somebody: one lead and then one of security approve, if anybody must. It knows one policy, and
 * shares no code with what it is compared with.
 */
final class NaiveModel {
  private static final Duration LENGTH = Duration.ofMinutes(15);

  private static final class Case {
    private String who = "";
    private String source = "";
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

  private final boolean approval;
  private final Optional<Duration> longest;
  private final TreeMap<Integer, Case> cases = new TreeMap<>();
  private final Set<String> answered = new HashSet<>();
  private boolean policy = true;
  private Instant now = World.NOON;
  private List<String> said = new ArrayList<>();

  NaiveModel(boolean approval, Optional<Duration> longest) {
    this.approval = approval;
    this.longest = longest;
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
      case History.PolicyChange p -> policyChanges(p.present());
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
    Case c = new Case();
    c.who = a.who();
    c.source = a.source();
    c.wantedStart = a.start();
    cases.put(a.number(), c);
    if (!policy) {
      deny(a.number(), "POLICY_UNSATISFIED");
    } else if (!isIn(a.who(), "sre")) {
      deny(a.number(), "NOT_ENTITLED");
    } else if (approval) {
      c.dueAt = now.plus(Duration.ofHours(1));
      said.add("waits " + a.number() + " 0");
    } else {
      grant(a.number());
    }
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
          boolean same = other.who.equals(c.who) && other.source.equals(c.source);
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
    boolean approver = approval && (isIn(r.who(), "leads") || isIn(r.who(), "security"));
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
    } else if (longest.isEmpty()) {
      refuse(x.eventId(), "NOT_EXTENDABLE");
    } else if (Duration.between(c.start, c.end.plus(x.by())).compareTo(longest.get()) > 0) {
      refuse(x.eventId(), "BEYOND_LIMIT");
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

  private void policyChanges(boolean present) {
    policy = present;
    if (present) {
      return;
    }
    cases.forEach(
        (n, c) -> {
          if (c.running) {
            c.running = false;
            said.add("ended " + n + " POLICY_REMOVED");
          }
          if (c.state.equals("waits")) {
            deny(n, "POLICY_UNSATISFIED");
          }
        });
  }
}
