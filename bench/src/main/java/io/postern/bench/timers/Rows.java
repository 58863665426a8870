package io.postern.bench.timers;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;

/** Inserts timers into a table, many at a time, and lets the database take note of them. */
final class Rows {
  private static final int AT_ONCE = 5_000;

  interface Binder {
    void bind(PreparedStatement into, Due due) throws SQLException;
  }

  private Rows() {}

  static void insert(DataSource database, String sql, List<Due> timers, Binder binder)
      throws SQLException {
    try (Connection c = database.getConnection()) {
      c.setAutoCommit(false);
      try (PreparedStatement p = c.prepareStatement(sql)) {
        int n = 0;
        for (Due d : timers) {
          binder.bind(p, d);
          p.addBatch();
          if (++n % AT_ONCE == 0) {
            p.executeBatch();
          }
        }
        p.executeBatch();
      }
      c.commit();
      c.setAutoCommit(true);
      try (Statement s = c.createStatement()) {
        s.execute("ANALYZE");
      }
    }
  }
}
