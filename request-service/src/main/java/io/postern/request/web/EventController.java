package io.postern.request.web;

import io.postern.model.InvalidValueException;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.request.domain.ReadModel;
import io.postern.request.kafka.RequestLog;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** The record: what happened to a request, a machine, by a person, as far as the caller may see. */
@RestController
@RequestMapping("/api/v1")
public class EventController {
  private final RequestLog log;
  private final Caller caller;
  private final EventStreams streams;

  EventController(RequestLog log, Caller caller, EventStreams streams) {
    this.log = log;
    this.caller = caller;
    this.streams = streams;
  }

  /**
   * What was recorded, the newest first.
   *
   * @param from the first moment, by the log's time
   * @param to the moment before which it was
   */
  @GetMapping("/events")
  Views.Page<Views.Event> list(
      @RequestParam(required = false) @Nullable String request,
      @RequestParam(required = false) @Nullable String machine,
      @RequestParam(required = false) @Nullable String person,
      @RequestParam(required = false) @Nullable String from,
      @RequestParam(required = false) @Nullable String to,
      @RequestParam(required = false) @Nullable String cursor,
      @AuthenticationPrincipal Jwt token) {
    ReadModel.EventFilter filter =
        new ReadModel.EventFilter(
            Optional.ofNullable(request).map(EventController::request),
            Optional.ofNullable(machine).map(MachineController::parse),
            Optional.ofNullable(person),
            Optional.ofNullable(from).map(f -> moment("from", f)),
            Optional.ofNullable(to).map(t -> moment("to", t)));
    Requestor who = caller.of(token);
    return Views.Page.of(
        log.model().events(caller.reader(who), filter, Parameters.part(cursor)), Views.Event::of);
  }

  /**
   * The same as it happens, as server-sent events, from now on or from behind {@code
   * Last-Event-ID}. It ends when the token does; whoever comes again with the last id misses
   * nothing.
   */
  @GetMapping(value = "/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  SseEmitter stream(
      @RequestParam(required = false) @Nullable String request,
      @RequestParam(required = false) @Nullable String machine,
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String last,
      @AuthenticationPrincipal Jwt token) {
    ReadModel.EventFilter filter =
        new ReadModel.EventFilter(
            Optional.ofNullable(request).map(EventController::request),
            Optional.ofNullable(machine).map(MachineController::parse),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return streams.open(
        caller.reader(caller.of(token)),
        filter,
        Optional.ofNullable(last),
        Optional.ofNullable(token.getExpiresAt()));
  }

  private static RequestId request(String id) {
    try {
      return RequestId.parse(id);
    } catch (InvalidValueException e) {
      throw Problem.invalid("request", e.rule(), e.given());
    }
  }

  private static Instant moment(String field, String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw Problem.invalid(field, "must be an instant such as 2026-03-01T12:00:00Z", text);
    }
  }
}
