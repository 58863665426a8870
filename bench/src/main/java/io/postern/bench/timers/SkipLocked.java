package io.postern.bench.timers;

import io.postern.log.KafkaSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * {@code DELETE ... FOR UPDATE SKIP LOCKED RETURNING}, two threads, 500 a batch; what is announced
 * stands in the row.
 */
final class SkipLocked implements Contestant {
  private static final String TAKE =
      "DELETE FROM timers WHERE ctid = ANY(ARRAY(SELECT ctid FROM timers WHERE due <= ?"
          + " ORDER BY due LIMIT 500 FOR UPDATE SKIP LOCKED)) RETURNING id, body";

  private final DataSource database;
  private final Sink sink;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;

  SkipLocked(DataSource database, KafkaSettings kafka)
      throws SQLException, InterruptedException, ExecutionException {
    this.database = database;
    this.sink = new Sink(kafka, topic());
    try (Connection c = database.getConnection();
        Statement s = c.createStatement()) {
      s.execute("CREATE TABLE timers (id text PRIMARY KEY, due bigint NOT NULL, body bytea)");
      s.execute("CREATE INDEX timers_due ON timers (due)");
    }
    for (int i = 0; i < 2; i++) {
      threads.add(Thread.ofPlatform().daemon().name("skip-locked-" + i).start(this::run));
    }
  }

  private void run() {
    try (Connection c = database.getConnection();
        PreparedStatement take = c.prepareStatement(TAKE)) {
      while (!closed) {
        take.setLong(1, System.currentTimeMillis());
        int taken = 0;
        try (ResultSet rows = take.executeQuery()) {
          while (rows.next()) {
            sink.send(String.valueOf(rows.getString(1)), rows.getBytes(2));
            taken++;
          }
        }
        if (taken == 0) {
          TimeUnit.MILLISECONDS.sleep(2);
        }
      }
    } catch (SQLException e) {
      if (!closed) {
        throw new IllegalStateException(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String name() {
    return "PostgreSQL, SKIP LOCKED";
  }

  @Override
  public String topic() {
    return "bench.timers.skiplocked";
  }

  @Override
  public void hold(List<Due> timers) throws SQLException {
    Rows.insert(
        database,
        "INSERT INTO timers (id, due, body) VALUES (?, ?, ?)",
        timers,
        (p, d) -> {
          p.setString(1, Observer.name(d.id()));
          p.setLong(2, d.atMillis());
          p.setBytes(3, Sink.VALUE);
        });
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    for (Thread t : threads) {
      t.join(5_000);
    }
    sink.close();
  }
}
