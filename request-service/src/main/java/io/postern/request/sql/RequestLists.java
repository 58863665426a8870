package io.postern.request.sql;

import io.postern.request.domain.ReadModel.Part;
import io.postern.request.domain.ReadModel.Reader;
import io.postern.request.domain.ReadModel.RequestFilter;
import io.postern.request.domain.RequestFacts;
import io.postern.request.domain.RequestState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;

/**
 * The statement behind a page of requests, newest first. It is put together of walks, each along an
 * index in the order of the list that stops when it has a page: what a page costs does not grow
 * with what lies behind it. What the walks find is merged by {@link #merge}.
 */
final class RequestLists {
  /** States that a request soon leaves: few are in them at any time, whoever may see those. */
  private static final Set<RequestState> PASSING =
      Set.of(RequestState.SUBMITTED, RequestState.PENDING_APPROVAL);

  private static final Comparator<Found> NEWEST_FIRST =
      Comparator.comparingLong(Found::at)
          .reversed()
          // As databases compare them, which is not as Java does.
          .thenComparing(f -> f.id().toString(), Comparator.reverseOrder());

  private final Reader reader;
  private final RequestFilter filter;
  private final Part part;

  RequestLists(Reader reader, RequestFilter filter, Part part) {
    this.reader = reader;
    this.filter = filter;
    this.part = part;
  }

  /** A row of the list. */
  record Found(long at, UUID id, RequestFacts facts) {}

  /** SQL with its parameters; a row is {@code sort_at}, {@code id}, {@code doc}. */
  record Statement(String sql, MapSqlParameterSource parameters) {}

  /**
   * A way along an index.
   *
   * @param equal the columns that the index begins with, each of one value
   * @param at the column of the list's order
   * @param id the column that decides between requests of the same moment
   */
  private record Walk(String from, String equal, String at, String id, Where where) {}

  private Walk all() {
    return new Walk("request r", "", "r.sort_at", "r.id", conditions());
  }

  private Walk along(String column, Where where) {
    return new Walk("request r", column + ", ", "r.sort_at", "r.id", where);
  }

  private Walk ofMachine(Where where) {
    return new Walk(
        "request_machine m join request r on r.id = m.request_id",
        "m.machine, ",
        "m.sort_at",
        "m.request_id",
        where.machine("m.machine = :machine", filter.machine()));
  }

  private Walk forApprover(String kind, String parameter, String name) {
    return new Walk(
        "request_audience a join request r on r.id = a.request_id",
        "a.kind, a.name, ",
        "a.sort_at",
        "a.request_id",
        conditions()
            .and("a.kind = '" + kind + "'")
            .and("a.name = :" + parameter, parameter, (Object) name)
            .and("r.requestor <> :me", "me", (Object) reader.person().subject()));
  }

  private Walk own() {
    return along(
        "r.requestor",
        conditions()
            .and("r.requestor = :me", "me", (Object) reader.person().subject())
            .and("r.issuer = :myIssuer", "myIssuer", (Object) reader.person().issuer()));
  }

  private List<Walk> walks() {
    Optional<RequestState> passing = filter.state().filter(PASSING::contains);
    if (filter.machine().isPresent()) {
      return List.of(ofMachine(conditions().visibleTo(reader, "r")));
    }
    if (passing.isPresent() || (reader.everything() && filter.requestor().isEmpty())) {
      Where where = conditions().visibleTo(reader, "r");
      return List.of(filter.state().isPresent() ? along("r.state", where) : all());
    }
    if (reader.everything()) {
      return List.of(along("r.requestor", conditions()));
    }
    List<Walk> walks = new ArrayList<>();
    walks.add(own());
    walks.add(forApprover("S", "me", reader.person().subject()));
    walks.add(forApprover("I", "meOfIssuer", Audience.identity(reader.person())));
    for (String group : reader.person().groups()) {
      walks.add(forApprover("G", "group" + walks.size(), group));
    }
    return walks;
  }

  /** What every walk looks for. */
  private Where conditions() {
    Where where =
        new Where()
            .and(SqlReadModel.IS_KNOWN)
            .and("r.requestor = :requestor", "requestor", filter.requestor())
            .and("r.state = :state", "state", filter.state().map(RequestState::name));
    if (!filter.grantedUnder().isEmpty()) {
      where.and(
          "r.id in (select g.request_id from access_grant g where g.policy in (:policies))",
          "policies",
          filter.grantedUnder());
    }
    return where;
  }

  /** The statement; it finds a page and one more from each walk. */
  Statement statement() {
    Optional<Cursor> behind = Cursor.parse(part.cursor());
    MapSqlParameterSource parameters = new MapSqlParameterSource();
    List<String> parts = new ArrayList<>();
    for (Walk walk : walks()) {
      behind.ifPresent(c -> c.limit(walk.where(), walk.at(), walk.id()));
      parts.add(
          "select %1$s, %2$s, r.doc from %3$s%4$s order by %5$s%1$s desc, %2$s desc limit %6$d"
              .formatted(
                  walk.at(), walk.id(), walk.from(), walk.where(), walk.equal(), part.size() + 1));
      parameters.addValues(walk.where().parameters().getValues());
    }
    String sql =
        parts.size() == 1 ? parts.getFirst() : "(" + String.join(") union all (", parts) + ")";
    return new Statement(sql, parameters);
  }

  /** The rows of all walks in the list's order, each request once. */
  static List<Found> merge(List<Found> rows) {
    Set<UUID> seen = new HashSet<>();
    return rows.stream().sorted(NEWEST_FIRST).filter(f -> seen.add(f.id())).toList();
  }
}
