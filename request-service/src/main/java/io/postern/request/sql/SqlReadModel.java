package io.postern.request.sql;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.request.domain.BreakGlassView;
import io.postern.request.domain.GrantState;
import io.postern.request.domain.GrantView;
import io.postern.request.domain.LockdownView;
import io.postern.request.domain.Page;
import io.postern.request.domain.PlanView;
import io.postern.request.domain.ReadModel;
import io.postern.request.domain.ReadModel.Reader;
import io.postern.request.domain.ReadModelException;
import io.postern.request.domain.RecordedEvent;
import io.postern.request.domain.RequestFacts;
import io.postern.request.domain.RequestView;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;

/** The read model's questions, in SQL that H2 and PostgreSQL both speak. */
final class SqlReadModel implements ReadModel {
  /** Whether anything says for whom a request is. */
  static final String IS_KNOWN = "r.requestor <> ''";

  private final NamedParameterJdbcTemplate jdbc;
  private final Live live;

  SqlReadModel(DataSource source, Live live) {
    this.jdbc = new NamedParameterJdbcTemplate(source);
    this.live = live;
  }

  private static <T> T asking(Supplier<T> question) {
    try {
      return question.get();
    } catch (DataAccessException e) {
      throw new ReadModelException("the read model's store does not answer", e);
    }
  }

  private <T> List<T> query(String sql, SqlParameterSource parameters, RowMapper<T> row) {
    return asking(() -> jdbc.query(sql, parameters, row));
  }

  @Override
  public Optional<RequestView> request(RequestId id) {
    // Looked up first: what leaves it is in the store by then.
    Optional<RequestFacts> accepted = live.accepted(id);
    Where where = new Where().and("r.id = :id", "id", id.value());
    List<RequestFacts> found =
        query("select r.doc from request r" + where, where.parameters(), doc(RequestFacts.class));
    return found.stream()
        .filter(RequestFacts::isKnown)
        .findFirst()
        .or(() -> accepted)
        .map(f -> f.view(grantsOf(List.of(id.value())).getOrDefault(id, List.of())));
  }

  private static <T> RowMapper<T> doc(Class<T> type) {
    return (row, i) -> Docs.read(row.getString(1), type);
  }

  private Map<RequestId, List<GrantView>> grantsOf(Collection<UUID> requests) {
    Map<RequestId, List<GrantView>> grants = new HashMap<>();
    if (!requests.isEmpty()) {
      Where where = new Where().and("g.request_id in (:ids)", "ids", requests);
      query("select g.doc from access_grant g" + where, where.parameters(), doc(GrantView.class))
          .forEach(g -> grants.computeIfAbsent(g.request(), r -> new ArrayList<>()).add(g));
    }
    return grants;
  }

  private record Found<T>(long at, UUID id, T value) {}

  private static <T> RowMapper<Found<T>> found(Class<T> type) {
    return (row, i) ->
        new Found<>(
            row.getLong(1), row.getObject(2, UUID.class), Docs.read(row.getString(3), type));
  }

  /** Makes a page of one item more than it may hold, if there is one. */
  private static <T, R> Page<R> page(List<Found<T>> found, int size, Function<T, R> how) {
    List<Found<T>> shown = found.subList(0, Math.min(size, found.size()));
    Optional<String> next =
        found.size() > size
            ? Optional.of(new Cursor(shown.getLast().at(), shown.getLast().id()).toString())
            : Optional.empty();
    return new Page<>(shown.stream().map(f -> how.apply(f.value())).toList(), next);
  }

  /**
   * A page of grants, newest first.
   *
   * @param equal a column of one value with which an index in the list's order begins
   */
  private <T> List<Found<T>> part(
      String columns,
      String from,
      Where where,
      Optional<String> equal,
      Part part,
      RowMapper<Found<T>> row) {
    Cursor.parse(part.cursor()).ifPresent(c -> c.limit(where, "g.sort_at", "g.id"));
    String sql =
        "select %s from %s%s order by %sg.sort_at desc, g.id desc limit %d"
            .formatted(columns, from, where, equal.map(e -> e + ", ").orElse(""), part.size() + 1);
    return query(sql, where.parameters(), row);
  }

