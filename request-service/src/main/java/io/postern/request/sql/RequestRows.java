package io.postern.request.sql;

import io.postern.model.GrantId;
import io.postern.model.RequestId;
import io.postern.request.domain.Fact;
import io.postern.request.domain.GrantView;
import io.postern.request.domain.RequestFacts;
import io.postern.request.domain.Update;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;

/** The tables of requests, their machines, approvers and grants, within a transaction. */
final class RequestRows {
  private final JdbcTemplate jdbc;
  private final NamedParameterJdbcTemplate named;

  RequestRows(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
    this.named = new NamedParameterJdbcTemplate(jdbc);
  }

  /**
   * A request as it is stored.
   *
   * @param sortAt its place in lists
   */
  private record Stored(RequestFacts facts, long sortAt) {}

  /** A request while a batch is folded into it. */
  private static final class Folded {
    private final Optional<RequestFacts> before;
    private final Optional<Long> sortedBefore;
    private final Map<GrantId, GrantView> grantsBefore = new HashMap<>();
    private final Map<GrantId, Instant> firstSeen = new HashMap<>();
    private final Map<GrantId, GrantView> grants = new LinkedHashMap<>();
    private final Instant seen;
    private RequestFacts facts;

    private Folded(RequestId id, Optional<Stored> stored, Instant seen) {
      this.before = stored.map(Stored::facts);
      this.sortedBefore = stored.map(Stored::sortAt);
      this.facts = before.orElseGet(() -> RequestFacts.unknown(id));
      this.seen = seen;
    }

    private void fold(Fact.OfRequest fact, Instant at) {
      facts = facts.with(fact);
      if (fact instanceof Fact.GrantChanged g) {
        grants.put(g.grant(), g.applyTo(Optional.ofNullable(grants.get(g.grant()))));
        firstSeen.putIfAbsent(g.grant(), at);
      }
    }

    /** When it was asked for; until that is known, when it was heard of first. */
    private long sortAt() {
      return facts
          .asking()
          .map(a -> Docs.micros(a.at()))
          .or(() -> sortedBefore)
          .orElseGet(() -> Docs.micros(seen));
    }

    private boolean hasMoved() {
      return sortedBefore.filter(b -> b != sortAt()).isPresent();
    }

    private Set<String> machinesBefore() {
      return before.map(b -> machines(b, grantsBefore.values())).orElse(Set.of());
    }

    private static Set<String> machines(RequestFacts facts, Collection<GrantView> grants) {
      Set<String> all = new LinkedHashSet<>(facts.denials().keySet());
      facts.asking().ifPresent(a -> a.machines().forEach(m -> all.add(m.value())));
      grants.forEach(g -> all.add(g.machine().value()));
      return all;
    }

    private Set<String> newMachines() {
      Set<String> more = machines(facts, grants.values());
      more.removeAll(machinesBefore());
      return more;
    }
  }

  /** Folds records into the requests that they speak of. */
  void fold(List<Update> updates) {
    Map<RequestId, Folded> folded = load(updates);
    for (Update u : updates) {
      for (Fact fact : u.facts()) {
        if (fact instanceof Fact.OfRequest of) {
          Objects.requireNonNull(folded.get(of.request())).fold(of, u.at());
        }
      }
    }
    save(folded.values());
  }

  private Map<RequestId, Folded> load(List<Update> updates) {
    Map<UUID, Instant> touched = new LinkedHashMap<>();
    for (Update u : updates) {
      for (Fact fact : u.facts()) {
        if (fact instanceof Fact.OfRequest of) {
          touched.putIfAbsent(of.request().value(), u.at());
        }
      }
    }
    Map<RequestId, Folded> folded = new LinkedHashMap<>();
    if (touched.isEmpty()) {
      return folded;
    }
    Map<String, Object> ids = Map.of("ids", touched.keySet());
    Map<UUID, Stored> known = new HashMap<>();
    named.query(
        "select id, doc, sort_at from request where id in (:ids)",
        ids,
        row -> {
          known.put(
              row.getObject(1, UUID.class),
              new Stored(Docs.read(row.getString(2), RequestFacts.class), row.getLong(3)));
        });
    touched.forEach(
        (id, at) ->
            folded.put(
                new RequestId(id),
                new Folded(new RequestId(id), Optional.ofNullable(known.get(id)), at)));
    named.query(
        "select doc from access_grant where request_id in (:ids)",
        ids,
        row -> {
          GrantView grant = Docs.read(row.getString(1), GrantView.class);
          Folded f = Objects.requireNonNull(folded.get(grant.request()));
          f.grantsBefore.put(grant.id(), grant);
          f.grants.put(grant.id(), grant);
        });
    return folded;
  }

