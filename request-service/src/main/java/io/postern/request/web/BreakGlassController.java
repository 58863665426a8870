package io.postern.request.web;

import io.postern.model.Requestor;
import io.postern.request.kafka.RequestLog;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
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
  private final Wishes wishes;
  private final Clock clock;

  BreakGlassController(RequestLog log, Caller caller, Wishes wishes, Clock clock) {
    this.log = log;
    this.caller = caller;
    this.wishes = wishes;
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
    return Views.Page.of(
        log.model()
            .breakGlassUses(
                wishes.reviewable(person), Optional.ofNullable(reviewed), Parameters.part(cursor)),
        u -> Views.BreakGlass.of(Views.Grant.of(u.grant(), now), u.how()));
  }

  /** 202: the review is on the log. Body: optionally {@code comment}. */
  @PostMapping(value = "/{grant}/review", consumes = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<Void> review(
      @PathVariable String grant, @RequestBody String body, @AuthenticationPrincipal Jwt token) {
    Requestor person = caller.of(token);
    ShortBodyReader in = ShortBodyReader.of(body, Set.of("comment"));
    Optional<String> comment = in.text("comment");
    in.check();
    wishes.review(grant, person, comment);
    return ResponseEntity.accepted().build();
  }
}