  @Override
  public Page<RequestView> requests(Reader reader, RequestFilter filter, Part part) {
    // Before the page is read: what comes into the store in between is on one of the two at least.
    List<RequestView> accepted = part.cursor().isPresent() ? List.of() : accepted(reader, filter);
    RequestLists.Statement list = new RequestLists(reader, filter, part).statement();
    List<RequestLists.Found> found =
        RequestLists.merge(
            query(
                list.sql(),
                list.parameters(),
                (row, i) ->
                    new RequestLists.Found(
                        row.getLong(1),
                        row.getObject(2, UUID.class),
                        Docs.read(row.getString(3), RequestFacts.class))));
    Map<RequestId, List<GrantView>> grants =
        grantsOf(found.stream().limit(part.size()).map(RequestLists.Found::id).toList());
    Page<RequestView> page =
        page(
            found.stream().map(f -> new Found<>(f.at(), f.id(), f.facts())).toList(),
            part.size(),
            f -> f.view(grants.getOrDefault(f.id(), List.of())));
    return withAccepted(accepted, page);
  }

  /** What was accepted here a moment ago and is not in the store yet, the newest first. */
  private List<RequestView> accepted(Reader reader, RequestFilter filter) {
    List<RequestView> accepted =
        live.allAccepted().stream()
            .map(f -> f.view(List.of()))
            .filter(r -> reader.everything() || r.owner().is(reader.person()))
            .filter(r -> filter.requestor().filter(w -> !w.equals(r.requestor())).isEmpty())
            .filter(r -> filter.state().filter(s -> s != r.state()).isEmpty())
            .filter(r -> filter.machine().filter(m -> !r.machines().contains(m)).isEmpty())
            .filter(r -> filter.grantedUnder().isEmpty())
            .toList();
    if (accepted.isEmpty()) {
      return accepted;
    }
    Where where =
        new Where()
            .and("r.id in (:ids)", "ids", accepted.stream().map(r -> r.id().value()).toList());
    Set<UUID> there =
        new LinkedHashSet<>(
            query(
                "select r.id from request r" + where,
                where.parameters(),
                (row, i) -> row.getObject(1, UUID.class)));
    return accepted.stream()
        .filter(r -> !there.contains(r.id().value()))
        .sorted(
            Comparator.comparing((RequestView r) -> r.submittedAt().orElse(Instant.EPOCH))
                .reversed())
        .toList();
  }

  private static Page<RequestView> withAccepted(
      List<RequestView> accepted, Page<RequestView> page) {
    Set<RequestId> read = page.items().stream().map(RequestView::id).collect(Collectors.toSet());
    List<RequestView> all = new ArrayList<>();
    accepted.stream().filter(r -> !read.contains(r.id())).forEach(all::add);
    all.addAll(page.items());
    return new Page<>(all, page.next());
  }

  @Override
  public Optional<GrantView> grant(GrantId id) {
    Where where = new Where().and("g.id = :id", "id", id.value());
    return query(
            "select g.doc from access_grant g" + where, where.parameters(), doc(GrantView.class))
        .stream()
        .findFirst();
  }

