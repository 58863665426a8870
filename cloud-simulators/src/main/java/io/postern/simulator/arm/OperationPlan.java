package io.postern.simulator.arm;

import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How a long-running operation is shown and how it ends.
 *
 * @param latency how long it takes; null for the simulator's setting
 * @param code the error's code when it does not succeed
 */
record OperationPlan(
    Style style, Outcome outcome, @Nullable Duration latency, @Nullable String code) {

  static final OperationPlan DEFAULT = new OperationPlan(Style.BOTH, Outcome.SUCCEEDED, null, null);

  /** Which headers lead to the operation. */
  enum Style {
    /** {@code Azure-AsyncOperation}, and {@code Location} too. */
    BOTH,
    LOCATION,
    ASYNC_OPERATION,
    /** Only the resource's provisioning state tells. */
    NONE
  }

  /** How the operation ends. */
  enum Outcome {
    SUCCEEDED,
    FAILED,
    CANCELED,
    /** It stays in progress for ever. */
    NEVER
  }

  /** A plan for the n-th write (and some after it) whose action matches. */
  static final class Armed {
    private final Pattern action;
    private final int first;
    private final int last;
    private final OperationPlan plan;
    private int seen;

    private Armed(Pattern action, int first, int last, OperationPlan plan) {
      this.action = action;
      this.first = first;
      this.last = last;
      this.plan = plan;
    }

    /** Reads {@code action, nth, times, style, outcome, latency, code}; all but action optional. */
    static Armed parse(JsonNode json) {
      String glob = json.path("action").asString("*");
      int nth = Math.max(1, json.path("nth").asInt(1));
      int times = Math.max(1, json.path("times").asInt(1));
      String latency = Json.text(json, "latency");
      return new Armed(
          Pattern.compile("(?i)" + Pattern.quote(glob).replace("*", "\\E.*\\Q")),
          nth,
          nth + times - 1,
          new OperationPlan(
              Style.valueOf(json.path("style").asString("BOTH")),
              Outcome.valueOf(json.path("outcome").asString("SUCCEEDED")),
              latency == null ? null : Duration.parse(latency),
              Json.text(json, "code")));
    }

    /** Counts a write; the plan when it is this one's turn. */
    @Nullable OperationPlan strike(String name) {
      if (!action.matcher(name).matches()) {
        return null;
      }
      seen++;
      return seen >= first && seen <= last ? plan : null;
    }

    boolean isSpent() {
      return seen >= last;
    }
  }
}
