package io.postern.request.sql;

import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/** The tables: made, and made again when somebody has taken some away. */
final class Schema {
  private static final String HISTORY = "read_model_schema_history";

  private static final List<String> TABLES =
      List.of(
          "projection",
          "projection_place",
          "request",
          "request_machine",
          "request_audience",
          "access_grant",
          "break_glass",
          "lockdown",
          "plan",
          "event",
          "event_machine",
          "address_proof");

  private final JdbcTemplate jdbc;
  private final Flyway flyway;

  Schema(DataSource source, JdbcTemplate jdbc) {
    this.jdbc = jdbc;
    this.flyway =
        Flyway.configure()
            .dataSource(source)
            .locations("classpath:read-model")
            .table(HISTORY)
            .baselineOnMigrate(true)
            .baselineVersion("0")
            .load();
  }

  /** Makes what lacks. Of a schema of which a part lacks everything is made anew, empty. */
  void make() {
    flyway.migrate();
    if (!isWhole()) {
      drop();
      flyway.migrate();
    }
  }

  /** Takes all tables away. */
  void drop() {
    TABLES.forEach(t -> jdbc.execute("drop table if exists " + t));
    jdbc.execute("drop table if exists \"" + HISTORY + "\"");
  }

  private boolean isWhole() {
    try {
      TABLES.forEach(t -> jdbc.queryForList("select 1 from " + t + " where 1 = 0"));
      return true;
    } catch (DataAccessException e) {
      return false;
    }
  }
}
