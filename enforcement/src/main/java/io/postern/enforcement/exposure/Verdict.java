package io.postern.enforcement.exposure;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether a machine needs just-in-time access.
 *
 * @param reason a sentence without its full stop
 */
public record Verdict(Result result, Reason code, String reason) {

  /** The result. */
  public enum Result {
    HEALTHY,
    UNHEALTHY,
    NOT_APPLICABLE,
    UNKNOWN
  }

  /** The reason for programs; the log's schema explains each. */
  public enum Reason {
    JIT_ENABLED,
    PORTS_CLOSED,
    PORTS_ALLOWED,
    FIREWALL_CLOSED,
    FIREWALL_ALLOWS,
    NO_GROUP_AND_NO_FIREWALL,
    OPEN_TO_ANY_ADDRESS,
    NOT_OPEN_TO_ANY_ADDRESS,
    LOCKED,
    LOCKED_BUT_BYPASSED,
    NOT_FILTERED,
    OPEN_TO_THE_WORLD,
    OPEN_TO_A_WIDE_RANGE,
    OPEN_TO_FEW_ADDRESSES,
    OPEN_TO_THE_NETWORK,
    FIREWALL_MANAGER,
    SCALE_SET_UNIFORM,
    GROUP_NOT_EDITABLE,
    DEFENDER_MANAGED,
    NOT_LOOKED_AT
  }

  public static Verdict healthy(Reason code, String reason) {
    return new Verdict(Result.HEALTHY, code, reason);
  }

  public static Verdict unhealthy(Reason code, String reason) {
    return new Verdict(Result.UNHEALTHY, code, reason);
  }

  public static Verdict notApplicable(Unsupported why) {
    return new Verdict(Result.NOT_APPLICABLE, why.code(), why.why());
  }

  /**
   * A flow chart's verdict. Just-in-time access that is on comes first, as in the chart; a machine
   * on which it is not supported does not come to the chart's other questions.
   */
  public static Verdict byChart(
      boolean jit, Optional<Unsupported> unsupported, Supplier<Verdict> chart) {
    if (unsupported.isEmpty()) {
      return chart.get();
    }
    return jit
        ? healthy(
            Reason.JIT_ENABLED,
            "a policy covers it, but its ports cannot be closed: " + unsupported.get().why())
        : notApplicable(unsupported.get());
  }

  /** At most five of these, for a sentence. */
  static String listed(List<String> values) {
    return values.size() <= 5
        ? String.join(", ", values)
        : String.join(", ", values.subList(0, 5)) + " and " + (values.size() - 5) + " more";
  }
}
