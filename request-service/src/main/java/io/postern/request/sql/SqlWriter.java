package io.postern.request.sql;

import io.postern.request.domain.Fact;
import io.postern.request.domain.ReadModelException;
import io.postern.request.domain.ReadModelWriter;
import io.postern.request.domain.Update;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Folds the log into the tables. What a batch of records does and how far that is are one
 * transaction, so that each record counts exactly once, whatever dies. All writers of a store take
 * turns by a lock on the one row of {@code projection}: positions of events are committed in their
 * order, and whoever reads behind a position misses none.
 */
final class SqlWriter implements ReadModelWriter {
  private static final Logger LOGGER = LoggerFactory.getLogger(SqlWriter.class);

  /** Changes with the shape of tables and documents: a store of another one is built anew. */
  private static final String VERSION = "2";

  private final JdbcTemplate jdbc;
  private final RequestRows requests;
  private final EventRows events;
  private final TransactionTemplate transactions;
  private final Schema schema;
  private final Live live;
  private boolean isRebuildWanted;
  // Once in a process: a contradiction that comes back is no accident.
  private boolean isRebuilt;

  /**
   * @param live what is told beside the store
   * @param rebuild whether to begin with an empty store whatever there is
   */
  SqlWriter(DataSource source, Live live, boolean rebuild) {
    this.jdbc = new JdbcTemplate(source);
    this.requests = new RequestRows(jdbc);
    this.events = new EventRows(jdbc);
    this.transactions = new TransactionTemplate(new JdbcTransactionManager(source));
    this.schema = new Schema(source, jdbc);
    this.live = live;
    this.isRebuildWanted = rebuild;
  }

  private record Head(String log, String generation, long nextPosition) {}

  @Override
  public Map<Place, Long> prepare(String log, Map<Place, Long> ends) {
    String made = VERSION + "/" + log;
    try {
      schema.make();
      Optional<Head> head = head("");
      Map<Place, Long> places = places();
      boolean isBehind =
          places.entrySet().stream()
              .allMatch(p -> p.getValue() <= ends.getOrDefault(p.getKey(), 0L));
      if (isRebuildWanted || head.filter(h -> h.log().equals(made)).isEmpty() || !isBehind) {
        if (head.isPresent()) {
          LOGGER.atInfo().addKeyValue("was", head.get().log()).log("the read model is built anew");
        }
        schema.drop();
        schema.make();
        jdbc.update(
            "insert into projection (one, log, generation, next_position) values (1, ?, ?, 1)",
            made,
            UUID.randomUUID().toString());
        places = Map.of();
        isRebuildWanted = false;
      }
      Map<Place, Long> next = new HashMap<>();
      Map<Place, Long> known = places;
      ends.keySet().forEach(p -> next.put(p, known.getOrDefault(p, 0L)));
      return next;
    } catch (DataAccessException | org.flywaydb.core.api.FlywayException e) {
      throw new ReadModelException("the read model's store is not ready", e);
    }
  }

  private Optional<Head> head(String lock) {
    return jdbc
        .query(
            "select log, generation, next_position from projection where one = 1" + lock,
            (row, i) -> new Head(row.getString(1), row.getString(2), row.getLong(3)))
        .stream()
        .findFirst();
  }

  private Map<Place, Long> places() {
    Map<Place, Long> places = new HashMap<>();
    jdbc.query(
        "select topic, part, next_offset from projection_place",
        row -> {
          places.put(new Place(row.getString(1), row.getInt(2)), row.getLong(3));
        });
    return places;
  }

  @Override
  public void apply(List<Update> updates) {
    try {
      transactions.executeWithoutResult(t -> write(updates));
    } catch (DuplicateKeyException e) {
      throw contradicted(e);
    } catch (DataAccessException | TransactionException e) {
      throw new ReadModelException("the read model's store takes nothing", e);
    }
    live.changed(updates);
  }

  // Everything is written once, in one transaction with how far that is: a row that is there
  // already is what a database has kept of a transaction that it lost.
  private ReadModelException contradicted(DuplicateKeyException e) {
    if (!isRebuilt) {
      LOGGER.atError().setCause(e).log("the read model contradicts itself, and is built anew");
      isRebuildWanted = true;
      isRebuilt = true;
    }
    return new ReadModelException("the read model's store contradicts itself", e);
  }

  @Override
  public void accepted(Fact.Submitted request) {
    live.accepted(request);
  }

  @Override
  public void isAsOf(Instant moment) {
    live.isAsOf(moment);
  }

  private void write(List<Update> updates) {
    Head head =
        head(" for update").orElseThrow(() -> new ReadModelException("the store is not prepared"));
    Map<Place, Long> before = places();
    Map<Place, Long> after = new LinkedHashMap<>();
    List<Update> fresh = new ArrayList<>();
    for (Update u : updates) {
      Place place = new Place(u.topic(), u.partition());
      if (u.offset() >= after.getOrDefault(place, before.getOrDefault(place, 0L))) {
        fresh.add(u);
        after.put(place, u.offset() + 1);
      }
    }
    if (fresh.isEmpty()) {
      return;
    }
    requests.fold(fresh);
    fresh.stream().flatMap(u -> u.facts().stream()).forEach(this::besides);
    long next = events.append(head.nextPosition(), fresh);
    after.forEach((place, offset) -> put(place, offset, before.containsKey(place)));
    jdbc.update("update projection set next_position = ? where one = 1", next);
  }

  private void put(Place place, long offset, boolean isThere) {
    jdbc.update(
        isThere
            ? "update projection_place set next_offset = ? where topic = ? and part = ?"
            : "insert into projection_place (next_offset, topic, part) values (?, ?, ?)",
        offset,
        place.topic(),
        place.partition());
  }

  private void besides(Fact fact) {
    switch (fact) {
      case Fact.BreakGlassUsed u -> {
        Object[] row = {u.policy(), u.justification(), Docs.micros(u.at()), u.grant().value()};
        put(
            "update break_glass set policy = ?, justification = ?, used_at = ? where grant_id = ?",
            "insert into break_glass (policy, justification, used_at, grant_id)"
                + " values (?, ?, ?, ?)",
            row);
      }
      case Fact.BreakGlassReviewed r ->
          put(
              "update break_glass set reviewed_by = ? where grant_id = ?",
              "insert into break_glass (reviewed_by, grant_id) values (?, ?)",
              r.by(),
              r.grant().value());
      case Fact.LockedDown l ->
          put(
              "update lockdown set doc = ? where machine = ?",
              "insert into lockdown (doc, machine) values (?, ?)",
              Docs.write(l.view()),
              l.machine().value());
      case Fact.Planned p ->
          put(
              "update plan set doc = ? where change_id = ? and machine = ?",
              "insert into plan (doc, change_id, machine) values (?, ?, ?)",
              Docs.write(p.plan()),
              p.changeId(),
              p.plan().machine().value());
      case Fact.Lifted l ->
          jdbc.update("delete from lockdown where machine = ?", l.machine().value());
      case Fact.OfRequest ignored -> {
        // Folded into its request before.
      }
    }
  }

  private void put(String update, String insert, Object... row) {
    if (jdbc.update(update, row) == 0) {
      jdbc.update(insert, row);
    }
  }
}
