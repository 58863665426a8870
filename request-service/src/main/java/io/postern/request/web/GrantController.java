package io.postern.request.web;

import io.postern.model.PolicyReader;
import io.postern.model.Requestor;
import io.postern.request.domain.GrantState;
import io.postern.request.domain.GrantView;
import io.postern.request.domain.ReadModel;
import io.postern.request.kafka.RequestLog;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
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
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What is open, and closing it early. */
@RestController
@RequestMapping("/api/v1/grants")
public class GrantController {
  private final RequestLog log;
  private final Caller caller;
  private final Wishes wishes;
  private final Clock clock;

  GrantController(RequestLog log, Caller caller, Wishes wishes, Clock clock) {
    this.log = log;
    this.caller = caller;
    this.wishes = wishes;
    this.clock = clock;
  }

  @GetMapping
  Views.Page<Views.Grant> list(
      @RequestParam(required = false) @Nullable String machine,
      @RequestParam(required = false) @Nullable String state,
      @RequestParam(required = false) @Nullable String cursor,
      @AuthenticationPrincipal Jwt token) {
    Requestor person = caller.of(token);
    Instant now = clock.instant();
    ReadModel.GrantFilter filter =
        new ReadModel.GrantFilter(
            Optional.empty(),
            Optional.ofNullable(machine).map(MachineController::parse),
            state == null ? Set.of() : Set.of(Parameters.oneOf("state", state, GrantState.class)));
    return Views.Page.of(
        log.model().grants(caller.reader(person), filter, now, Parameters.part(cursor)),
        g -> Views.Grant.of(g, now));
  }

  /** 202: the wish is on the log; the grant's state tells when it is closed. */
  @DeleteMapping("/{id}")
  ResponseEntity<Void> close(@PathVariable String id, @AuthenticationPrincipal Jwt token) {
    Requestor person = caller.of(token);
    wishes.close(wishes.grant(id, person), person);
    return ResponseEntity.accepted().build();
  }

  /**
   * 202: the wish is on the log; the grant's {@code expiresAt} tells when it is granted. Body:
   * {@code duration}, by how much, and optionally {@code justification}.
   */
  @PostMapping(value = "/{id}/extension", consumes = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<Void> extend(
      @PathVariable String id, @RequestBody String body, @AuthenticationPrincipal Jwt token) {
    Requestor person = caller.of(token);
    GrantView grant = wishes.grant(id, person);
    ShortBodyReader in = ShortBodyReader.of(body, Set.of("duration", "justification"));
    Optional<Duration> by = in.value("duration", PolicyReader::duration);
    Optional<String> why = in.text("justification");
    in.check();
    wishes.extend(grant, person, by.orElseThrow(), why);
    return ResponseEntity.accepted().build();
  }
}
