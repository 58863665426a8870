package io.postern.request.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What people can ask about: the log, folded. Safe for use by many threads. Every call may throw a
 * {@link ReadModelException} when the store does not answer.
 */
public interface ReadModel {
  /**
   * Who looks.
   *
   * @param everything whether he may see what is not his and not for him to approve
   */
  record Reader(Requestor person, boolean everything) {}

  /**
   * Which part of a list.
   *
   * @param cursor the {@link Page#next} of the page before; empty for the first
   * @param size how many at most
   */
  record Part(Optional<String> cursor, int size) {
    public static Part first(int size) {
      return new Part(Optional.empty(), size);
    }
  }

  /**
   * Which requests; what is empty does not restrict.
   *
   * @param grantedUnder policies under one of which something was granted
   */
  record RequestFilter(
      Optional<String> requestor,
      Optional<MachineId> machine,
      Optional<RequestState> state,
      Set<String> grantedUnder) {
    public static final RequestFilter ALL =
        new RequestFilter(Optional.empty(), Optional.empty(), Optional.empty(), Set.of());

    public RequestFilter inState(RequestState wanted) {
      return new RequestFilter(requestor, machine, Optional.of(wanted), grantedUnder);
    }
  }

  /** Which grants; what is empty does not restrict. */
  record GrantFilter(
      Optional<String> requestor, Optional<MachineId> machine, Set<GrantState> states) {
    public static final GrantFilter ALL =
        new GrantFilter(Optional.empty(), Optional.empty(), Set.of());

    public GrantFilter in(Set<GrantState> wanted) {
      return new GrantFilter(requestor, machine, wanted);
    }
  }

  /**
   * Which events; what is empty does not restrict.
   *
   * @param from the first moment, by the log's time
   * @param to the moment before which they were
   */
  record EventFilter(
      Optional<RequestId> request,
      Optional<MachineId> machine,
      Optional<String> person,
      Optional<Instant> from,
      Optional<Instant> to) {
    public static final EventFilter ALL =
        new EventFilter(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
  }

  /**
   * An event and its place in this store's order.
   *
   * @param position for {@link #eventsAfter}; means something only to the store that said it, until
   *     that is rebuilt
   */
  record Placed(long position, RecordedEvent event) {}

  /** A use of break-glass and what was granted. */
  record Use(GrantView grant, BreakGlassView how) {}

  /** A request, whoever asks. */
  Optional<RequestView> request(RequestId id);

  /** Requests, the newest first. */
  Page<RequestView> requests(Reader reader, RequestFilter filter, Part part);

  /** A grant, whoever asks. */
  Optional<GrantView> grant(GrantId id);

  /** Grants, the newest first, with their states at a moment. */
  Page<GrantView> grants(Reader reader, GrantFilter filter, Instant now, Part part);

  /** How break-glass was used for a grant, and who has reviewed it. */
  Optional<BreakGlassView> breakGlass(GrantId id);

  /**
   * Uses of break-glass whose grant is known, the newest first.
   *
   * @param policies only those under one of these policies; empty for all
   * @param reviewed only those that were reviewed, or were not
   */
  Page<Use> breakGlassUses(Optional<Set<String>> policies, Optional<Boolean> reviewed, Part part);

  /** How a machine is locked down. */
  Optional<LockdownView> lockdown(MachineId machine);

  /** The answers to a rehearsal so far, by machine. */
  List<PlanView> plans(String changeId);

  /** The record, the newest first. */
  Page<RecordedEvent> events(Reader reader, EventFilter filter, Part part);

  /** What was recorded behind a position, in the store's order, at most so many. */
  List<Placed> eventsAfter(Reader reader, EventFilter filter, long position, int most);

  /** The position of the newest event; 0 when there is none. */
  long lastPosition();

  /** The position behind which everything lies that was recorded at the moment or later. */
  long positionBefore(Instant moment);

  /** A name of this store's order: another one after it was rebuilt. */
  String generation();

  /** The moment up to which the log is in here. */
  Instant asOf();

  /** Calls the listener after the model has changed, from the thread that changed it. */
  void onChange(Runnable listener);
}
