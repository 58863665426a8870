package io.postern.aws.cloud;

import io.postern.aws.domain.Step;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.Outcome;
import io.postern.model.ErrorCode;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sts.model.StsException;

/** What EC2's errors mean to the reconcile loop. */
final class Ec2Errors {
  private static final Duration THROTTLE_PAUSE = Duration.ofSeconds(1);
  private static final Duration DEPENDENCY_PAUSE = Duration.ofSeconds(2);

  private static final Set<String> DENIED =
      Set.of(
          "UnauthorizedOperation",
          "AuthFailure",
          "AccessDenied",
          "InvalidClientTokenId",
          "OptInRequired",
          "RequestExpired",
          "ExpiredToken",
          "Blocked");
  private static final Set<String> THROTTLED =
      Set.of("RequestLimitExceeded", "Throttling", "ThrottlingException", "SlowDown");
  private static final Set<String> FULL =
      Set.of(
          "SecurityGroupsPerInterfaceLimitExceeded",
          "RulesPerSecurityGroupLimitExceeded",
          "SecurityGroupLimitExceeded",
          "TagLimitExceeded");

  private Ec2Errors() {}

  /** What became of a write. */
  static Outcome outcome(Step step, String action, SdkException e) {
    if (!(e instanceof AwsServiceException refusal)) {
      return new Outcome.Failed(
          ErrorCode.CLOUD_UNAVAILABLE,
          action + " got no answer, it may have worked: " + e.getMessage());
    }
    String code = codeOf(refusal);
    String message = action + ": " + code + ": " + messageOf(refusal);
    if (THROTTLED.contains(code)) {
      return new Outcome.Deferred(ErrorCode.THROTTLED, message, THROTTLE_PAUSE);
    }
    if (DENIED.contains(code)) {
      String denied = deniedBy(refusal, action);
      return step.opens()
          ? new Outcome.Refused(ErrorCode.CLOUD_DENIED, denied)
          : new Outcome.Failed(ErrorCode.CLOUD_DENIED, denied);
    }
    if (code.equals("DependencyViolation")) {
      return new Outcome.Deferred(ErrorCode.CONFLICT, message, DEPENDENCY_PAUSE);
    }
    if (FULL.contains(code)) {
      return step.opens()
          ? new Outcome.Refused(ErrorCode.UNSUPPORTED_TARGET, message)
          : new Outcome.Failed(ErrorCode.UNSUPPORTED_TARGET, message);
    }
    if (refusal.statusCode() >= 500) {
      return new Outcome.Failed(ErrorCode.CLOUD_UNAVAILABLE, message);
    }
    if (code.endsWith(".Duplicate") || code.endsWith(".NotFound")) {
      return new Outcome.Failed(
          ErrorCode.CONFLICT, message + " (perhaps an earlier call of ours, unanswered)");
    }
    return new Outcome.Failed(ErrorCode.INTERNAL, message);
  }

  /** Why a read failed. */
  static CloudException exception(String action, SdkException e) {
    if (!(e instanceof AwsServiceException refusal)) {
      return new CloudException(
          ErrorCode.CLOUD_UNAVAILABLE,
          action + " got no answer: " + e.getMessage(),
          Optional.empty());
    }
    String code = codeOf(refusal);
    if (DENIED.contains(code)) {
      return new CloudException(
          ErrorCode.CLOUD_DENIED, deniedBy(refusal, action), Optional.empty());
    }
    String message = action + ": " + code + ": " + messageOf(refusal);
    return THROTTLED.contains(code)
        ? new CloudException(ErrorCode.THROTTLED, message, Optional.of(THROTTLE_PAUSE))
        : new CloudException(ErrorCode.CLOUD_UNAVAILABLE, message, Optional.empty());
  }

  /** The assuming of a role fails in the guise of the call that it was for. */
  private static String deniedBy(AwsServiceException refusal, String action) {
    return refusal instanceof StsException
        ? "STS does not let us assume the account's role, sts:AssumeRole (%s)"
            .formatted(codeOf(refusal))
        : "EC2 does not let us call %s (%s)".formatted(action, codeOf(refusal));
  }

  static String codeOf(AwsServiceException e) {
    AwsErrorDetails details = e.awsErrorDetails();
    return details == null || details.errorCode() == null
        ? "HTTP " + e.statusCode()
        : details.errorCode();
  }

  private static String messageOf(AwsServiceException e) {
    AwsErrorDetails details = e.awsErrorDetails();
    return details == null || details.errorMessage() == null
        ? String.valueOf(e.getMessage())
        : details.errorMessage();
  }
}
