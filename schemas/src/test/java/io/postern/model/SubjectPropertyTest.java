package io.postern.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Names that are the same at several issuers, wherever a policy names people. */
class SubjectPropertyTest {
  private static final int CASES = 20_000;
  private static final List<String> NAMES = List.of("alice", "bob");
  private static final List<String> ISSUERS = List.of("https://idp", "bot", "");

  private static <T> T any(Random random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private static Set<Subject> some(Random random) {
    Set<Subject> all = new HashSet<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      String name = any(random, NAMES);
      all.add(
          random.nextBoolean()
              ? Subject.plain(name)
              : Subject.of(any(random, ISSUERS.subList(0, 2)), name));
    }
    return all;
  }

  private static Policy policy(Set<Subject> who, Set<Subject> level, Set<Subject> emergency) {
    return new Policy(
            new PolicyId("web"),
            1,
            List.of(),
            List.of(),
            Set.of(),
            who,
            false,
            Optional.empty(),
            Policy.ExistingRules.PRIORITY,
            Policy.SharedGroups.REFUSE,
            32,
            128)
        .withTerms(
            new PolicyTerms(
                false,
                Optional.of(
                    new ApprovalRule(
                        List.of(new ApprovalLevel(true, Set.of(), level, 1)), Duration.ofHours(1))),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.of(new BreakGlass(Set.of(), emergency, Duration.ofHours(1)))));
  }

  /** Whether one of them means the person, where plain names are of an issuer or of anybody. */
  private static boolean meant(Set<Subject> named, Requestor person, Optional<String> plainOf) {
    for (Subject s : named) {
      Optional<String> issuer = s.issuer().isPresent() ? s.issuer() : plainOf;
      boolean sameIssuer = issuer.isEmpty() || issuer.get().equals(person.issuer());
      if (s.name().equals(person.subject()) && sameIssuer) {
        return true;
      }
    }
    return false;
  }

  @Test
  void theSameNameOfAnotherIssuerIsSomebodyElse() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < CASES; i++) {
      Set<Subject> who = some(random);
      Set<Subject> level = some(random);
      Set<Subject> emergency = some(random);
      Requestor person = new Requestor(any(random, NAMES), any(random, ISSUERS), Set.of());
      Optional<String> plainOf =
          random.nextBoolean() ? Optional.of("https://idp") : Optional.empty();
      Policy written = policy(who, level, emergency);
      Policy policy = plainOf.map(written::withPlainSubjectsOf).orElse(written);
      String where =
          "seed %d, case %d: %s, %s, plain of %s".formatted(seed, i, written, person, plainOf);

      assertThat(policy.names(person)).as(where).isEqualTo(meant(who, person, plainOf));
      ApprovalRule approval = policy.terms().approval().orElseThrow();
      assertThat(approval.names(person)).as(where).isEqualTo(meant(level, person, plainOf));
      assertThat(policy.terms().breakGlass().orElseThrow().names(person))
          .as(where)
          .isEqualTo(meant(emergency, person, plainOf));
      assertThat(approval.levels().get(0).isMetBy(List.of(person)))
          .as(where)
          .isEqualTo(level.stream().allMatch(s -> meant(Set.of(s), person, plainOf)));
      if (plainOf.isPresent()) {
        assertThat(policy.namesPlainSubjects()).as(where).isFalse();
      }
    }
  }
}
