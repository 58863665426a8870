package io.postern.policy.domain;

import io.postern.model.ErrorCode;

/**
 * One check of a decision.
 *
 * @param code what a failure means; unused otherwise
 */
public record Check(String name, Result result, String detail, ErrorCode code) {

  /** How a check ended; SKIPPED means that the policy does not ask for it. */
  public enum Result {
    PASSED,
    FAILED,
    SKIPPED
  }

  static Check passed(String name, String detail) {
    return new Check(name, Result.PASSED, detail, ErrorCode.INTERNAL);
  }

  static Check failed(String name, ErrorCode code, String detail) {
    return new Check(name, Result.FAILED, detail, code);
  }

  static Check skipped(String name, String detail) {
    return new Check(name, Result.SKIPPED, detail, ErrorCode.INTERNAL);
  }
}
