package io.postern.simulator.kernel;

import org.jspecify.annotations.Nullable;

/**
 * A fault to inject.
 *
 * @param action which calls: the name that {@link SimulatedCloud#actionOf} gives; {@code *} stands
 *     for any run of characters
 * @param nth from which matching call on, counted from 1 after the fault was armed
 * @param times for how many calls
 * @param kind what happens
 * @param status HTTP status of the error, for the kinds that answer one
 * @param code error code in the cloud's own format
 * @param millis delay, for {@link Kind#SLOW}
 * @param retryAfterSeconds a {@code Retry-After} header on the error, when positive
 */
public record Fault(
    String action,
    int nth,
    int times,
    Kind kind,
    int status,
    @Nullable String code,
    long millis,
    int retryAfterSeconds) {

  /** What a fault does to a call. */
  public enum Kind {
    /** The call takes effect; the connection is cut before the answer. */
    LOST_ANSWER,
    /** The call takes effect; the answer is an error. */
    ERROR_AFTER,
    /** The call has no effect; the answer is an error. */
    ERROR_BEFORE,
    /** The call has no effect; the connection is cut. */
    RESET,
    /** The call takes effect after a delay. */
    SLOW
  }

  public Fault {
    if (nth < 1) {
      nth = 1;
    }
    if (times < 1) {
      times = 1;
    }
    if (status == 0) {
      status = 500;
    }
  }

  boolean matches(String name) {
    String regex = java.util.regex.Pattern.quote(action).replace("*", "\\E.*\\Q");
    return name.matches("(?i)" + regex);
  }
}
