package io.postern.request.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.event.JitPolicy;
import io.postern.event.PolicyPut;
import io.postern.log.Topics;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Policies over REST. */
class PoliciesRestIT extends RestDoor {
  private static final String POLICY =
      """
      {"schemaVersion": 1, "machines": [{"id": "%s"}],
       "ports": [{"port": 22, "sources": ["*"], "maxDuration": "PT3H"}],
       "requestors": {"groups": ["sre"]}}"""
          .formatted(MACHINE);

  @Test
  void onlyAdminsChangePoliciesAndIfMatchGuardsTheChange() throws Exception {
    String path = "/api/v1/policies/rest";
    assertThat(call("PUT", path, POLICY, as("alice", "sre")).statusCode()).isEqualTo(403);
    assertThat(probe.all(PolicyPut.class, p -> p.getPolicyId().equals("rest"))).isEmpty();
    HttpResponse<String> bad =
        call("PUT", path, POLICY.replace("PT3H", "PT48H"), as("root", "admins"));
    assertThat(bad.statusCode()).isEqualTo(400);
    assertThat(body(bad).path("errors").path(0).path("field").asString())
        .isEqualTo("ports[0].maxDuration");

    HttpResponse<String> untyped =
        call(
            "PUT",
            path,
            POLICY.replace("\"requestors\"", "\"condition\": \"now > 1\", \"requestors\""),
            as("root", "admins"));
    assertThat(body(untyped).path("errors").path(0).path("field").asString())
        .isEqualTo("condition");

    PolicyPut[] put = new PolicyPut[1];
    Thread policyService =
        Thread.startVirtualThread(
            () -> {
              try {
                put[0] = probe.await(PolicyPut.class, p -> p.getPolicyId().equals("rest"));
                producer
                    .send(
                        platform
                            .codec(Topics.POLICY_SERVICE)
                            .encode(
                                Topics.POLICIES,
                                "rest",
                                new JitPolicy(
                                    "rest",
                                    7L,
                                    put[0].getDocument(),
                                    put[0].getEventId(),
                                    "root",
                                    Instant.now()),
                                Optional.empty()))
                    .get();
              } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
                throw new IllegalStateException(e);
              }
            });
    HttpResponse<String> created = call("PUT", path, POLICY, as("root", "admins"));
    policyService.join();
    assertThat(created.statusCode()).isEqualTo(201);
    assertThat(created.headers().firstValue("ETag")).contains("\"7\"");
    assertThat(body(call("GET", path, "", as("alice"))).path("version").asInt()).isEqualTo(7);
    Map<String, String> stale = new HashMap<>(as("root", "admins"));
    stale.put("If-Match", "\"6\"");
    assertThat(call("PUT", path, POLICY, stale).statusCode()).isEqualTo(412);
    assertThat(call("DELETE", path, "", stale).statusCode()).isEqualTo(412);
    assertThat(call("DELETE", "/api/v1/policies/none", "", as("root", "admins")).statusCode())
        .isEqualTo(404);
  }
}
