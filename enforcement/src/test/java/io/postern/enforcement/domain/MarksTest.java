package io.postern.enforcement.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.model.GrantId;
import io.postern.model.InvalidValueException;
import io.postern.model.RuleSetId;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MarksTest {
  private static final RuleSetId RULE_SET = new RuleSetId("aws:123456789012:eu-west-1:sg-1");
  private static final GrantId GRANT =
      new GrantId(UUID.fromString("0a0a0a0a-0000-3000-8000-000000000001"));
  private static final Instant UNTIL = Instant.parse("2026-03-01T12:00:00.9Z");

  private final Marks marks = new Marks("prod-eu", new byte[32]);
  private final String mark = marks.write(RULE_SET, "tcp 22 203.0.113.7/32", GRANT, UNTIL);

  @Test
  void isReadBackAsWrittenAndRoundsTheEndDown() {
    assertThat(mark).hasSizeLessThanOrEqualTo(120);
    assertThat(marks.read(RULE_SET, "tcp 22 203.0.113.7/32", mark))
        .hasValueSatisfying(
            m -> {
              assertThat(m.grant()).isEqualTo(GRANT);
              assertThat(m.installation()).isEqualTo("prod-eu");
              assertThat(m.until()).isEqualTo(Instant.parse("2026-03-01T12:00:00Z"));
              assertThat(m.authentic()).isTrue();
            });
  }

  @Test
  void isNotAuthenticOnAnotherRuleOrWithAnotherEndOrUnderAnotherKey() {
    assertThat(marks.read(RULE_SET, "tcp 22 0.0.0.0/0", mark).orElseThrow().authentic()).isFalse();
    assertThat(
            marks
                .read(
                    new RuleSetId("aws:123456789012:eu-west-1:sg-2"), "tcp 22 203.0.113.7/32", mark)
                .orElseThrow()
                .authentic())
        .isFalse();
    String later = mark.replace("" + UNTIL.getEpochSecond(), "" + (UNTIL.getEpochSecond() + 9));
    assertThat(marks.read(RULE_SET, "tcp 22 203.0.113.7/32", later).orElseThrow().authentic())
        .isFalse();
    byte[] other = new byte[32];
    other[0] = 1;
    assertThat(
            new Marks("prod-eu", other)
                .read(RULE_SET, "tcp 22 203.0.113.7/32", mark)
                .orElseThrow()
                .authentic())
        .isFalse();
  }

  @Test
  void whatIsNoMarkIsNotRead() {
    assertThat(marks.read(RULE_SET, "x", "office network")).isEmpty();
    assertThat(marks.read(RULE_SET, "x", "postern/2 a b c d")).isEmpty();
  }

  @Test
  void refusesANameThatWouldBreakTheFormat() {
    assertThatThrownBy(() -> new Marks("has blank", new byte[32]))
        .isInstanceOf(InvalidValueException.class);
  }
}
