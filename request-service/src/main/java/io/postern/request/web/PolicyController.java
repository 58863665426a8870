package io.postern.request.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postern.event.JitPolicy;
import io.postern.log.Convert;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PolicyWriter;
import io.postern.model.Requestor;
import io.postern.request.kafka.RequestLog;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Policies: read by everybody who has a token, changed by admins. */
@RestController
@RequestMapping("/api/v1/policies")
public class PolicyController {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final RequestLog log;
  private final Caller caller;
  private final Policies policies;

  PolicyController(RequestLog log, Caller caller, Policies policies) {
    this.log = log;
    this.caller = caller;
    this.policies = policies;
  }

  /** 201 or 200 once the policy is in force; 202 when that takes longer than a few seconds. */
  @PutMapping(
      value = "/{name}",
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<String> put(
      @PathVariable String name,
      @RequestBody String body,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
      @AuthenticationPrincipal Jwt token) {
    Requestor person = caller.of(token);
    caller.requireAdmin(person);
    Policy policy = policies.read(name, body);
    Optional<JitPolicy> before = log.policies().get(policy.id().value());
    String changeId = log.put(policy, person, expected(ifMatch, before), false);
    boolean inForce =
        Waiting.until(
            () ->
                log.policies().get(name).filter(p -> p.getChangeId().equals(changeId)).isPresent());
    if (!inForce) {
      return ResponseEntity.accepted().body(PolicyWriter.write(policy).toString());
    }
    JitPolicy now = log.policies().get(name).orElseThrow(() -> Problem.notFound("policy"));
    return ResponseEntity.status(before.isEmpty() ? HttpStatus.CREATED : HttpStatus.OK)
        .eTag(etag(now))
        .body(write(now).toString());
  }

  /**
   * What the policy would write, by the planners that write, and nothing is put: 200 with the
   * answer of each machine that it selects or selected. An enforcer that does not answer within a
   * few seconds makes the plan incomplete.
   */
  @PutMapping(
      value = "/{name}",
      params = "dryRun=true",
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  Views.Plan rehearse(
      @PathVariable String name,
      @RequestBody String body,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
      @AuthenticationPrincipal Jwt token) {
    Requestor person = caller.of(token);
    caller.requireAdmin(person);
    Policy policy = policies.read(name, body);
    return Views.Plan.of(
        policies.rehearse(
            policy, person, expected(ifMatch, log.policies().get(policy.id().value()))),
        log.machines().all());
  }

  @GetMapping(value = "/{name}", produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<String> get(@PathVariable String name) {
    JitPolicy policy =
        log.policies().get(Policies.id(name).value()).orElseThrow(() -> Problem.notFound("policy"));
    return ResponseEntity.ok().eTag(etag(policy)).body(write(policy).toString());
  }

  @GetMapping(produces = MediaType.APPLICATION_JSON_VALUE)
  String list() {
    ObjectNode page = JSON.createObjectNode();
    ArrayNode items = page.putArray("items");
    log.policies().all().stream()
        .sorted(Comparator.comparing(JitPolicy::getPolicyId))
        .forEach(p -> items.add(write(p)));
    page.putNull("nextCursor");
    return page.toString();
  }

  /** 204 once the policy is gone; 202 when that takes longer than a few seconds. */
  @DeleteMapping("/{name}")
  ResponseEntity<Void> delete(
      @PathVariable String name,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
      @AuthenticationPrincipal Jwt token) {
    Requestor person = caller.of(token);
    caller.requireAdmin(person);
    PolicyId id = Policies.id(name);
    Optional<JitPolicy> before = log.policies().get(id.value());
    if (before.isEmpty()) {
      throw Problem.notFound("policy");
    }
    log.delete(id, person, expected(ifMatch, before));
    boolean gone = Waiting.until(() -> log.policies().get(name).isEmpty());
    return ResponseEntity.status(gone ? HttpStatus.NO_CONTENT : HttpStatus.ACCEPTED).build();
  }

  private static Optional<Long> expected(@Nullable String ifMatch, Optional<JitPolicy> before) {
    if (ifMatch == null) {
      return Optional.empty();
    }
    String actual = before.map(PolicyController::etag).orElse("none");
    if (!ifMatch.equals(actual) && !(ifMatch.equals("*") && before.isPresent())) {
      throw Problem.precondition("the policy has ETag " + actual + ", not " + ifMatch);
    }
    return before.map(JitPolicy::getVersion);
  }

  private static String etag(JitPolicy policy) {
    return "\"" + policy.getVersion() + "\"";
  }

  private static ObjectNode write(JitPolicy policy) {
    ObjectNode node = PolicyWriter.write(Convert.toModel(policy));
    node.put("version", policy.getVersion());
    return node;
  }
}
