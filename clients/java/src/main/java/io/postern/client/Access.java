package io.postern.client;

import io.postern.client.NotOpenedException.Cause;
import io.postern.event.AccessClosed;
import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.event.AccessOpened;
import io.postern.event.EnforcementFailed;
import io.postern.event.EnforcementOperation;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;

/**
 * A request on its way. Answers of different topics come in any order: {@link #opened} may complete
 * before {@link #granted}. Whatever can no longer happen completes with a {@link
 * NotOpenedException}. The futures complete on the client's only reading thread: hand longer work
 * to an executor of your own.
 */
public final class Access {
  private final String requestId;
  private final CompletableFuture<AccessGranted> granted = new CompletableFuture<>();
  private final CompletableFuture<AccessOpened> opened = new CompletableFuture<>();
  private final CompletableFuture<AccessClosed> closed = new CompletableFuture<>();

  Access(String requestId) {
    this.requestId = requestId;
  }

  public String requestId() {
    return requestId;
  }

  /** The decision; the port is not open yet. */
  public CompletableFuture<AccessGranted> granted() {
    return granted.copy();
  }

  /** The port is reachable; the event says at which address. */
  public CompletableFuture<AccessOpened> opened() {
    return opened.copy();
  }

  /** Nothing of the grant is left in the cloud. */
  public CompletableFuture<AccessClosed> closed() {
    return closed.copy();
  }

  /** Takes an event of this request; a doubled one changes nothing. */
  void take(SpecificRecord event) {
    if (event instanceof AccessGranted e) {
      granted.complete(e);
    } else if (event instanceof AccessDenied e) {
      end(
          Cause.DENIED,
          e.getReasons().stream()
              .map(r -> r.getCode() + ": " + r.getMessage())
              .collect(Collectors.joining("; ")));
    } else if (event instanceof AccessOpened e) {
      opened.complete(e);
    } else if (event instanceof AccessClosed e) {
      closed.complete(e);
      opened.completeExceptionally(
          new NotOpenedException(Cause.ENDED, "ended before it was open: " + e.getReason()));
    } else if (event instanceof EnforcementFailed e
        && e.getOperation() == EnforcementOperation.OPEN
        && !e.getWillRetry()) {
      opened.completeExceptionally(
          new NotOpenedException(Cause.FAILED, e.getCode() + ": " + e.getMessage()));
    }
  }

  void refuse(String reason) {
    end(Cause.REFUSED, reason);
  }

  private void end(Cause cause, String message) {
    NotOpenedException why = new NotOpenedException(cause, message);
    granted.completeExceptionally(why);
    opened.completeExceptionally(why);
    closed.completeExceptionally(why);
  }

  boolean isOver() {
    return closed.isDone() && granted.isDone();
  }
}
