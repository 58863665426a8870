package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperationsTest extends SmallScene {
  private static final String GROUP = Http.NSG + "web-02-nsg";
  private static final String RULE = GROUP + "/securityRules/r";
  private static final String ALLOW = Http.rule("Allow", 100, "*", "22");

  @BeforeEach
  void takeTenSeconds() {
    simulator.server().clock().freeze();
    http.simulator("settings", "{\"operationLatency\":\"PT10S\"}");
  }

  private void pass(long seconds) {
    simulator.server().clock().advance(Duration.ofSeconds(seconds));
  }

  private String stateOf(String path) {
    return http.get(path).json().at("/properties/provisioningState").asString();
  }

  private String statusOf(Http.Answer write) {
    return http.get(write.header("Azure-AsyncOperation")).json().path("status").asString();
  }

  private boolean isReachable() {
    return http.reachable(OUTSIDE, "web-02", 22).path("reachable").asBoolean();
  }

  @Test
  void writeTakesEffectWhenItsTimeIsOverNotWhenItIsPolled() {
    Http.Answer put = http.put(RULE, ALLOW);
    assertThat(put.status()).isEqualTo(201);
    assertThat(stateOf(RULE)).isEqualTo("Updating");
    assertThat(stateOf(GROUP)).isEqualTo("Succeeded");
    for (int i = 0; i < 20; i++) {
      assertThat(statusOf(put)).isEqualTo("InProgress");
    }
    assertThat(isReachable()).isFalse();
    pass(10);
    assertThat(isReachable()).isTrue();
    assertThat(stateOf(RULE)).isEqualTo("Succeeded");

    Http.Answer delete = http.delete(RULE);
    assertThat(stateOf(RULE)).isEqualTo("Deleting");
    assertThat(http.get(delete.header("Location")).status()).isEqualTo(202);
    assertThat(isReachable()).isTrue();
    pass(10);
    assertThat(isReachable()).isFalse();
    assertThat(http.get(RULE).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "BOTH, true, false, true, true",
    "LOCATION, false, true, false, true",
    "ASYNC_OPERATION, true, false, true, false",
    "NONE, false, false, false, false"
  })
  void styleSaysWhichHeadersLeadToTheOperation(
      String style, boolean putAsync, boolean putLocation, boolean async, boolean location) {
    http.simulator(
        "operations", "{\"action\":\"*securityRules\",\"times\":2,\"style\":\"" + style + "\"}");
    Http.Answer put = http.put(RULE, ALLOW);
    assertThat(!put.header("Azure-AsyncOperation").isEmpty()).isEqualTo(putAsync);
    assertThat(!put.header("Location").isEmpty()).isEqualTo(putLocation);
    pass(10);
    Http.Answer delete = http.delete(RULE);
    assertThat(!delete.header("Azure-AsyncOperation").isEmpty()).isEqualTo(async);
    assertThat(!delete.header("Location").isEmpty()).isEqualTo(location);
    pass(10);
    assertThat(http.get(RULE).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "FAILED, Failed, InternalServerError",
    "CANCELED, Canceled, CanceledAndSupersededDueToAnotherOperation"
  })
  void operationThatDoesNotSucceedLeavesThePacketsAlone(
      String outcome, String status, String code) {
    http.simulator("operations", "{\"action\":\"PUT *\",\"outcome\":\"" + outcome + "\"}");
    Http.Answer put = http.put(RULE, ALLOW);
    pass(10);
    assertThat(statusOf(put)).isEqualTo(status);
    assertThat(http.get(put.header("Azure-AsyncOperation")).code()).isEqualTo(code);
    assertThat(stateOf(RULE)).isEqualTo("Failed");
    assertThat(isReachable()).isFalse();
    assertThat(http.put(RULE, ALLOW).status()).isEqualTo(200);
    pass(10);
    assertThat(isReachable()).isTrue();
  }

  @Test
  void operationMayNeverEnd() {
    http.simulator("operations", "{\"action\":\"PUT *\",\"outcome\":\"NEVER\"}");
    Http.Answer put = http.put(RULE, ALLOW);
    pass(1_000_000);
    assertThat(statusOf(put)).isEqualTo("InProgress");
  }

  @Test
  void secondWriteInFlightMeetsTheLock() {
    http.put(RULE, ALLOW);
    Http.Answer second = http.put(GROUP + "/securityRules/s", Http.rule("Deny", 101, "*", "22"));
    assertThat(second.status()).isEqualTo(429);
    assertThat(second.code()).isEqualTo("RetryableError");
    assertThat(second.json().at("/error/details/0/code").asString())
        .isEqualTo("RetryableErrorDueToAnotherOperation");

    http.simulator("settings", "{\"racingWrites\":\"CONFLICT_409\"}");
    Http.Answer third = http.delete(RULE);
    assertThat(third.status()).isEqualTo(409);
    assertThat(third.code()).isEqualTo("AnotherOperationInProgress");
    assertThat(http.put(Http.NSG + "web-01-nsg/securityRules/s", ALLOW).status()).isEqualTo(201);
  }

  @Test
  void newerWriteSupersedesTheOlder() {
    http.simulator("settings", "{\"racingWrites\":\"SUPERSEDE\"}");
    Http.Answer older = http.put(RULE, ALLOW);
    pass(5);
    Http.Answer newer = http.put(RULE, Http.rule("Deny", 100, "*", "22"));
    assertThat(statusOf(older)).isEqualTo("Canceled");
    assertThat(http.get(older.header("Azure-AsyncOperation")).code())
        .isEqualTo("CanceledAndSupersededDueToAnotherOperation");
    pass(10);
    assertThat(statusOf(newer)).isEqualTo("Succeeded");
    assertThat(isReachable()).isFalse();
  }

  @Test
  void putOfARuleThatIsBeingDeletedBringsItBack() {
    http.simulator("settings", "{\"racingWrites\":\"SUPERSEDE\"}");
    http.put(RULE, ALLOW);
    pass(10);
    http.delete(RULE);
    assertThat(http.put(RULE, ALLOW).status()).isEqualTo(200);
    pass(10);
    assertThat(stateOf(RULE)).isEqualTo("Succeeded");
    assertThat(isReachable()).isTrue();
  }

  @Test
  void groupThatIsBeingDeletedTakesNoRules() {
    http.put(Http.NSG + "fresh", "{\"location\":\"westeurope\"}");
    pass(10);
    http.simulator("settings", "{\"racingWrites\":\"SUPERSEDE\"}");
    http.delete(Http.NSG + "fresh");
    assertThat(http.put(Http.NSG + "fresh/securityRules/r", ALLOW).code())
        .isEqualTo("ResourceBeingDeleted");
    pass(10);
    assertThat(http.get(Http.NSG + "fresh").status()).isEqualTo(404);
  }

  @Test
  void referenceToWhatIsBeingWrittenIsRefused() {
    http.put(Http.NSG + "fresh", "{\"location\":\"westeurope\"}");
    String nicPath = Http.SHOP + "Microsoft.Network/networkInterfaces/web-02-nic";
    String nic = http.get(nicPath).raw().body().replace("/web-02-nsg", "/fresh");
    assertThat(http.put(nicPath, nic).code()).isEqualTo("ReferencedResourceNotProvisioned");
    pass(10);
    assertThat(http.put(nicPath, nic).status()).isEqualTo(200);
    assertThat(http.put(nicPath, nic.replace("/fresh", "/none")).status()).isEqualTo(429);
    pass(10);
    assertThat(http.put(nicPath, nic.replace("/fresh", "/none")).code())
        .isEqualTo("InvalidResourceReference");
  }

  @Test
  void groupSaysSucceededWhileARuleIsUpdating() {
    String whole =
        "{\"location\":\"westeurope\",\"properties\":{\"securityRules\":[{\"name\":\"r\","
            + ALLOW.substring(1)
            + "]}}";
    http.put(GROUP, whole);
    assertThat(stateOf(GROUP)).isEqualTo("Updating");
    pass(10);
    http.put(RULE, Http.rule("Deny", 100, "*", "22"));
    assertThat(stateOf(GROUP)).isEqualTo("Succeeded");
    assertThat(stateOf(RULE)).isEqualTo("Updating");
    assertThat(isReachable()).isTrue();
  }
}
