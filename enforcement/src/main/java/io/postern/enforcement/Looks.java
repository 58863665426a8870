package io.postern.enforcement;

import io.opentelemetry.api.trace.SpanKind;
import io.postern.enforcement.cloud.CloudException;
import io.postern.log.Trace;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.util.List;
import java.util.Optional;

/** Looks at rule sets and the calls of the cloud within them, as steps of traces. */
final class Looks {
  private static final String SERVICE = "enforcement";

  /** Links of one span; OpenTelemetry's own limit. */
  private static final int MOST_LINKS = 128;

  private Looks() {}

  /** What may fail as a cloud does. */
  interface Call<T> {
    T make() throws CloudException;
  }

  /**
   * Begins a look that serves grants: a step of the first one's trace, linked with the others'. A
   * look that serves none is no part of a trace.
   */
  static Trace begin(Scope scope, RuleSetId ruleSet, List<String> causes) {
    if (causes.isEmpty()) {
      return Trace.none();
    }
    return Trace.begin(
            SERVICE,
            "reconcile",
            SpanKind.CONSUMER,
            Optional.of(causes.get(0)),
            causes.stream().skip(1).limit(MOST_LINKS).toList())
        .with("postern.scope", scope.value())
        .with("postern.rule_set", ruleSet.value());
  }

  /**
   * Makes a call of the cloud; a step of the look's trace, if the look is part of one.
   *
   * @param name of the step
   */
  static <T> T call(String name, Call<T> call) throws CloudException {
    Optional<String> look = Trace.here();
    if (look.isEmpty()) {
      return call.make();
    }
    try (Trace trace = Trace.begin(SERVICE, name, SpanKind.CLIENT, look);
        Trace.Within within = trace.enter()) {
      try {
        return call.make();
      } catch (CloudException | RuntimeException e) {
        trace.failed(e.getMessage());
        throw e;
      }
    }
  }
}
