package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.Requestor;
import io.postern.policy.kafka.Producers.Mapping;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProducersTest {
  private static final Producers PRODUCERS =
      new Producers(
          Map.of(
              "door", Mapping.ANYBODY,
              "bot", new Mapping(false, Set.of(), Set.of("bot"), Set.of(), Set.of()),
              "chat",
                  new Mapping(
                      false, Set.of("https://sso"), Set.of(), Set.of("a.example"), Set.of("sre"))));

  private static Requestor person(String subject, String issuer, String... groups) {
    return new Requestor(subject, issuer, Set.of(groups));
  }

  @Test
  void aProducerSpeaksForThoseWhoAreMappedToItOnly() {
    assertThat(PRODUCERS.refusal("bot", person("bot", "bot"))).isEmpty();
    assertThat(PRODUCERS.refusal("bot", person("alice", "bot"))).isPresent();
    assertThat(PRODUCERS.refusal("chat", person("alice", "https://sso"))).isEmpty();
    assertThat(PRODUCERS.refusal("chat", person("bob@a.example", "chat"))).isEmpty();
    assertThat(PRODUCERS.refusal("chat", person("bob@xa.example", "chat"))).isPresent();
    assertThat(PRODUCERS.refusal("nobody", person("bot", "bot"))).isPresent();
  }

  @Test
  void aProducerStatesNoGroupThatIsNotMappedToIt() {
    assertThat(PRODUCERS.refusal("bot", person("bot", "bot", "admins")))
        .hasValue("bot may not state that somebody is in group admins");
    assertThat(PRODUCERS.refusal("chat", person("alice", "https://sso", "sre"))).isEmpty();
    assertThat(PRODUCERS.refusal("chat", person("alice", "https://sso", "sre", "admins")))
        .isPresent();
    assertThat(PRODUCERS.refusal("door", person("alice", "https://sso", "admins"))).isEmpty();
  }
}
