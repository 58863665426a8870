package io.postern.request.web;

import io.postern.log.Convert;
import io.postern.model.GrantId;
import io.postern.model.InvalidValueException;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.request.domain.ApprovalView;
import io.postern.request.domain.GrantView;
import io.postern.request.domain.RequestView;
import io.postern.request.kafka.RequestLog;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * What people may do with requests and grants that they see, for every door. Each wish is on the
 * log when its method returns; what comes of it the request tells.
 */
@Component
public class Wishes {
  private final RequestLog log;
  private final Caller caller;

  Wishes(RequestLog log, Caller caller) {
    this.log = log;
    this.caller = caller;
  }

  /**
   * A request that the person may see.
   *
   * @throws Problem when there is none for him
   */
  public RequestView request(String id, Requestor person) {
    RequestId wanted;
    try {
      wanted = RequestId.parse(id);
    } catch (InvalidValueException e) {
      throw Problem.invalid("id", e.rule(), e.given());
    }
    return log.model()
        .request(wanted)
        .filter(r -> caller.maySee(person, r))
        .orElseThrow(() -> Problem.notFound("request"));
  }

  /**
   * A grant that the person may see.
   *
   * @throws Problem when there is none for him
   */
  public GrantView grant(String id, Requestor person) {
    GrantId wanted = grantId(id);
    return log.model()
        .grant(wanted)
        .filter(
            g -> log.model().request(g.request()).filter(r -> caller.maySee(person, r)).isPresent())
        .orElseThrow(() -> Problem.notFound("grant"));
  }

  /**
   * Approves or refuses, for all machines that wait for it and that the person may answer for.
   *
   * @param seen the digest of what he was shown; empty to take what waits now
   * @throws Problem when nothing waits, it is not for him, or it is not what he was shown
   */
  public void answer(
      RequestView request,
      Requestor person,
      boolean approves,
      Optional<String> reason,
      Optional<String> seen) {
    List<ApprovalView> waiting = request.waiting();
    if (waiting.isEmpty()) {
      throw Problem.conflict("the request is " + request.state() + " and waits for nobody");
    }
    List<ApprovalView> meant = waiting.stream().filter(a -> a.names(person)).toList();
    if (meant.isEmpty()) {
      throw Problem.forbidden(person.subject() + " may not approve or refuse this request");
    }
    String digest = meant.get(0).digest();
    if (seen.filter(d -> !d.equals(digest)).isPresent()) {
      throw Problem.conflict("the request has the digest " + digest + ", not the one given");
    }
    log.vote(
        request.id(),
        digest,
        meant.stream().map(ApprovalView::machine).toList(),
        person,
        approves,
        reason);
  }

  /**
   * Takes a request back: for every machine what waits is withdrawn, and what was granted closed.
   *
   * @throws Problem when it is somebody else's and the person is no admin
   */
  public void withdraw(RequestView request, Requestor person) {
    if (!request.owner().is(person) && !caller.isAdmin(person)) {
      throw Problem.forbidden(person.subject() + " may not withdraw somebody else's request");
    }
    request.machines().stream()
        .filter(m -> !request.denied().contains(m))
        .forEach(m -> log.revoke(request.id(), m, person, Optional.empty()));
  }

  /** Asks for a grant's early end. */
  public void close(GrantView grant, Requestor person) {
    log.revoke(grant.request(), grant.machine(), person, Optional.empty());
  }

  /**
   * Asks for a grant's later end.
   *
   * @param by how much later
   * @throws Problem when it is somebody else's
   */
  public void extend(GrantView grant, Requestor person, Duration by, Optional<String> why) {
    if (grant.given().filter(g -> g.owner().is(person)).isEmpty()) {
      throw Problem.forbidden("only who has the grant may extend it");
    }
    log.extend(grant, person, by, why);
  }

  /**
   * Says that a use of break-glass was looked into.
   *
   * @param id the grant's
   * @throws Problem when there is none for the person to review, or it is his own
   */
  public void review(String id, Requestor person, Optional<String> comment) {
    GrantId wanted = grantId(id);
    GrantView used =
        log.model()
            .breakGlass(wanted)
            .filter(b -> reviewable(person).map(p -> p.contains(b.policy())).orElse(true))
            .flatMap(b -> log.model().grant(wanted))
            .orElseThrow(() -> Problem.notFound("use of break-glass"));
    if (used.requestor().equals(person.subject())) {
      throw Problem.forbidden("somebody else must review it");
    }
    log.review(used, person, comment);
  }

  /** Policies whose uses of break-glass the person may review; empty for all. */
  public Optional<Set<String>> reviewable(Requestor person) {
    return caller.isAdmin(person)
        ? Optional.empty()
        : Optional.of(
            log.policies().all().stream()
                .map(Convert::toModel)
                .filter(p -> p.terms().approval().filter(a -> a.names(person)).isPresent())
                .map(p -> p.id().value())
                .collect(Collectors.toSet()));
  }

  private static GrantId grantId(String id) {
    try {
      return GrantId.parse(id);
    } catch (InvalidValueException e) {
      throw Problem.invalid("id", e.rule(), e.given());
    }
  }
}
