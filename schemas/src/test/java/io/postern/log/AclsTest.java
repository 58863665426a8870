package io.postern.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;

class AclsTest {

  @Test
  void everyTopicIsWrittenByItsWritersAndNobodyElse() {
    for (Topic topic : Topics.ALL) {
      Set<String> writers =
          Acls.all().stream()
              .filter(a -> a.pattern().name().equals(topic.name()))
              .filter(a -> a.entry().operation() == AclOperation.WRITE)
              .map(a -> a.entry().principal().replace("User:", ""))
              .collect(Collectors.toSet());
      Set<String> expected =
          topic.writer().equals(Topics.ANYONE)
              ? Set.of(Topics.REQUEST_SERVICE)
              : Set.of(topic.writer().split(","));
      assertThat(writers).as(topic.name()).isEqualTo(expected);
    }
  }

  @Test
  void noPrefixReachesATopicOfTheCatalogue() {
    for (AclBinding acl : Acls.all()) {
      if (acl.pattern().resourceType() == ResourceType.TOPIC
          && acl.pattern().patternType() == PatternType.PREFIXED) {
        assertThat(Topics.ALL)
            .noneMatch(t -> t.name().startsWith(acl.pattern().name()))
            .noneMatch(
                t ->
                    t.readers().stream()
                        .anyMatch(r -> t.deadLetter(r).startsWith(acl.pattern().name())));
      }
    }
  }

  @Test
  void noServicesGroupsAreAnothers() {
    for (String one : Topics.SERVICES) {
      for (String other : Topics.SERVICES) {
        assertThat(one.equals(other) || !one.startsWith(other)).isTrue();
      }
    }
  }

  @Test
  void aProducerWritesItsOwnTopicOnly() {
    List<String> acls = Acls.ofProducer("ci-bot").stream().map(Acls::asCommand).toList();
    assertThat(acls.stream().filter(a -> a.contains("--operation Write")))
        .containsExactly(
            "--add --allow-principal User:ci-bot --operation Write --topic jit.requests.ci-bot"
                + " --resource-pattern-type literal");
    assertThat(acls.stream().filter(a -> a.contains("--topic jit.requests.ci-bot ")))
        .hasSize(4)
        .anyMatch(a -> a.contains("User:policy-service --operation Read"))
        .anyMatch(a -> a.contains("User:request-service --operation Read"))
        .anyMatch(a -> a.contains("User:audit --operation Read"));
  }

  @Test
  void aFollowerReadsWhatTheAuditReadsButNothingInternalAndWritesNothing() {
    List<AclBinding> acls = Acls.ofFollower("siem", List.of("ci-bot"));
    assertThat(acls).allMatch(a -> a.entry().operation() == AclOperation.READ);
    Set<String> read =
        acls.stream()
            .filter(a -> a.pattern().resourceType() == ResourceType.TOPIC)
            .map(a -> a.pattern().name())
            .collect(Collectors.toSet());
    Set<String> expected =
        Topics.ALL.stream()
            .filter(t -> t.readers().contains(Topics.AUDIT))
            .map(Topic::name)
            .collect(Collectors.toSet());
    expected.removeAll(Set.of(Topics.VETTED.name(), Topics.CHECKPOINTS.name()));
    expected.add(Topics.MACHINES.name());
    expected.add(Topics.ofProducer("ci-bot").name());
    assertThat(read).isEqualTo(expected);
  }

  @Test
  void aProducerIsNotNamedLikeAServiceOrAPattern() {
    for (String name :
        List.of(
            "policy-service",
            "audit",
            "a",
            "aws",
            "policy-service-dlt",
            "x-dlt",
            "a.b",
            "*",
            "",
            "A")) {
      assertThatThrownBy(() -> Acls.ofProducer(name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("name must be");
      assertThatThrownBy(() -> Acls.ofSigningProducer(name)).hasMessageContaining("name must be");
      assertThatThrownBy(() -> Acls.ofFollower(name, List.of()))
          .hasMessageContaining("name must be");
    }
    assertThatThrownBy(() -> Acls.ofService("nobody")).hasMessageContaining("nobody");
  }
}
