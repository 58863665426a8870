package io.postern.request.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postern.condition.ConditionChecks;
import io.postern.event.JitPolicy;
import io.postern.log.Convert;
import io.postern.model.FieldError;
import io.postern.model.InvalidValueException;
import io.postern.model.Policy;
import io.postern.model.PolicyChecks;
import io.postern.model.PolicyId;
import io.postern.model.PolicyReader;
import io.postern.model.PolicyWriter;
import io.postern.model.Requestor;
import io.postern.request.config.RequestServiceProperties;
import io.postern.request.kafka.RequestLog;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
  private final RequestServiceProperties properties;

  PolicyController(RequestLog log, Caller caller, RequestServiceProperties properties) {
    this.log = log;
    this.caller = caller;
    this.properties = properties;
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
    Policy policy = read(name, body);
    Optional<JitPolicy> before = log.policies().get(policy.id().value());
    String changeId = log.put(policy, person, expected(ifMatch, before));
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

  @GetMapping(value = "/{name}", produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<String> get(@PathVariable String name) {
    JitPolicy policy =
        log.policies().get(id(name).value()).orElseThrow(() -> Problem.notFound("policy"));
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
    PolicyId id = id(name);
    Optional<JitPolicy> before = log.policies().get(id.value());
    if (before.isEmpty()) {
      throw Problem.notFound("policy");
    }
    log.delete(id, person, expected(ifMatch, before));
    boolean gone = Waiting.until(() -> log.policies().get(name).isEmpty());
    return ResponseEntity.status(gone ? HttpStatus.NO_CONTENT : HttpStatus.ACCEPTED).build();
  }

  private Policy read(String name, String body) {
    JsonNode document;
    try {
      document = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw Problem.invalid("", "must be JSON", e.getOriginalMessage());
    }
    PolicyReader.Result result = PolicyReader.read(document, id(name).value());
    if (result.policy().isEmpty()) {
      throw Problem.invalid(result.errors());
    }
    Policy policy = result.policy().get();
    // policy-service checks the same once more; here the caller still hears of it.
    List<FieldError> errors = new ArrayList<>();
    RequestServiceProperties.Bounds bounds = properties.bounds();
    errors.addAll(PolicyChecks.outside(policy, bounds.shortest(), bounds.longest()));
    ConditionChecks.error(policy).ifPresent(errors::add);
    errors.addAll(
        PolicyChecks.ties(
            policy,
            log.policies().all().stream().map(Convert::toModel).toList(),
            log.machines().all().stream().map(Convert::toModel).toList()));
    if (!errors.isEmpty()) {
      throw Problem.invalid(errors);
    }
    return policy;
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

  private static PolicyId id(String name) {
    try {
      return new PolicyId(name);
    } catch (InvalidValueException e) {
      throw Problem.invalid("name", e.rule(), e.given());
    }
  }
}
