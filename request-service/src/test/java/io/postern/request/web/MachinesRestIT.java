package io.postern.request.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.event.MachineAssessed;
import io.postern.log.Topics;
import io.postern.model.MachineId;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Machines, how they stand, and who reaches them, over REST. */
class MachinesRestIT extends RestDoor {
  @Test
  void tellsHowMachinesStandAndWhoReachesThem() throws Exception {
    String id = "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def5678ff";
    MachineId machine = new MachineId(id);
    MachineAssessed open =
        MachineReportsTest.machine(
            id,
            "wide-open",
            MachineReportsTest.port(22, MachineReportsTest.from(List.of(), "0.0.0.0/0")));
    producer
        .send(
            platform
                .codec(Topics.AWS_ENFORCER)
                .encode(
                    Topics.MACHINES,
                    machine.scope(),
                    platform.partitions(),
                    id,
                    open,
                    Optional.empty()))
        .get();
    Map<String, String> alice = as("alice");
    String one = "/api/v1/machines?id=" + id;
    await().until(() -> body(call("GET", one, "", alice)).path("items").size() == 1);
    JsonNode told = body(call("GET", one, "", alice)).path("items").path(0);
    assertThat(told.path("severity").asString()).isEqualTo("CRITICAL");
    assertThat(told.path("reasonCode").asString()).isEqualTo("LOCKED_BUT_BYPASSED");
    assertThat(told.path("bypassedBy").path(0).path("rule").asString()).isEqualTo("sgr-1");
    assertThat(told.path("exposure").path(0).path("port").asString()).isEqualTo("22");
    assertThat(told.path("exposure").path(0).path("reachableFrom").path(0).path("sources"))
        .hasToString("[\"0.0.0.0/0\"]");

    String filtered =
        "/api/v1/machines?assessment=unhealthy&severity=HIGH&reason=LOCKED_BUT_BYPASSED";
    JsonNode page = body(call("GET", filtered, "", alice)).path("items");
    assertThat(page).map(m -> m.path("id").asString()).contains(id);
    assertThat(page.path(0).path("exposure").isNull()).isTrue();
    assertThat(
            body(call("GET", "/api/v1/machines?assessment=HEALTHY&id=" + id, "", alice))
                .path("items"))
        .isEmpty();
    HttpResponse<String> wrong = call("GET", "/api/v1/machines?severity=bad", "", alice);
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("must be one of UNKNOWN, NONE, LOW, MEDIUM, HIGH, CRITICAL");

    JsonNode counts = body(call("GET", "/api/v1/machines/counts?id=" + id, "", alice));
    assertThat(counts.path("total").asInt()).isEqualTo(1);
    assertThat(counts.path("severities").path("CRITICAL").asInt()).isEqualTo(1);

    HttpResponse<String> csv =
        call("GET", "/api/v1/machines/export?format=csv&id=" + id, "", alice);
    assertThat(csv.headers().firstValue("Content-Type")).contains("text/csv;charset=utf-8");
    assertThat(csv.body().lines().toList()).hasSize(2);
    HttpResponse<String> ocsf =
        call("GET", "/api/v1/machines/export?format=ocsf&id=" + id, "", alice);
    assertThat(JSON.readTree(ocsf.body()).path("class_uid").asInt()).isEqualTo(2003);
    assertThat(call("GET", "/api/v1/machines/export?format=pdf", "", alice).statusCode())
        .isEqualTo(400);

    HttpResponse<String> draft =
        call("GET", "/api/v1/machines/suggested-policy?name=d&group=sre&id=" + id, "", alice);
    assertThat(draft.statusCode()).isEqualTo(200);
    assertThat(body(draft).path("ports").path(0).path("sources")).hasToString("[\"*\"]");
    assertThat(
            call(
                    "GET",
                    "/api/v1/machines/suggested-policy?id=" + id.replace("8ff", "8fe"),
                    "",
                    alice)
                .statusCode())
        .isEqualTo(404);
  }
}
