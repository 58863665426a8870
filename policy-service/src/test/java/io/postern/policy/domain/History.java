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

  record Ask(int number, String who, String source, Optional<Instant> start) implements Step {}

  record Vote(String eventId, int number, String who, boolean yes, boolean rightDigest)
      implements Step {}

  record Revoke(String eventId, int number, String who) implements Step {}

  record Extend(String eventId, int number, String who, Duration by) implements Step {}

  record Expired(int number, Instant end) implements Step {}

  record Closed(int number) implements Step {}

  record Wait(Duration time) implements Step {}

  record PolicyChange(boolean present) implements Step {}

  static final List<Requestor> PEOPLE =
      List.of(
          World.person("alice", "sre"),
          World.person("carl", "sre", "leads"),
          World.person("bob", "leads"),
          World.person("sam", "security"),
          World.person("olga", "leads", "security"),
          World.person("root", "admins"));

  private static final int CASES = 8;

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
    int number = random.nextInt(CASES);
    String who = PEOPLE.get(random.nextInt(PEOPLE.size())).subject();
    return switch (random.nextInt(16)) {
      case 0, 1, 2 -> ask(random, number, now);
      case 3, 4, 5, 6 ->
          new Vote("v" + i, number, who, random.nextInt(8) > 0, random.nextInt(10) > 0);
      case 7, 8 -> new Revoke("r" + i, number, who);
      case 9, 10 -> new Extend("x" + i, number, who, Duration.ofMinutes(5 + random.nextInt(20)));
      case 11 -> new Expired(number, now.plus(Duration.ofMinutes(random.nextInt(30) - 10)));
      case 12 -> new Closed(number);
      case 13 -> new PolicyChange(random.nextInt(3) > 0);
      default -> new Wait(Duration.ofMinutes(random.nextInt(25)));
    };
  }

  // A case is always of the same person for the same: a repeat is a repeat.
  private static Ask ask(Random random, int number, Instant now) {
    return new Ask(
        number,
        number % 4 == 3 ? "bob" : number % 2 == 0 ? "alice" : "carl",
        number < 5 ? "203.0.113.7" : "203.0.113.8",
        random.nextInt(5) == 0
            ? Optional.of(now.plus(Duration.ofMinutes(random.nextInt(40))))
            : Optional.empty());
  }
}