  @Override
  public Page<GrantView> grants(Reader reader, GrantFilter filter, Instant now, Part part) {
    Where where =
        new Where()
            .visibleTo(reader, "r")
            .and("g.requestor = :requestor", "requestor", filter.requestor())
            .machine("g.machine = :machine", filter.machine());
    if (!filter.states().isEmpty()) {
      List<String> any = new ArrayList<>();
      Set<String> phases = new LinkedHashSet<>();
      for (GrantState state : filter.states()) {
        switch (state) {
          case SCHEDULED -> any.add("(g.phase = 'OPENING' and g.starts_at > :now)");
          case OPENING -> any.add("(g.phase = 'OPENING' and g.starts_at <= :now)");
          case OPEN, CLOSING, CLOSED, FAILED -> phases.add(state.name());
        }
      }
      if (!phases.isEmpty()) {
        any.add("g.phase in (:phases)");
        where.with("phases", phases);
      }
      where.and("(" + String.join(" or ", any) + ")", "now", Docs.micros(now));
    }
    List<Found<GrantView>> found =
        part(
            "g.sort_at, g.id, g.doc",
            // Whose request it is matters to those only who may not see all.
            reader.everything()
                ? "access_grant g"
                : "access_grant g join request r on r.id = g.request_id",
            where,
            equal(filter),
            part,
            found(GrantView.class));
    return page(found, part.size(), Function.identity());
  }

  private static Optional<String> equal(GrantFilter filter) {
    if (filter.machine().isPresent()) {
      return Optional.of("g.machine");
    }
    return filter.requestor().map(r -> "g.requestor");
  }

  private static BreakGlassView use(ResultSet row) throws SQLException {
    return new BreakGlassView(
        row.getString("policy"),
        row.getString("justification"),
        Docs.moment(row.getLong("used_at")),
        Optional.ofNullable(row.getString("reviewed_by")));
  }

  @Override
  public Optional<BreakGlassView> breakGlass(GrantId id) {
    Where where =
        new Where().and("b.used_at is not null").and("b.grant_id = :id", "id", id.value());
    return query("select b.* from break_glass b" + where, where.parameters(), (row, i) -> use(row))
        .stream()
        .findFirst();
  }

  @Override
  public Page<Use> breakGlassUses(
      Optional<Set<String>> policies, Optional<Boolean> reviewed, Part part) {
    if (policies.filter(Set::isEmpty).isPresent()) {
      return new Page<>(List.of(), Optional.empty());
    }
    Where where =
        new Where()
            .and("b.used_at is not null")
            .and("b.policy in (:policies)", "policies", policies);
    reviewed.ifPresent(r -> where.and("b.reviewed_by is " + (r ? "not null" : "null")));
    List<Found<Use>> found =
        part(
            "g.sort_at, g.id, g.doc, b.*",
            "break_glass b join access_grant g on g.id = b.grant_id",
            where,
            Optional.empty(),
            part,
            (row, i) ->
                new Found<>(
                    row.getLong(1),
                    row.getObject(2, UUID.class),
                    new Use(Docs.read(row.getString(3), GrantView.class), use(row))));
    return page(found, part.size(), Function.identity());
  }

  @Override
  public Optional<LockdownView> lockdown(MachineId machine) {
    Where where = new Where().machine("l.machine = :machine", Optional.of(machine));
    return query(
            "select l.doc from lockdown l" + where, where.parameters(), doc(LockdownView.class))
        .stream()
        .findFirst();
  }

  @Override
  public List<PlanView> plans(String changeId) {
    Where where = new Where().and("p.change_id = :change", "change", (Object) changeId);
    return query(
        "select p.doc from plan p" + where + " order by p.machine",
        where.parameters(),
        doc(PlanView.class));
  }

  private static Where matching(Reader reader, EventFilter filter) {
    Where where =
        new Where()
            .and("e.request_id = :request", "request", filter.request().map(RequestId::value))
            .and("e.person = :person", "person", filter.person())
            .machine("m.machine = :machine", filter.machine())
            .and("e.at >= :since", "since", filter.from().map(Docs::micros))
            .and("e.at < :until", "until", filter.to().map(Docs::micros));
    if (!reader.everything()) {
      Where visible = new Where().and("r.id = e.request_id").visibleTo(reader, "r");
      where.and(
          "((e.request_id is null and e.grant_id is null)"
              + " or exists (select 1 from request r"
              + visible
              + "))");
      where.with(visible);
    }
    return where;
  }

