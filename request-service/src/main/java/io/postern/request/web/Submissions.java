package io.postern.request.web;

import io.postern.model.Ids;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.request.kafka.RequestLog;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Takes requests, for every door whose people write the same document. */
@Component
public class Submissions {
  private final RequestLog log;
  private final Clock clock;

  Submissions(RequestLog log, Clock clock) {
    this.log = log;
    this.clock = clock;
  }

  /**
   * Puts a request on the log, acknowledged by all replicas.
   *
   * @param body the document, JSON
   * @param address whose it is when the document names no source
   * @param idempotencyKey with one, a repeat by the same person is the same request
   * @return its id
   * @throws Problem naming every field that is wrong
   */
  public RequestId submit(
      String body, Requestor requestor, String address, Optional<String> idempotencyKey) {
    RequestBodyReader.AccessBody access = RequestBodyReader.read(body, address, clock.instant());
    RequestId id =
        new RequestId(
            idempotencyKey
                .map(k -> Ids.derived("request", requestor.issuer(), requestor.subject(), k))
                .orElseGet(UUID::randomUUID));
    log.submit(
        id,
        requestor,
        access.machines(),
        access.ports(),
        access.sources(),
        access.start(),
        access.duration(),
        access.justification(),
        access.breakGlass(),
        access.allOrNothing());
    return id;
  }
}
