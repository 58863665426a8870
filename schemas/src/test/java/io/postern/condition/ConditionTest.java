package io.postern.condition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.model.InvalidValueException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionTest {
  private static Map<String, Object> inputs() {
    Map<String, Object> inputs = new HashMap<>();
    inputs.put("request.ports", List.of("22/TCP"));
    inputs.put("request.sources", List.of("203.0.113.7/32"));
    inputs.put("request.duration", Duration.ofMinutes(15));
    inputs.put("request.justification", "INC-42");
    inputs.put("requestor.subject", "alice");
    inputs.put("requestor.issuer", "https://issuer");
    inputs.put("requestor.groups", List.of("sre", "oncall"));
    inputs.put("machine.id", "arn");
    inputs.put("machine.name", "web-01");
    inputs.put("machine.cloud", "AWS");
    inputs.put("machine.scope", "aws:1:eu-west-1");
    inputs.put("machine.tags", Map.of("env", "prod"));
    inputs.put("start", Instant.parse("2026-03-01T12:00:00Z"));
    inputs.put("now", Instant.parse("2026-03-01T12:00:00Z"));
    return inputs;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "true",
        "'oncall' in requestor.groups",
        "request.duration <= duration('1h')",
        "machine.tags['env'] == 'prod' && machine.name.startsWith('web-')",
        "request.sources.all(s, s.endsWith('/32'))",
        "now.getHours() == 12 && start - now < duration('1s')",
        "!has(machine.tags.frozen)",
        "request.justification.matches('INC-[0-9]+')"
      })
  void holdsWhereItIsTrue(String expression) {
    assertThat(Condition.compile(expression).holds(inputs())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1 + ",
        "request.duration",
        "'text'",
        "request.durration <= duration('1h')",
        "requestor.groups == 'oncall'",
        "request.duration > 3600",
        "nonsense(now)"
      })
  void whatIsWrongIsFoundWhenItIsCompiled(String expression) {
    assertThatThrownBy(() -> Condition.compile(expression))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("CEL");
  }

  @Test
  void whatCannotBeEvaluatedIsNotTrue() {
    Condition missing = Condition.compile("machine.tags['owner'] == 'alice'");
    assertThatThrownBy(() -> missing.holds(inputs())).isInstanceOf(IllegalStateException.class);
    assertThat(Condition.compile("machine.tags['env'] == 'dev'").holds(inputs())).isFalse();
  }
}
