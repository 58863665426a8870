package io.postern.policy.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.ApprovalLevel;
import io.postern.model.ApprovalRule;
import io.postern.model.Requestor;
import io.postern.model.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ApprovalProgressTest {
  private static final Requestor ALICE = person("alice", "sre", "leads");

  private static Requestor person(String name, String... groups) {
    return new Requestor(name, "issuer", Set.of(groups));
  }

  private static ApprovalLevel anyOf(int count, String... groups) {
    return new ApprovalLevel(false, Set.of(groups), Set.of(), count);
  }

  private static ApprovalProgress after(List<ApprovalLevel> levels, Requestor... approvers) {
    return ApprovalProgress.of(
        new ApprovalRule(levels, Duration.ofHours(2)),
        ALICE,
        Stream.of(approvers).map(p -> new Approval(p, Instant.EPOCH, Optional.empty())).toList());
  }

  @Test
  void needsAsManyPeopleAsTheLevelSays() {
    List<ApprovalLevel> two = List.of(anyOf(2, "leads"));
    assertThat(after(two, person("bob", "leads")).isComplete()).isFalse();
    assertThat(after(two, person("bob", "leads"), person("bob", "leads")).isComplete()).isFalse();
    assertThat(after(two, person("bob", "leads"), person("eve", "leads")).isComplete()).isTrue();
  }

  @Test
  void onePersonIsOnePersonWhateverTheIssuer() {
    Requestor bobAgain = new Requestor("bob", "another issuer", Set.of("leads"));
    assertThat(after(List.of(anyOf(2, "leads")), person("bob", "leads"), bobAgain).isComplete())
        .isFalse();
  }

  @Test
  void nobodyApprovesTheOwnRequestNotEvenThroughAnotherIssuer() {
    ApprovalProgress none = after(List.of(anyOf(1, "leads")));
    assertThat(none.objection(ALICE)).contains(Refusal.SELF_APPROVAL);
    assertThat(none.objection(new Requestor("alice", "a bot", Set.of("leads"))))
        .contains(Refusal.SELF_APPROVAL);
  }

  @Test
  void levelsComeInOrderAndAPersonCountsAtOneOfThem() {
    List<ApprovalLevel> levels = List.of(anyOf(1, "leads"), anyOf(1, "leads", "security"));
    assertThat(after(levels).objection(person("sam", "security"))).contains(Refusal.NOT_THIS_LEVEL);
    ApprovalProgress one = after(levels, person("bob", "leads"));
    assertThat(one.level()).isEqualTo(1);
    assertThat(one.objection(person("bob", "leads"))).contains(Refusal.ALREADY_COUNTED);
    assertThat(one.objection(person("sam", "security"))).isEmpty();
    assertThat(one.objection(person("mallory", "sre"))).contains(Refusal.NOT_AN_APPROVER);
    assertThat(after(levels, person("bob", "leads"), person("sam", "security")).isComplete())
        .isTrue();
  }

  @Test
  void allOfNeedsEachGroupAndEachSubject() {
    List<ApprovalLevel> all =
        List.of(
            new ApprovalLevel(true, Set.of("leads", "security"), Set.of(Subject.plain("erin")), 1));
    assertThat(after(all, person("bob", "leads"), person("sam", "security")).isComplete())
        .isFalse();
    assertThat(after(all, person("bob", "leads", "security"), person("erin")).isComplete())
        .isTrue();
  }
}
