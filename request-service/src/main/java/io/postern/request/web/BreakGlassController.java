package io.postern.request.web;

import io.postern.log.Convert;
import io.postern.model.GrantId;
import io.postern.model.InvalidValueException;
import io.postern.model.Requestor;
import io.postern.request.domain.BreakGlassView;
import io.postern.request.domain.GrantView;
import io.postern.request.kafka.RequestLog;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Uses of break-glass, for those who review them: admins, and approvers of the policy. */
@RestController
@RequestMapping("/api/v1/break-glass")
public class BreakGlassController {
  private final RequestLog log;
  private final Caller caller;
  private final Clock clock;

  BreakGlassController(RequestLog log, Caller caller, Clock clock) {
    this.log = log;
    this.caller = caller;
    this.clock = clock;
  }

  /**
   * The uses that the caller may review.
   *
   * @param reviewed only those that were reviewed, or were not; all when left out
   */
  @GetMapping
  Views.Page<Views.BreakGlass> list(
      @RequestParam(required = false) @Nullable Boolean reviewed,
      @RequestParam(required = false) @Nullable String cursor,
      @AuthenticationPrincipal Jwt token) {
    Requestor person = caller.of(token);
    Instant now = clock.instant();
    Optional<Set<String>> policies =
        caller.isAdmin(person) ? Optional.empty() : Optional.of(approvedBy(person));
    return Views.Page.of(
        log.model()
            .breakGlassUses(policies, Optional.ofNullable(reviewed), Parameters.part(cursor)),
        u -> Views.BreakGlass.of(Views.Grant.of(u.grant(), now), u.how()));
  }

  /** Policies whose approver the person is. */
  private Set<String> approvedBy(Requestor person) {
    return log.policies().all().stream()
        .map(Convert::toModel)
        .filter(p -> p.terms().approval().filter(a -> a.names(person)).isPresent())
        .map(p -> p.id().value())
        .collect(Collectors.toSet());
  }

  /** 202: the review is on the log. Body: optionally {@code comment}. */
  @PostMapping(value = "/{grant}/review", consumes = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<Void> review(
      @PathVariable String grant, @RequestBody String body, @AuthenticationPrincipal Jwt token) {
    Requestor person = caller.of(token);
    GrantId id = parse(grant);
    GrantView used =
        log.model()
            .breakGlass(id)
            .filter(b -> mayReview(person, b))
            .flatMap(b -> log.model().grant(id))
            .orElseThrow(() -> Problem.notFound("use of break-glass"));
    if (used.requestor().equals(person.subject())) {
      throw Problem.forbidden("somebody else must review it");
    }
    ShortBodyReader in = ShortBodyReader.of(body, Set.of("comment"));
    Optional<String> comment = in.text("comment");
    in.check();
    log.review(used, person, comment);
    return ResponseEntity.accepted().build();
  }

  private boolean mayReview(Requestor person, BreakGlassView use) {
    return caller.isAdmin(person) || approvedBy(person).contains(use.policy());
  }

  private static GrantId parse(String id) {
    try {
      return GrantId.parse(id);
    } catch (InvalidValueException e) {
      throw Problem.invalid("grant", e.rule(), e.given());
    }
  }
}
