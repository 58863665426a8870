package io.postern.azure.cloud;

import static io.postern.azure.Samples.OUTSIDE;
import static io.postern.azure.Samples.SCOPE;
import static io.postern.azure.Samples.SUBSCRIPTION;
import static io.postern.azure.Samples.grant;
import static io.postern.azure.Samples.lock;
import static io.postern.azure.Samples.nsgId;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.postern.azure.domain.AzureStep;
import io.postern.azure.domain.NsgStep;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.ErrorCode;
import io.postern.model.PortSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each of Azure's errors leads to, and that the next pass gets there all the same. */
class ErrorsTest extends SimulatedAzure {
  private static final Optional<Lock> LOCK = Optional.of(lock(true, PortSpec.tcp(22)));
  private static final String WRITES = "* networkSecurityGroups*";
  private static final String PUT = "PUT networkSecurityGroups*";
  private static final String READ = "GET networkSecurityGroups";

  private final Grant grant = grant("web-01", OUTSIDE, PortSpec.tcp(22));
  private RuleSetIntent open;
  private RuleSetIntent closed;

  @BeforeEach
  void lockDown() {
    open = intent("web-01-nsg", "web-01", LOCK, grant);
    closed = intent("web-01-nsg", "web-01", LOCK);
    settle(closed);
  }

  private void fault(String action, String kind, int status, String code, int retryAfter) {
    simulator(
        "faults",
        """
        {"action":"%s","kind":"%s","status":%d,"code":"%s","retryAfterSeconds":%d}"""
            .formatted(action, kind, status, code, retryAfter));
  }

  private void operation(String style, String outcome, String latency) {
    simulator(
        "operations",
        """
        {"action":"%s","style":"%s","outcome":"%s","latency":"%s"}"""
            .formatted(WRITES, style, outcome, latency));
  }

  private long writes() {
    return actions().stream().filter(a -> !a.startsWith("GET")).count();
  }

