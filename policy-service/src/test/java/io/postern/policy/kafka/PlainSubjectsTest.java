package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.PolicyTerms;
import io.postern.model.Requestor;
import io.postern.model.Subject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlainSubjectsTest {
  private static final Requestor HERS = new Requestor("alice", "https://idp", Set.of());
  private static final Requestor BOTS = new Requestor("alice", "chat-bot", Set.of());

  private static Policy naming(Subject who, boolean denies) {
    Policy like =
        PolicyHarness.policy(
            "web",
            PolicyTerms.NONE,
            new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0aaaaaaaaaaaaaae1"));
    return new Policy(
        like.id(),
        1,
        like.machines(),
        like.ports(),
        Set.of(),
        Set.of(who),
        false,
        Optional.empty(),
        like.existingRules(),
        like.sharedGroups(),
        32,
        128,
        new PolicyTerms(
            denies,
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty()));
  }

  @Test
  void aBotsAliceIsNotTheOneOfTheIssuerThatIsSet() {
    Policy read =
        new PlainSubjects(Optional.of("https://idp"), true)
            .read(naming(Subject.plain("alice"), false));
    assertThat(read.names(HERS)).isTrue();
    assertThat(read.names(BOTS)).isFalse();
  }

  @Test
  void anIdentityIsOfItsIssuerWhateverIsSet() {
    Policy written = naming(Subject.of("chat-bot", "alice"), false);
    for (Optional<String> set : List.of(Optional.<String>empty(), Optional.of("https://idp"))) {
      Policy read = new PlainSubjects(set, true).read(written);
      assertThat(read.names(BOTS)).isTrue();
      assertThat(read.names(HERS)).isFalse();
    }
  }

  @Test
  void isAmbiguousOnlyWhereSomebodyElseVouchesForPeople() {
    Producers alone = new Producers(Map.of("request-service", Producers.Mapping.ANYBODY));
    Producers withBot =
        new Producers(
            Map.of(
                "request-service",
                Producers.Mapping.ANYBODY,
                "bot",
                new Producers.Mapping(false, Set.of("chat-bot"), Set.of(), Set.of(), Set.of())));
    Policy plain = naming(Subject.plain("alice"), false);
    assertThat(isAmbiguous(alone, plain)).isFalse();
    assertThat(isAmbiguous(withBot, plain)).isTrue();
    assertThat(isAmbiguous(withBot, naming(Subject.of("https://idp", "alice"), false))).isFalse();
    // One that denies closes more, not less.
    assertThat(isAmbiguous(withBot, naming(Subject.plain("alice"), true))).isFalse();
  }

  private static boolean isAmbiguous(Producers producers, Policy policy) {
    return new PlainSubjects(Optional.empty(), producers.vouchForSeveralIssuers())
        .isAmbiguous(policy);
  }
}
