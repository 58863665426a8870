package io.postern.request.web;

import io.postern.model.InvalidValueException;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.request.domain.ReadModel;
import io.postern.request.domain.RequestState;
import io.postern.request.domain.RequestView;
import io.postern.request.kafka.RequestLog;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Asking, and asking what became of it. */
@RestController
@RequestMapping("/api/v1/requests")
public class RequestController {
  private final RequestLog log;
  private final Caller caller;
  private final Submissions submissions;
  private final Wishes wishes;
  private final Clock clock;

  RequestController(
      RequestLog log, Caller caller, Submissions submissions, Wishes wishes, Clock clock) {
    this.log = log;
    this.caller = caller;
    this.submissions = submissions;
    this.wishes = wishes;
    this.clock = clock;
  }

  /**
   * 202 means: on the log, acknowledged by all replicas. With an Idempotency-Key a repeat is the
   * same request.
   */
  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<Map<String, String>> submit(
      @RequestBody String body,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String idempotencyKey,
      @AuthenticationPrincipal Jwt token,
      HttpServletRequest http) {
    Requestor requestor = caller.of(token);
    RequestId id =
        submissions.submit(
            body, requestor, caller.address(http), Optional.ofNullable(idempotencyKey));
    return ResponseEntity.accepted()
        .location(URI.create("/api/v1/requests/" + id))
        .body(Map.of("id", id.toString(), "state", RequestState.SUBMITTED.name()));
  }

  @GetMapping("/{id}")
  Views.Request get(@PathVariable String id, @AuthenticationPrincipal Jwt token) {
    return Views.Request.of(wishes.request(id, caller.of(token)), clock.instant());
  }

  /**
   * 202: the answer is on the log; the request tells what came of it. It is given for all machines
   * that wait for it and that the caller may answer for.
   */
  @PostMapping(value = "/{id}/approval", consumes = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<Void> answer(
      @PathVariable String id, @RequestBody String body, @AuthenticationPrincipal Jwt token) {
    Requestor person = caller.of(token);
    RequestView request = wishes.request(id, person);
    ShortBodyReader in = ShortBodyReader.of(body, Set.of("decision", "reason", "digest"));
    Optional<Boolean> approves = in.value("decision", RequestController::approves);
    Optional<String> reason = in.text("reason");
    Optional<String> seen = in.text("digest");
    in.check();
    wishes.answer(request, person, approves.orElseThrow(), reason, seen);
    return ResponseEntity.accepted().build();
  }

  /** 202: for every machine what waits is withdrawn, and what was granted is closed. */
  @DeleteMapping("/{id}")
  ResponseEntity<Void> withdraw(@PathVariable String id, @AuthenticationPrincipal Jwt token) {
    Requestor person = caller.of(token);
    wishes.withdraw(wishes.request(id, person), person);
    return ResponseEntity.accepted().build();
  }

  private static boolean approves(String decision) {
    return switch (decision) {
      case "approve" -> true;
      case "refuse" -> false;
      default -> throw new InvalidValueException("must be approve or refuse", decision);
    };
  }

  @GetMapping
  Views.Page<Views.Request> list(
      @RequestParam(required = false) @Nullable String requestor,
      @RequestParam(required = false) @Nullable String machine,
      @RequestParam(required = false) @Nullable String state,
      @RequestParam(required = false) @Nullable String cursor,
      @AuthenticationPrincipal Jwt token) {
    Requestor person = caller.of(token);
    ReadModel.RequestFilter filter =
        new ReadModel.RequestFilter(
            Optional.ofNullable(requestor),
            Optional.ofNullable(machine).map(MachineController::parse),
            Optional.ofNullable(state).map(s -> Parameters.oneOf("state", s, RequestState.class)),
            Set.of());
    Instant now = clock.instant();
    return Views.Page.of(
        log.model().requests(caller.reader(person), filter, Parameters.part(cursor)),
        r -> Views.Request.of(r, now));
  }
}
