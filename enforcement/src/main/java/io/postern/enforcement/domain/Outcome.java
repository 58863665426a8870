package io.postern.enforcement.domain;

import io.postern.model.ErrorCode;
import java.time.Duration;

/** How an attempt to write to a cloud ended. */
public sealed interface Outcome {

  /** The cloud took everything. The loop reads back before it believes it. */
  record Applied() implements Outcome {}

  /** Not now: throttled, locked by another operation, or overtaken; look again after a while. */
  record Deferred(ErrorCode code, String message, Duration retryAfter) implements Outcome {}

  /** The cloud will not do it, now or later, for a reason that only people can change. */
  record Refused(ErrorCode code, String message) implements Outcome {}

  /** It did not work, or nobody knows whether it did; read, compare, plan again. */
  record Failed(ErrorCode code, String message) implements Outcome {}
}
