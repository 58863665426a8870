package io.postern.request.sql;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.request.domain.RecordedEvent;
import io.postern.request.domain.Update;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;

/** The tables of the record, within a transaction. */
final class EventRows {
  private final JdbcTemplate jdbc;
  private final NamedParameterJdbcTemplate named;

  EventRows(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
    this.named = new NamedParameterJdbcTemplate(jdbc);
  }

  private record EventKey(String topic, String id) {}

  /**
   * Adds what is not there yet.
   *
   * @param next the position of the first
   * @return the position behind the last
   */
  long append(long next, List<Update> updates) {
    Map<EventKey, RecordedEvent> fresh = new LinkedHashMap<>();
    for (Update u : updates) {
      u.event().ifPresent(e -> fresh.putIfAbsent(new EventKey(u.topic(), e.id()), e));
    }
    if (fresh.isEmpty()) {
      return next;
    }
    // By the id alone, which an index begins with; the topic would not make it any quicker.
    named.query(
        "select topic, event_id from event where event_id in (:ids)",
        Map.of("ids", fresh.keySet().stream().map(EventKey::id).toList()),
        row -> {
          fresh.remove(new EventKey(row.getString(1), row.getString(2)));
        });
    Map<UUID, UUID> requests = requestsOf(fresh.values());
    List<Object[]> events = new ArrayList<>();
    List<Object[]> machines = new ArrayList<>();
    long position = next;
    for (Map.Entry<EventKey, RecordedEvent> entry : fresh.entrySet()) {
      RecordedEvent e = entry.getValue();
      long here = position++;
      events.add(
          new Object[] {
            here,
            entry.getKey().topic(),
            e.id(),
            e.type(),
            Docs.micros(e.at()),
            e.request()
                .map(RequestId::value)
                .or(() -> e.grant().map(g -> requests.get(g.value())))
                .orElse(null),
            e.grant().map(GrantId::value).orElse(null),
            e.person().orElse(null),
            e.sentence(),
            e.content()
          });
      e.machines().stream()
          .map(MachineId::value)
          .distinct()
          .forEach(m -> machines.add(new Object[] {m, here}));
    }
    batch(
        "insert into event (position, topic, event_id, type, at, request_id, grant_id, person,"
            + " sentence, doc) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        events);
    batch("insert into event_machine (machine, position) values (?, ?)", machines);
    return position;
  }

  /** Of wishes that name their grant only, whose grant is known. */
  private Map<UUID, UUID> requestsOf(Collection<RecordedEvent> events) {
    List<UUID> grants =
        events.stream()
            .filter(e -> e.request().isEmpty())
            .flatMap(e -> e.grant().stream())
            .map(GrantId::value)
            .toList();
    Map<UUID, UUID> requests = new HashMap<>();
    if (!grants.isEmpty()) {
      named.query(
          "select id, request_id from access_grant where id in (:ids)",
          Map.of("ids", grants),
          row -> {
            requests.put(row.getObject(1, UUID.class), row.getObject(2, UUID.class));
          });
    }
    return requests;
  }

  private void batch(String sql, List<Object[]> rows) {
    if (!rows.isEmpty()) {
      jdbc.batchUpdate(sql, rows);
    }
  }
}