  /**
   * The column of an event's place: of a machine's events an index is walked that has only them.
   */
  private static String place(EventFilter filter) {
    return filter.machine().isPresent() ? "m.position" : "e.position";
  }

  private List<Placed> events(EventFilter filter, Where where, String order, int most) {
    boolean ofMachine = filter.machine().isPresent();
    String sql =
        """
        select e.position, e.event_id, e.type, e.at, e.request_id, e.grant_id, e.person, e.sentence, e.doc
        from %s%s order by %s%s %s limit %d"""
            .formatted(
                ofMachine ? "event_machine m join event e on e.position = m.position" : "event e",
                where,
                ofMachine ? "m.machine, " : "",
                place(filter),
                order,
                most);
    record Row(long position, RecordedEvent bare) {}
    List<Row> rows =
        query(
            sql,
            where.parameters(),
            (row, i) ->
                new Row(
                    row.getLong(1),
                    new RecordedEvent(
                        row.getString(2),
                        row.getString(3),
                        Docs.moment(row.getLong(4)),
                        Optional.ofNullable(row.getObject(5, UUID.class)).map(RequestId::new),
                        Optional.ofNullable(row.getObject(6, UUID.class)).map(GrantId::new),
                        List.of(),
                        Optional.ofNullable(row.getString(7)),
                        row.getString(8),
                        row.getString(9))));
    Map<Long, List<MachineId>> machines = machinesOf(rows.stream().map(Row::position).toList());
    return rows.stream()
        .map(
            r ->
                new Placed(
                    r.position(), r.bare().with(machines.getOrDefault(r.position(), List.of()))))
        .toList();
  }

  private Map<Long, List<MachineId>> machinesOf(List<Long> positions) {
    Map<Long, List<MachineId>> machines = new HashMap<>();
    if (!positions.isEmpty()) {
      Where where = new Where().and("m.position in (:positions)", "positions", positions);
      query(
          "select m.position, m.machine from event_machine m" + where + " order by m.machine",
          where.parameters(),
          (row, i) ->
              machines
                  .computeIfAbsent(row.getLong(1), p -> new ArrayList<>())
                  .add(new MachineId(row.getString(2))));
    }
    return machines;
  }

  @Override
  public Page<RecordedEvent> events(Reader reader, EventFilter filter, Part part) {
    Where where =
        matching(reader, filter)
            .and(place(filter) + " < :before", "before", Cursor.number(part.cursor()));
    List<Placed> found = events(filter, where, "desc", part.size() + 1);
    List<Placed> shown = found.subList(0, Math.min(part.size(), found.size()));
    Optional<String> next =
        found.size() > part.size()
            ? Optional.of(Long.toString(shown.getLast().position()))
            : Optional.empty();
    return new Page<>(shown.stream().map(Placed::event).toList(), next);
  }

  @Override
  public List<Placed> eventsAfter(Reader reader, EventFilter filter, long position, int most) {
    Where where =
        matching(reader, filter).and(place(filter) + " > :position", "position", (Object) position);
    return events(filter, where, "asc", most);
  }

  private long number(String sql, Where where) {
    return query(sql + where, where.parameters(), (row, i) -> row.getLong(1)).stream()
        .findFirst()
        .orElse(0L);
  }

  @Override
  public long lastPosition() {
    return number("select p.next_position - 1 from projection p", new Where());
  }

  @Override
  public long positionBefore(Instant moment) {
    Where where = new Where().and("e.at >= :since", "since", (Object) Docs.micros(moment));
    long first = number("select coalesce(min(e.position), 0) from event e", where);
    return first == 0 ? lastPosition() : first - 1;
  }

  @Override
  public String generation() {
    Where all = new Where();
    return query(
            "select p.generation from projection p" + all,
            all.parameters(),
            (row, i) -> row.getString(1))
        .stream()
        .findFirst()
        .orElse("none");
  }

  @Override
  public Instant asOf() {
    return live.asOf();
  }

  @Override
  public void onChange(Runnable listener) {
    live.onChange(listener);
  }
}
