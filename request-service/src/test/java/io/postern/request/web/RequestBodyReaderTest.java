package io.postern.request.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.model.FieldError;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How a request's mode is read. */
class RequestBodyReaderTest {
  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

  private static RequestBodyReader.AccessBody read(String more) {
    return RequestBodyReader.read(
        """
        {"machines": ["arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890"],
         "ports": [{"port": 22, "protocol": "TCP"}], "duration": "PT15M"%s}
        """
            .formatted(more),
        "203.0.113.7",
        NOON);
  }

  private static void assertWrong(String more, String rule) {
    assertThatThrownBy(() -> read(more))
        .isInstanceOfSatisfying(
            Problem.class,
            p -> {
              assertThat(p.errors()).extracting(FieldError::field).containsExactly("mode");
              assertThat(p.errors()).extracting(FieldError::rule).containsExactly(rule);
            });
  }

  @Test
  void eachMachineIsDecidedByItselfUnlessToldOtherwise() {
    assertThat(read("").allOrNothing()).isFalse();
    assertThat(read(", \"mode\": \"BEST_EFFORT\"").allOrNothing()).isFalse();
  }

  @Test
  void allMachinesOrNoneCanBeAskedFor() {
    assertThat(read(", \"mode\": \"ALL_OR_NOTHING\"").allOrNothing()).isTrue();
  }

  @Test
  void anotherModeIsRefused() {
    String rule = "must be BEST_EFFORT or ALL_OR_NOTHING";
    assertWrong(", \"mode\": \"all_or_nothing\"", rule);
    assertWrong(", \"mode\": \"\"", rule);
    assertWrong(", \"mode\": null", rule);
    assertWrong(", \"mode\": true", rule);
  }

  @Test
  void anEmergencyDoesNotWaitForOtherMachines() {
    assertWrong(
        ", \"mode\": \"ALL_OR_NOTHING\", \"breakGlass\": true",
        "must not be ALL_OR_NOTHING with breakGlass: it waits");
    assertThat(read(", \"mode\": \"BEST_EFFORT\", \"breakGlass\": true").breakGlass()).isTrue();
  }
}