  private Outcome.Deferred deferred(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Deferred.class);
    return (Outcome.Deferred) outcome;
  }

  private Outcome.Failed failed(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    return (Outcome.Failed) outcome;
  }

  private Outcome.Refused refused(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    return (Outcome.Refused) outcome;
  }

  private void opensInTheEnd() {
    assertThat(settle(open).satisfied()).containsExactly(grant.id());
    assertThat(isReachable(OUTSIDE, "web-01", 22)).isTrue();
    assertThat(isReachable("198.51.100.1", "web-01", 22)).isFalse();
  }

  @Test
  void anotherHandInBetweenIsReadAgain() {
    Observation before = observe(open);
    List<AzureStep> steps = azure.plan(open, before).steps();
    foreign("PUT", nsgId("web-01-nsg") + "/securityRules/theirs", rule("Deny", 777, "*", "23"));
    Outcome.Deferred outcome = deferred(azure.apply(open, before, steps));
    assertThat(outcome.code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(outcome.retryAfter()).isLessThan(Duration.ofSeconds(1));
    opensInTheEnd();
    assertThat(document(nsgId("web-01-nsg")).toString())
        .contains("theirs")
        .contains("unknownMember");
  }

  @Test
  void aSpentQuotaIsWaitedForWithoutAnotherRequest() {
    fault(PUT, "ERROR_BEFORE", 429, "TooManyRequests", 2);
    Outcome.Deferred outcome = deferred(pass(open));
    assertThat(outcome.code()).isEqualTo(ErrorCode.THROTTLED);
    assertThat(outcome.retryAfter()).isEqualTo(Duration.ofSeconds(2));
    long sent = writes();
    assertThat(deferred(pass(open)).code()).isEqualTo(ErrorCode.THROTTLED);
    assertThat(writes()).isEqualTo(sent);
    await().atMost(Duration.ofSeconds(10)).until(() -> pass(open) instanceof Outcome.Applied);
    opensInTheEnd();
  }

  @ParameterizedTest
  @ValueSource(strings = {"RetryableError", "RetryableErrorDueToAnotherOperation"})
  void aLockIsNoQuota(String code) {
    fault(PUT, "ERROR_BEFORE", 429, code, 0);
    Outcome.Deferred outcome = deferred(pass(open));
    assertThat(outcome.code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(outcome.retryAfter()).isLessThan(Duration.ofSeconds(1));
    opensInTheEnd();
  }

  @Test
  void anotherOperationInProgressIsWaitedFor() {
    fault(PUT, "ERROR_BEFORE", 409, "AnotherOperationInProgress", 0);
    assertThat(deferred(pass(open)).code()).isEqualTo(ErrorCode.CONFLICT);
    opensInTheEnd();
  }

  @ParameterizedTest
  @ValueSource(strings = {"SecurityRuleConflict", "ReferencedResourceNotProvisioned"})
  void aPlaceThatIsTakenIsFoundAgain(String code) {
    fault(PUT, "ERROR_BEFORE", 400, code, 0);
    assertThat(deferred(pass(open)).message()).contains(code);
    opensInTheEnd();
  }

  @ParameterizedTest
  @ValueSource(strings = {"CANCELED", "FAILED"})
  void anOperationThatEndsBadlyIsLookedAt(String outcome) {
    for (String style : List.of("BOTH", "LOCATION", "ASYNC_OPERATION", "NONE")) {
      operation(style, outcome, "PT0S");
      failed(pass(open));
      opensInTheEnd();
      operation(style, outcome, "PT0S");
      failed(pass(closed));
      assertThat(settle(closed).present()).isEmpty();
      assertThat(isReachable(OUTSIDE, "web-01", 22)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"BOTH", "LOCATION", "ASYNC_OPERATION", "NONE"})
  void waitsForSlowOperations(String style) {
    operation(style, "SUCCEEDED", "PT0.3S");
    assertThat(pass(open)).isEqualTo(new Outcome.Applied());
    assertThat(isReachable(OUTSIDE, "web-01", 22)).isTrue();
    operation(style, "SUCCEEDED", "PT0.3S");
    assertThat(pass(closed)).isEqualTo(new Outcome.Applied());
    assertThat(isReachable(OUTSIDE, "web-01", 22)).isFalse();
  }

  @Test
  void anOperationThatNeverEndsIsGivenUp() {
    operation("BOTH", "NEVER", "PT0S");
    assertThat(failed(pass(open)).message()).contains("did not end within 2 s");
    assertThatThrownBy(() -> azure.observe(open))
        .isInstanceOfSatisfying(
            CloudException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
              assertThat(e.retryAfter()).isPresent();
            });
    // What must go is not waited for.
    assertThat(deferred(pass(closed)).code()).isEqualTo(ErrorCode.CONFLICT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"LOST_ANSWER", "RESET", "ERROR_AFTER", "ERROR_BEFORE"})
  void nobodyKnowsUntilItIsRead(String kind) {
    fault(PUT, kind, 500, "InternalServerError", 0);
    assertThat(failed(pass(open)).code()).isEqualTo(ErrorCode.CLOUD_UNAVAILABLE);
    opensInTheEnd();
    fault("DELETE networkSecurityGroups*", kind, 500, "InternalServerError", 0);
    assertThat(failed(pass(closed)).code()).isEqualTo(ErrorCode.CLOUD_UNAVAILABLE);
    assertThat(settle(closed).present()).isEmpty();
    assertThat(isReachable(OUTSIDE, "web-01", 22)).isFalse();
  }

  @Test
  void whoMayNotWriteIsToldAndStillCloses() {
    foreign(
        "PUT",
        "/subscriptions/" + SUBSCRIPTION + "/providers/Microsoft.Authorization/roleAssignments/a1",
        """
        {"properties":{"principalId":"azure-enforcer","roleDefinitionId":
        "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"}}""");
    settle(open);
    simulator("settings", "{\"authorization\":true}");
    Outcome.Failed closing = failed(pass(closed));
    assertThat(closing.code()).isEqualTo(ErrorCode.CLOUD_DENIED);
    assertThat(closing.message())
        .contains("Microsoft.Network/networkSecurityGroups/securityRules/delete");
    simulator("settings", "{\"authorization\":false}");
    settle(closed);
    simulator("settings", "{\"authorization\":true}");
    Outcome.Refused opening = refused(pass(open));
    assertThat(opening.code()).isEqualTo(ErrorCode.CLOUD_DENIED);
    assertThat(opening.message())
        .contains("Microsoft.Network/networkSecurityGroups/securityRules/write");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SecurityRuleCountLimitReached",
        "SecurityRuleAddressesOrPortsPerSecurityGroupLimitReached"
      })
  void aRefusedOpenDoesNotKeepACloseBack(String code) {
    settle(open);
    Grant next = grant("web-01", "198.51.100.9", PortSpec.tcp(22));
    fault("PUT networkSecurityGroups", "ERROR_BEFORE", 400, code, 0);
    Outcome.Refused outcome = refused(pass(intent("web-01-nsg", "web-01", LOCK, next)));
    assertThat(outcome.message()).contains(code);
    assertThat(isReachable(OUTSIDE, "web-01", 22)).isFalse();
    assertThat(isReachable("198.51.100.9", "web-01", 22)).isFalse();
  }

  @Test
  void aGroupThatWentAwayIsResolvedAgain() {
    Observation before = observe(open);
    List<AzureStep> steps = azure.plan(open, before).steps();
    fault(PUT, "ERROR_BEFORE", 404, "ResourceNotFound", 0);
    assertThat(failed(azure.apply(open, before, steps)).code())
        .isEqualTo(ErrorCode.TARGET_NOT_FOUND);
  }

  @Test
  void aRuleThatIsGoneAlreadyIsSuccess() {
    settle(open);
    Observation before = observe(closed);
    List<AzureStep> steps = azure.plan(closed, before).steps();
    foreign(
        "DELETE",
        nsgId("web-01-nsg") + "/securityRules/" + ((NsgStep) steps.getFirst()).name(),
        "{}");
    azure.apply(closed, before, steps);
    assertThat(settle(closed).present()).isEmpty();
  }

  @Test
  void readingFailsWithItsReason() {
    fault(READ, "ERROR_BEFORE", 403, "AuthorizationFailed", 0);
    assertCode(ErrorCode.CLOUD_DENIED);
    fault(READ, "ERROR_BEFORE", 503, "ServiceUnavailable", 0);
    assertCode(ErrorCode.CLOUD_UNAVAILABLE);
    fault("GET virtualMachines", "ERROR_BEFORE", 403, "AuthorizationFailed", 0);
    assertThatThrownBy(() -> azure.inventory(SCOPE))
        .isInstanceOfSatisfying(
            CloudException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOUD_DENIED));
    fault("GET virtualMachines", "ERROR_BEFORE", 429, "TooManyRequests", 7);
    assertThatThrownBy(() -> azure.inventory(SCOPE))
        .isInstanceOfSatisfying(
            CloudException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.THROTTLED);
              assertThat(e.retryAfter()).contains(Duration.ofSeconds(7));
            });
    assertCode(ErrorCode.THROTTLED);
  }

  private void assertCode(ErrorCode code) {
    assertThatThrownBy(() -> azure.observe(open))
        .isInstanceOfSatisfying(CloudException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
