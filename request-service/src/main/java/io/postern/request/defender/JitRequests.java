package io.postern.request.defender;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.request.domain.Denial;
import io.postern.request.domain.ReadModel;
import io.postern.request.domain.RequestState;
import io.postern.request.domain.RequestView;
import io.postern.request.kafka.RequestLog;
import io.postern.request.web.Caller;
import io.postern.request.web.Waiting;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Requests that come in as {@code initiate}, and those that a policy shows. */
@Component
public class JitRequests {
  /** Azure says at once whether a request is granted; so long is waited to be able to. */
  private static final Duration DECISION = Duration.ofSeconds(3);

  /** The newest of a policy's requests; older ones are on the record. */
  private static final int SHOWN = 100;

  private final RequestLog log;
  private final Caller caller;
  private final Clock clock;

  JitRequests(RequestLog log, Caller caller, Clock clock) {
    this.log = log;
    this.caller = caller;
    this.clock = clock;
  }

  Instant now() {
    return clock.instant();
  }

  /**
   * Requests of the reader, or all for an admin, of which something was granted under a resource.
   */
  List<RequestView> under(JitPolicies.Standing standing, Requestor reader) {
    Set<String> ids =
        standing.policies().values().stream().map(p -> p.getPolicyId()).collect(Collectors.toSet());
    if (ids.isEmpty()) {
      return List.of();
    }
    ReadModel.RequestFilter filter =
        new ReadModel.RequestFilter(Optional.empty(), Optional.empty(), Optional.empty(), ids);
    return log
        .model()
        .requests(caller.reader(reader), filter, ReadModel.Part.first(SHOWN))
        .items()
        .stream()
        .filter(r -> r.owner().is(reader) || caller.isAdmin(reader))
        .toList();
  }

  /**
   * Puts a request on the log and waits a moment for its decision.
   *
   * @return what was asked for
   * @throws ArmException when a field is wrong, or all of it was refused
   */
  ObjectNode initiate(
      JsonNode document, JitPolicies.Standing standing, Requestor person, String address) {
    Instant now = clock.instant();
    InitiateReader.Result read = InitiateReader.read(document, standing.rules(), address, now);
    if (!read.errors().isEmpty()) {
      throw ArmException.invalid(read.errors());
    }
    List<RequestId> ids = new ArrayList<>();
    for (InitiateReader.Ask ask : read.asks()) {
      RequestId id = new RequestId(UUID.randomUUID());
      log.submit(
          id,
          person,
          ask.machines(),
          ask.ports(),
          ask.sources(),
          Optional.empty(),
          ask.duration(),
          read.justification(),
          false,
          false);
      ids.add(id);
    }
    Waiting.until(DECISION, () -> ids.stream().allMatch(this::isDecided));
    refuseWhenNothingCame(ids);
    return JitDocuments.initiated(read.asks(), person.subject(), read.justification(), now);
  }

  private boolean isDecided(RequestId id) {
    return log.model().request(id).filter(RequestView::isDecided).isPresent();
  }

  private void refuseWhenNothingCame(List<RequestId> ids) {
    List<Denial> denials = new ArrayList<>();
    for (RequestId id : ids) {
      Optional<RequestView> request = log.model().request(id);
      if (request.filter(r -> r.state() == RequestState.DENIED).isEmpty()) {
        return;
      }
      denials.addAll(request.get().denials());
    }
    throw ArmException.of(
        HttpStatus.FORBIDDEN,
        "JitAccessDenied",
        denials.stream()
            .map(d -> "%s: %s (%s)".formatted(d.machine().localName(), d.message(), d.code()))
            .distinct()
            .collect(Collectors.joining("; ")));
  }
}
