package io.postern.policy.domain;

import io.postern.model.Requestor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Random things that happen, many of them twice, too late or out of order. */
final class History {

  /** One thing that happens. Cases are named by number, people by name. */
  sealed interface Step {}

  record Ask(int number, Optional<Instant> start) implements Step {}

  record Vote(String eventId, int number, String who, boolean yes, boolean rightDigest)
      implements Step {}

  record Revoke(String eventId, int number, String who) implements Step {}

  record Extend(String eventId, int number, String who, Duration by) implements Step {}

  record Expired(int number, Instant end) implements Step {}

  record Closed(int number) implements Step {}

  record Wait(Duration time) implements Step {}

  record Review(String eventId, int number, String who) implements Step {}

  /** A machine's policy comes or goes, and one that denies a source there. */
  record PolicyChange(int machine, boolean present, boolean denies) implements Step {}

  /** What a case is of: always the same person's for the same, so that a repeat is a repeat. */
  record Subject(int machine, String who, String source, boolean emergency) {}

  static final String NEAR = "203.0.113.7";

  /** The source that policies deny. */
  static final String FAR = "203.0.113.8";

  static final List<Subject> CASES =
      List.of(
          new Subject(0, "alice", NEAR, false),
          new Subject(1, "carl", NEAR, false),
          new Subject(0, "alice", NEAR, false),
          new Subject(1, "bob", NEAR, false),
          new Subject(0, "alice", NEAR, false),
          new Subject(1, "carl", FAR, false),
          new Subject(0, "sam", NEAR, true),
          new Subject(1, "bob", FAR, true),
          new Subject(0, "alice", FAR, false),
          new Subject(1, "carl", FAR, false),
          new Subject(2, "carl", FAR, true),
          new Subject(2, "carl", FAR, false));

  static final List<Requestor> PEOPLE =
      List.of(
          World.person("alice", "sre"),
          World.person("carl", "sre", "leads", "oncall"),
          World.person("bob", "leads"),
          World.person("sam", "security", "oncall"),
          World.person("olga", "leads", "security"),
          World.person("root", "admins"));

  private History() {}

  static Requestor person(String name) {
    return PEOPLE.stream().filter(p -> p.subject().equals(name)).findFirst().orElseThrow();
  }

  static List<Step> random(Random random, int length) {
    List<Step> steps = new ArrayList<>();
    Instant now = World.NOON;
    for (int i = 0; i < length; i++) {
      Step step =
          !steps.isEmpty() && random.nextInt(5) == 0
              ? steps.get(random.nextInt(steps.size()))
              : step(random, i, now);
      if (step instanceof Wait wait) {
        now = now.plus(wait.time());
      }
      steps.add(step);
    }
    return steps;
  }

  private static Step step(Random random, int i, Instant now) {
    int number = random.nextInt(CASES.size());
    String who = PEOPLE.get(random.nextInt(PEOPLE.size())).subject();
    return switch (random.nextInt(18)) {
      case 0, 1, 2 -> ask(random, number, now);
      case 3, 4, 5, 6 ->
          new Vote("v" + i, number, who, random.nextInt(8) > 0, random.nextInt(10) > 0);
      case 7, 8 -> new Revoke("r" + i, number, who);
      case 9, 10 -> {
        // Mostly by whose it is: others are refused for that alone.
        String by = random.nextInt(4) > 0 ? CASES.get(number).who() : who;
        yield new Extend("x" + i, number, by, Duration.ofMinutes(5 + random.nextInt(20)));
      }
      case 11 -> new Expired(number, now.plus(Duration.ofMinutes(random.nextInt(30) - 10)));
      case 12 -> new Closed(number);
      case 13 ->
          new PolicyChange(
              random.nextInt(World.MACHINES.size()), random.nextInt(4) > 0, random.nextInt(3) == 0);
      case 14 -> new Review("b" + i, number, who);
      case 15 -> ask(random, number, now);
      default -> new Wait(Duration.ofMinutes(random.nextInt(25)));
    };
  }

  private static Ask ask(Random random, int number, Instant now) {
    return new Ask(
        number,
        !CASES.get(number).emergency() && random.nextInt(5) == 0
            ? Optional.of(now.plus(Duration.ofMinutes(random.nextInt(40))))
            : Optional.empty());
  }
}