  private void save(Collection<Folded> all) {
    List<Object[]> inserts = new ArrayList<>();
    List<Object[]> updates = new ArrayList<>();
    List<Object[]> machines = new ArrayList<>();
    List<Object[]> moved = new ArrayList<>();
    List<Object[]> newGrants = new ArrayList<>();
    List<Object[]> grants = new ArrayList<>();
    for (Folded f : all) {
      UUID id = f.facts.id().value();
      (f.before.isPresent() ? updates : inserts).add(requestRow(f, id));
      long sortAt = f.sortAt();
      f.newMachines().forEach(m -> machines.add(new Object[] {sortAt, m, id}));
      if (f.hasMoved()) {
        f.machinesBefore().forEach(m -> moved.add(new Object[] {sortAt, m, id}));
      }
      f.grants.forEach(
          (grantId, grant) -> {
            if (!f.grantsBefore.containsKey(grantId)) {
              Instant seen = f.firstSeen.getOrDefault(grantId, f.seen);
              newGrants.add(
                  new Object[] {
                    grant.requestor(),
                    policy(grant),
                    phase(grant),
                    startsAt(grant),
                    Docs.write(grant),
                    id,
                    grant.machine().value(),
                    Docs.micros(seen),
                    grantId.value()
                  });
            } else if (!grant.equals(f.grantsBefore.get(grantId))) {
              grants.add(
                  new Object[] {
                    grant.requestor(),
                    policy(grant),
                    phase(grant),
                    startsAt(grant),
                    Docs.write(grant),
                    grantId.value()
                  });
            }
          });
    }
    batch(
        "insert into request (requestor, issuer, state, sort_at, doc, id)"
            + " values (?, ?, ?, ?, ?, ?)",
        inserts);
    batch(
        "update request set requestor = ?, issuer = ?, state = ?, sort_at = ?, doc = ?"
            + " where id = ?",
        updates);
    batch("insert into request_machine (sort_at, machine, request_id) values (?, ?, ?)", machines);
    batch("update request_machine set sort_at = ? where machine = ? and request_id = ?", moved);
    batch(
        "insert into access_grant (requestor, policy, phase, starts_at, doc, request_id, machine,"
            + " sort_at, id) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        newGrants);
    batch(
        "update access_grant set requestor = ?, policy = ?, phase = ?, starts_at = ?, doc = ?"
            + " where id = ?",
        grants);
    audience(all);
  }

  private static Object[] requestRow(Folded f, UUID id) {
    return new Object[] {
      f.facts.owner().subject(),
      f.facts.owner().issuer(),
      f.facts.view(f.grants.values()).state().name(),
      f.sortAt(),
      Docs.write(f.facts),
      id
    };
  }

  private static String policy(GrantView grant) {
    return grant.given().map(GrantView.Given::policy).orElse("");
  }

  /** The state but for whether a later start has come, which the reader's clock says. */
  private static String phase(GrantView grant) {
    return grant.state(Instant.MAX).name();
  }

  private static long startsAt(GrantView grant) {
    return grant.given().map(g -> Docs.micros(g.startsAt())).orElse(0L);
  }

  private void audience(Collection<Folded> all) {
    List<Object[]> gone = new ArrayList<>();
    List<Object[]> come = new ArrayList<>();
    List<Object[]> moved = new ArrayList<>();
    for (Folded f : all) {
      Set<Audience> before = f.before.map(RequestRows::names).orElse(Set.of());
      Set<Audience> after = names(f.facts);
      UUID id = f.facts.id().value();
      long sortAt = f.sortAt();
      before.stream()
          .filter(n -> !after.contains(n))
          .forEach(n -> gone.add(new Object[] {n.kind(), n.name(), id}));
      for (Audience n : after) {
        Object[] row = {sortAt, n.kind(), n.name(), id};
        if (!before.contains(n)) {
          come.add(row);
        } else if (f.hasMoved()) {
          moved.add(row);
        }
      }
    }
    batch("delete from request_audience where kind = ? and name = ? and request_id = ?", gone);
    batch(
        "insert into request_audience (sort_at, kind, name, request_id) values (?, ?, ?, ?)", come);
    batch(
        "update request_audience set sort_at = ? where kind = ? and name = ? and request_id = ?",
        moved);
  }

  private static Set<Audience> names(RequestFacts facts) {
    return facts.approvals().values().stream()
        .flatMap(a -> a.levels().stream())
        .flatMap(
            l ->
                Stream.concat(
                    l.groups().stream().map(Audience::group),
                    l.subjects().stream().map(Audience::of)))
        .collect(Collectors.toSet());
  }

  private void batch(String sql, List<Object[]> rows) {
    if (!rows.isEmpty()) {
      jdbc.batchUpdate(sql, rows);
    }
  }
}
