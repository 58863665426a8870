package io.postern.bench.timers;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.serializer.JavaSerializer;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.postern.log.KafkaSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import javax.sql.DataSource;

/**
 * db-scheduler on PostgreSQL: lock-and-fetch, many threads, as its documentation advises. What is
 * announced is its task's data.
 */
final class DbScheduler implements Contestant {
  private static final int THREADS = 20;
  private static final byte[] DATA = new JavaSerializer().serialize(Sink.VALUE);

  private final DataSource database;
  private final Sink sink;
  private final Scheduler scheduler;

  DbScheduler(DataSource database, KafkaSettings kafka)
      throws SQLException, InterruptedException, ExecutionException {
    this.database = database;
    this.sink = new Sink(kafka, topic());
    try (Connection c = database.getConnection();
        Statement s = c.createStatement()) {
      s.execute(
          "CREATE TABLE scheduled_tasks (task_name text NOT NULL, task_instance text NOT NULL,"
              + " task_data bytea, execution_time timestamp with time zone NOT NULL,"
              + " picked boolean NOT NULL, picked_by text,"
              + " last_success timestamp with time zone, last_failure timestamp with time zone,"
              + " consecutive_failures int, last_heartbeat timestamp with time zone,"
              + " version bigint NOT NULL, priority smallint,"
              + " PRIMARY KEY (task_name, task_instance))");
      s.execute("CREATE INDEX execution_time_idx ON scheduled_tasks (execution_time)");
      s.execute("CREATE INDEX last_heartbeat_idx ON scheduled_tasks (last_heartbeat)");
    }
    OneTimeTask<byte[]> expire =
        Tasks.oneTime("expire", byte[].class)
            .execute((instance, context) -> sink.send(instance.getId(), instance.getData()));
    this.scheduler =
        Scheduler.create(database, expire)
            .threads(THREADS)
            .pollingInterval(Duration.ofMillis(10))
            .pollUsingLockAndFetch(4.0, 20.0)
            .build();
    scheduler.start();
  }

  @Override
  public String name() {
    return "db-scheduler 16";
  }

  @Override
  public String topic() {
    return "bench.timers.dbscheduler";
  }

  @Override
  public void hold(List<Due> timers) throws SQLException {
    Rows.insert(
        database,
        "INSERT INTO scheduled_tasks (task_name, task_instance, task_data, execution_time, picked,"
            + " version) VALUES ('expire', ?, ?, ?, false, 1)",
        timers,
        (p, d) -> {
          p.setString(1, Observer.name(d.id()));
          p.setBytes(2, DATA);
          p.setTimestamp(3, new Timestamp(d.atMillis()));
        });
  }

  @Override
  public void close() {
    scheduler.stop();
    sink.close();
  }
}
