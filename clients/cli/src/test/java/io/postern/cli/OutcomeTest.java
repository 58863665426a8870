package io.postern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class OutcomeTest {
  private static Outcome of(String json) {
    return Outcome.of(JsonMapper.shared().readTree(json));
  }

  private static String two(String state, String first, String second) {
    return """
        {"state": "%s", "machines": ["/a/web", "/a/db"], "grants": [%s%s]}"""
        .formatted(state, first, second.isEmpty() ? "" : "," + second);
  }

  private static String grant(String state) {
    return """
        {"machine": "/a/web", "state": "%s", "reason": null}"""
        .formatted(state);
  }

  @Test
  void isOpenOnceEveryMachineIs() {
    assertThat(of(two("GRANTED", grant("OPEN"), grant("OPEN")))).isInstanceOf(Outcome.Open.class);
  }

  @Test
  void isNotOpenWhileAMachineIsNot() {
    assertThat(of(two("GRANTED", grant("OPEN"), grant("OPENING"))))
        .isEqualTo(new Outcome.Pending("OPEN, OPENING"));
    assertThat(of(two("GRANTED", grant("OPEN"), ""))).isEqualTo(new Outcome.Pending("OPEN"));
    assertThat(of(two("SUBMITTED", grant("OPEN"), grant("OPEN"))))
        .isInstanceOf(Outcome.Pending.class);
  }

  @Test
  void isPendingBeforeTheDecisionAndWhileSomebodyMustApprove() {
    assertThat(of("{\"state\": \"SUBMITTED\", \"machines\": [\"/a\"], \"grants\": []}"))
        .isEqualTo(new Outcome.Pending("SUBMITTED"));
    assertThat(of("{\"state\": \"PENDING_APPROVAL\", \"machines\": [\"/a\"]}"))
        .isEqualTo(new Outcome.Pending("PENDING_APPROVAL"));
  }

  @Test
  void isOverWithTheReasonsWhenDenied() {
    Outcome outcome =
        of(
            """
            {"state": "DENIED", "machines": ["/a/web"],
             "reasons": [{"machine": "/a/web", "code": "NOT_ENTITLED", "message": "not in sre"}]}""");

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Over.class,
            o -> assertThat(o.why()).contains("DENIED", "/a/web", "not in sre"));
  }

  @Test
  void isOverWhenOneMachineFailsOrClosesThoughTheOtherIsOpen() {
    assertThat(of(two("GRANTED", grant("OPEN"), grant("FAILED")))).isInstanceOf(Outcome.Over.class);
    assertThat(of(two("GRANTED", grant("CLOSED"), grant("OPEN")))).isInstanceOf(Outcome.Over.class);
  }
}
